/** Routing over the browser's history: the page has few routes, and the query string is the state. */
import { useCallback, useMemo, useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent, type ReactNode } from "react";

import { format } from "./state/url";

const CHANGED = "trailhound:navigated";

export function navigate(to: string, options: { replace?: boolean } = {}): void {
  if (to === window.location.pathname + window.location.search) return;
  if (options.replace) window.history.replaceState(null, "", to);
  else window.history.pushState(null, "", to);
  window.dispatchEvent(new Event(CHANGED));
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener("popstate", listener);
    window.removeEventListener(CHANGED, listener);
  };
}

export interface Location {
  path: string;
  params: URLSearchParams;
}

export function useLocation(): Location {
  const path = useSyncExternalStore(subscribe, () => window.location.pathname);
  const search = useSyncExternalStore(subscribe, () => window.location.search);
  return useMemo(() => ({ path, params: new URLSearchParams(search) }), [path, search]);
}

/** Changes parameters of the current view. The newest URL is read at the call, so that two changes in a row both hold. */
export function useSetParams(): (change: (params: URLSearchParams) => void, options?: { replace?: boolean }) => void {
  return useCallback((change, options) => {
    const params = new URLSearchParams(window.location.search);
    change(params);
    navigate(window.location.pathname + format(params), options);
  }, []);
}

type LinkProps = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href"> & { to: string; children: ReactNode };

/** A real link (new tab, copy address, screen readers) that changes the view without loading the page again. */
export function Link({ to, onClick, children, ...rest }: LinkProps) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (event.defaultPrevented || !plain) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <a href={to} onClick={follow} {...rest}>
      {children}
    </a>
  );
}
