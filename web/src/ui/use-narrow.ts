/** True on a screen too narrow for rows of many columns; the same width as in the style sheets. */
import { useSyncExternalStore } from "react";

const QUERY = "(max-width: 900px)";

function subscribe(listener: () => void): () => void {
  const query = window.matchMedia(QUERY);
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}

export const useNarrow = (): boolean => useSyncExternalStore(subscribe, () => window.matchMedia(QUERY).matches);
