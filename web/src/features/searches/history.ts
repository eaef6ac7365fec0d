/** The queries one has run in this browser, newest first. They stay here: the server keeps its own record in the audit log. */
import { useCallback, useSyncExternalStore } from "react";

import { useSession } from "../../state/session";
import { format, withoutSettings } from "../../state/url";

export interface Run {
  /** The parameters of the address: query, language, range and filters. */
  search: string;
  query: string;
  lang: string;
  /** When it was last run, milliseconds since the epoch. */
  at: number;
  /** How it ended; absent while it runs, or where the page was left. */
  end?: { rows: number; ms: number } | "failed" | "cancelled";
}

export const MOST_RUNS = 100;
/** Longer queries are not kept: storage is small, and shared with all else. */
const LONGEST = 20_000;

/** The list with a run on top; the same question is in it once. */
export function withRun(runs: readonly Run[], run: Run): Run[] {
  if (run.search.length > LONGEST) return [...runs];
  return [run, ...runs.filter(({ search }) => search !== run.search)].slice(0, MOST_RUNS);
}

/** The list with the end of a run that is in it. */
export function withEnd(runs: readonly Run[], search: string, end: NonNullable<Run["end"]>): Run[] {
  return runs.map((run) => (run.search === search ? { ...run, end } : run));
}

/** What a stored text holds; nothing of what is no run. */
export function parseRuns(text: string | null): Run[] {
  try {
    const found: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(found) ? found.filter(isRun).slice(0, MOST_RUNS) : [];
  } catch {
    return [];
  }
}

function isRun(value: unknown): value is Run {
  const { search, query, lang, at } = (value ?? {}) as Partial<Record<keyof Run, unknown>>;
  return typeof search === "string" && typeof query === "string" && typeof lang === "string" && typeof at === "number";
}

/** The parameters of an address that say what is asked, without those of the page's look. */
export function askedAt(params: URLSearchParams): string {
  const kept = withoutSettings(params);
  for (const key of ["row", "view", "chart", "saved", "tail"]) kept.delete(key);
  return format(kept);
}

/** Several people may use one browser; each has a history of their own. */
const keyOf = (user: string) => `trailhound.history${user === "" ? "" : `.${user}`}`;

const watching = new Set<() => void>();
/** Where storage is forbidden, the history lasts as long as the page. */
const unstored = new Map<string, string>();
const parsed = new Map<string, { text: string | null; runs: Run[] }>();

function load(key: string): Run[] {
  let text: string | null = unstored.get(key) ?? null;
  try {
    text = window.localStorage.getItem(key) ?? text;
  } catch {
    // See `unstored`.
  }
  const known = parsed.get(key);
  if (known && known.text === text) return known.runs;
  const runs = parseRuns(text);
  parsed.set(key, { text, runs });
  return runs;
}

function store(key: string, runs: readonly Run[]): void {
  const text = JSON.stringify(runs);
  try {
    window.localStorage.setItem(key, text);
    unstored.delete(key);
  } catch {
    unstored.set(key, text);
  }
  for (const changed of watching) changed();
}

function subscribe(changed: () => void): () => void {
  watching.add(changed);
  window.addEventListener("storage", changed);
  return () => {
    watching.delete(changed);
    window.removeEventListener("storage", changed);
  };
}

export interface History {
  runs: readonly Run[];
  begin: (run: Run) => void;
  end: (search: string, end: NonNullable<Run["end"]>) => void;
  forget: () => void;
}

export function useHistory(): History {
  const key = keyOf(useSession()?.user?.name ?? "");
  const runs = useSyncExternalStore(subscribe, () => load(key));
  const begin = useCallback((run: Run) => store(key, withRun(load(key), run)), [key]);
  const end = useCallback((search: string, how: NonNullable<Run["end"]>) => store(key, withEnd(load(key), search, how)), [key]);
  const forget = useCallback(() => store(key, []), [key]);
  return { runs, begin, end, forget };
}
