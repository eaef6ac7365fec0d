/** Which log's values a filter offers: those of the logs that the view asks. */
import type { FieldEntry, LogTypeEntry } from "../../api/types";

/** A question of the view. */
export interface Asked {
  lang: string;
  query: string;
}

/** The log that queries are about that name none, and the view across all of them. */
const USUAL = "cloudtrail";
const ACROSS = "all";

const SOURCETYPE = /\bsourcetype\s*=\s*"?([\w:*.-]+)"?/gi;
const FROM = /\b(?:from|join)\s+"?([\w.]+)"?/gi;

/** The tables that queries read, by the names that they use for them. */
export function tablesOf(asked: readonly Asked[], logTypes: readonly LogTypeEntry[]): string[] {
  const found = new Set<string>();
  for (const { lang, query } of asked) {
    const words = lang === "spl" ? wordsOf(query, SOURCETYPE) : lang === "sql" ? wordsOf(query, FROM) : [];
    const tables = words.flatMap((word) => tableOf(word, logTypes) ?? []);
    for (const table of words.length === 0 ? [USUAL] : tables) found.add(table);
  }
  return [...found];
}

const wordsOf = (query: string, pattern: RegExp): string[] => [...query.matchAll(pattern)].map(([, word]) => (word ?? "").toLowerCase());

function tableOf(word: string, logTypes: readonly LogTypeEntry[]): string | null {
  if (word === ACROSS) return ACROSS;
  const means = ({ id, sourcetypes, sql_tables: sql }: LogTypeEntry) =>
    [id, ...sourcetypes, ...sql].some((name) => name.toLowerCase() === word);
  return logTypes.find(means)?.id ?? null;
}

/** Where the values of a filter's field are: a table, and the column that it means there. */
export interface Offering {
  table: string;
  column: string;
}

/**
 * As the server takes a filter: a name of the table, else the column that fills the same shared field. Of several tables
 * the view across all logs is asked; where no table has the field, nothing is offered.
 */
export function offeringOf(field: string, tables: readonly string[], entries: readonly FieldEntry[]): Offering | null {
  const table = tables.length > 1 ? ACROSS : (tables[0] ?? USUAL);
  if (table === USUAL) return { table, column: field };
  const own = entries.find((entry) => entry.table === table && isNamed(entry, field));
  const shared = entries.find((entry) => isNamed(entry, field) && entry.common)?.common;
  const filled = entries.find((entry) => entry.table === table && (entry.common ?? entry.column) === shared);
  const column = own?.column ?? (shared ? filled?.column : null);
  return column ? { table, column } : null;
}

function isNamed({ column, cloudtrail, splunk }: FieldEntry, name: string): boolean {
  return [column, cloudtrail, ...(splunk ?? [])].includes(name);
}
