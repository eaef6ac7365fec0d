/** How many alerts are open, for the navigation; asked again every half minute and after each change made here. */
import { useEffect } from "react";

import { getAlerts } from "../../api/detections";
import { useFetched } from "../query/use-fetched";

const CHANGED = "trailhound:alerts-changed";
const EVERY_SECONDS = 30;

/** To be called after alerts were changed. */
export function alertsChanged(): void {
  window.dispatchEvent(new Event(CHANGED));
}

/** Null until known, and where this caller may not see alerts. */
export function useOpenAlerts(): number | null {
  const { value, error, reload } = useFetched("open", (signal) => getAlerts({ status: "open", limit: 1 }, signal), EVERY_SECONDS);
  useEffect(() => {
    window.addEventListener(CHANGED, reload);
    return () => window.removeEventListener(CHANGED, reload);
  }, [reload]);
  return error ? null : (value?.counts.open ?? null);
}
