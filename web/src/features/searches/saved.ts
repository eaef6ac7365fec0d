/** What a saved search is beside the address of Search: one is made from the other. */
import type { SavedSearch, SearchDraft } from "../../api/searches";
import { readConditions, writeSwitchedOff, type Condition } from "../../state/filters";
import { readRange } from "../../state/time-range";
import { linkTo } from "../../state/url";

/** Whose name the list has; the page asks once and shares the answer. */
export const SEARCHES = "searches";

/** The address of a saved search; its own range and filters, not those of the view that one comes from. */
export function linkOf(search: SavedSearch, current: URLSearchParams): string {
  const settings = new URLSearchParams(current);
  writeSwitchedOff(settings, []);
  return linkTo("/search", settings, {
    range: { since: search.since ?? null, until: search.until ?? null },
    conditions: conditionsOf(search),
    own: { q: search.query, ql: search.lang ?? "auto", saved: search.id },
  });
}

export function conditionsOf({ filters }: Pick<SearchDraft, "filters">): Condition[] {
  return (filters ?? []).map(({ field, op, values }) => ({ field, op, values: [...values] }));
}

/** What is asked at an address, under a name. */
export function draftOf(name: string, shared: boolean, lang: string, query: string, params: URLSearchParams): SearchDraft {
  const { since, until } = readRange(params);
  return {
    name,
    shared,
    lang,
    query,
    ...(since === null ? {} : { since }),
    ...(until === null ? {} : { until }),
    filters: readConditions(params).map(({ field, op, values }) => ({ field, op, values })),
  };
}

/** A search as it would be saved again, its name and whether it is shared apart. */
export function contentOf({ name, shared, lang, query, since, until, filters }: SearchDraft | SavedSearch): SearchDraft {
  return { name, shared, lang, query, since, until, filters: filters ?? [] } as SearchDraft;
}

/** True where the address asks something else than what is saved. */
export function differs(search: SavedSearch, lang: string, query: string, params: URLSearchParams): boolean {
  const plain = (draft: SearchDraft | SavedSearch) => {
    const conditions = conditionsOf(draft)
      .map(({ field, op, values }) => `${field} ${op} ${[...values].sort().join("\n")}`)
      .sort();
    return JSON.stringify([draft.lang ?? "auto", draft.query.trim(), draft.since ?? null, draft.until ?? null, conditions]);
  };
  return plain(search) !== plain(draftOf(search.name, false, lang, query, params));
}

/** Those that have all the words in their name, owner or text. */
export function matching(searches: readonly SavedSearch[], typed: string): SavedSearch[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return searches.filter(({ name, owner, query }) => {
    const text = `${name} ${owner ?? ""} ${query}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
