/** Saved searches: the server's types under the names the page uses, and the calls that read and change them. */
import { getJson, sendJson } from "./client";
import type { Schemas } from "./types";

export type SavedSearch = Schemas["StoredSearch"];
export type SearchDraft = Schemas["SearchDraft"];

const pathOf = (id: string) => `/searches/${encodeURIComponent(id)}`;

export const listSearches = (signal?: AbortSignal) => getJson<SavedSearch[]>("/searches", signal);
export const saveSearch = (draft: SearchDraft) => sendJson<SavedSearch>("POST", "/searches", draft);
export const changeSearch = (id: string, draft: SearchDraft) => sendJson<SavedSearch>("PUT", pathOf(id), draft);
export const deleteSearch = (id: string) => sendJson<null>("DELETE", pathOf(id));
