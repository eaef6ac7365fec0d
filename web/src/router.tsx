/** Routing over the browser's history: the page has few routes, and the query string is the state. */
import {
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type AnchorHTMLAttributes,
  type MouseEvent,
  type ReactNode,
} from "react";

import { format } from "./state/url";

const CHANGED = "trailhound:navigated";

/** Asked before the view changes; true: it takes care, and calls `go` where the change is to happen after all. */
type Guard = (to: string, go: () => void) => boolean;
let guard: Guard | null = null;
/** The address that is shown; the browser's buttons change theirs before anybody is asked. */
let shown = "";

/** Before all other listeners: a window calls them in the order in which they came, whatever they are registered for. */
function onPop(event: Event): void {
  const to = window.location.pathname + window.location.search;
  const go = () => {
    guard = null;
    navigate(to);
  };
  if (guard?.(to, go)) {
    event.stopImmediatePropagation();
    window.history.pushState(null, "", shown);
  } else shown = to;
}

if (typeof window !== "undefined") {
  shown = window.location.pathname + window.location.search;
  window.addEventListener("popstate", onPop);
}

export function navigate(to: string, options: { replace?: boolean } = {}): void {
  if (to === window.location.pathname + window.location.search) return;
  const go = () => {
    guard = null;
    navigate(to, options);
  };
  if (guard?.(to, go)) return;
  shown = to;
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

/**
 * Keeps what is unsaved: leaving is asked about, by a link, by the browser's buttons, by closing the window. `leaves` says which
 * addresses of the page are elsewhere. Returns what waits for the answer.
 */
export function useLeaveGuard(unsaved: boolean, leaves: (to: URL) => boolean): { go: () => void; stay: () => void } | null {
  const [pending, setPending] = useState<(() => void) | null>(null);
  const latest = useRef(leaves);
  latest.current = leaves;
  useEffect(() => {
    if (!unsaved) return;
    const own: Guard = (to, go) => {
      if (!latest.current(new URL(to, window.location.origin))) return false;
      setPending(() => go);
      return true;
    };
    guard = own;
    const onUnload = (event: Event) => event.preventDefault();
    window.addEventListener("beforeunload", onUnload);
    return () => {
      if (guard === own) guard = null;
      window.removeEventListener("beforeunload", onUnload);
    };
  }, [unsaved]);
  if (!pending) return null;
  return {
    go: () => {
      setPending(null);
      pending();
    },
    stay: () => setPending(null),
  };
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
