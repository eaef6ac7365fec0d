/** The one place that calls `fetch`. What the server says is wrong arrives as an `ApiError`, whatever its form. */
import { linesOf } from "./ndjson";
import type {
  ApiErrorBody,
  DashboardProblem,
  DashboardSummary,
  Diagnostic,
  EventRecord,
  Explanation,
  FieldEntry,
  LanguageEntry,
  LogTypeEntry,
  QueryEnd,
  QueryMeta,
  QueryRequest,
  Row,
  Session,
  Status,
} from "./types";

const BASE = "/api/v1";

export class ApiError extends Error {
  constructor(
    /** The HTTP status; 0 where the server was not reached. */
    readonly status: number,
    readonly code: string,
    message: string,
    readonly diagnostics: readonly Diagnostic[] = [],
    /** Of a dashboard: all that is wrong with it. */
    readonly problems: readonly DashboardProblem[] = [],
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** The token that requests which change something carry; it comes with the session. */
let csrf: string | null = null;
let onSignedOut: () => void = () => undefined;

/** Told when the server no longer knows the session. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

export async function getSession(signal?: AbortSignal): Promise<Session> {
  return keepToken(await getJson<Session>("/session", signal));
}

export async function signIn(name: string, password: string): Promise<Session> {
  const response = await call("/session", { method: "POST", json: { name, password } });
  const text = await response.text();
  return text === "" ? getSession() : keepToken(JSON.parse(text) as Session);
}

export async function signOut(): Promise<void> {
  await call("/session", { method: "DELETE" });
  csrf = null;
}

function keepToken(session: Session): Session {
  csrf = session.csrf ?? null;
  return session;
}

export const getDashboards = (signal?: AbortSignal) => getJson<DashboardSummary[]>("/dashboards", signal);
export const getEvent = (id: string, signal?: AbortSignal) => getJson<EventRecord>(`/events/${encodeURIComponent(id)}`, signal);
export const getFields = (signal?: AbortSignal) => getJson<FieldEntry[]>("/fields", signal);
export const getLogTypes = (signal?: AbortSignal) => getJson<LogTypeEntry[]>("/log-types", signal);
export const getLanguages = (signal?: AbortSignal) => getJson<LanguageEntry[]>("/languages", signal);
export const getStatus = (signal?: AbortSignal) => getJson<Status>("/status", signal);

/** How a query is understood; `to` asks for its text in another language. */
export async function explain(
  lang: string,
  query: string,
  signal?: AbortSignal,
  to?: string,
  { since, until }: { since?: string | null; until?: string | null } = {},
): Promise<Explanation> {
  const json = { lang, query, ...(to ? { to } : {}), ...(since ? { since } : {}), ...(until ? { until } : {}) };
  const response = await call("/explain", { method: "POST", json, signal });
  return (await response.json()) as Explanation;
}

export interface QueryListener {
  onMeta?: (meta: QueryMeta) => void;
  /** Rows in arrival order, several at a time. */
  onRows?: (rows: Row[]) => void;
}

const BATCH = 200;

/** Runs a query and passes its rows on as they come. Resolves when all are there; aborting the signal cancels it. */
export async function runQuery(request: QueryRequest, listener: QueryListener, signal?: AbortSignal): Promise<QueryEnd> {
  const response = await call("/query", { method: "POST", json: { ...request, meta: true }, signal });
  if (!response.body) throw new ApiError(0, "no-body", "The server sent no rows.");
  let batch: Row[] = [];
  const flush = () => {
    if (batch.length > 0) listener.onRows?.(batch);
    batch = [];
  };
  for await (const line of linesOf(response.body)) {
    const value = JSON.parse(line) as Row;
    if ("_meta" in value) listener.onMeta?.(value["_meta"] as unknown as QueryMeta);
    else if ("_error" in value) throw errorOf(200, value["_error"]);
    else if ("_end" in value) {
      flush();
      return value["_end"] as unknown as QueryEnd;
    } else if (batch.push(value) >= BATCH) flush();
  }
  throw new ApiError(0, "cut-off", "The answer ended before its last line.");
}

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await call(path, { method: "GET", signal });
  return (await response.json()) as T;
}

/** Sends a change; null where the server answers without a body. */
export async function sendJson<T>(
  method: "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  json?: unknown,
  signal?: AbortSignal,
): Promise<T | null> {
  const response = await call(path, { method, json, signal });
  const text = await response.text();
  return text === "" ? null : (JSON.parse(text) as T);
}

/** A query string of what is set; lists repeat their name. */
export function queryString(values: Record<string, string | number | readonly string[] | null | undefined>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [value as string | number | null | undefined]) {
      if (one !== null && one !== undefined && one !== "") params.append(name, String(one));
    }
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

interface CallOptions {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  json?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/** A request as it is; for answers whose headers matter. */
export async function call(path: string, { method, json, headers: own, signal }: CallOptions): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json, application/x-ndjson", ...own };
  if (json !== undefined) headers["content-type"] = "application/json";
  if (method !== "GET" && csrf !== null) headers["x-csrf-token"] = csrf;
  const body = json === undefined ? null : JSON.stringify(json);
  let response: Response;
  try {
    response = await fetch(BASE + path, { method, headers, body, credentials: "same-origin", signal: signal ?? null });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError(0, "unreachable", "The server did not answer.");
  }
  if (response.ok) return response;
  const error = errorOf(response.status, await bodyOf(response));
  if (response.status === 401 && path !== "/session") onSignedOut();
  throw error;
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    const body = (await response.json()) as { error?: unknown };
    return body.error;
  } catch {
    return null;
  }
}

export function errorOf(status: number, body: unknown): ApiError {
  const { code, message, diagnostics, problems } = (body ?? {}) as Partial<ApiErrorBody>;
  return new ApiError(status, code ?? `http-${status}`, message ?? `HTTP ${status}`, diagnostics ?? [], problems ?? []);
}

/** True for the error that aborting a request ends it with. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
