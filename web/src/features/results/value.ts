/** The values of a result as text, numbers and instants. */
import type { Column, Row, Value } from "../../api/types";
import { isInstant } from "../../i18n/format";

/** As it is copied, exported and filtered by. Lists one element a line. */
export function textOf(value: Value | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(textOf).join("\n");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export function numberOf(value: Value | undefined): number | null {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value.trim() === "") return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** Milliseconds since the epoch of an ISO text; of a number, where it is seconds as Splunk counts them. */
export function instantMs(value: Value | undefined): number | null {
  if (isInstant(value)) return Date.parse(value);
  const number = numberOf(value);
  return number !== null && number > 1e8 && number < 1e11 ? number * 1000 : null;
}

const TIME_NAMES =
  /^(_time|time|first|last|earliest|latest|(min|max|earliest|latest|first|last)\(_time\)|.*_time|eventTime|firstTime|lastTime)$/i;

/** Columns whose numbers are instants: Splunk's times are seconds since 1970. */
export function isTimeColumn(name: string): boolean {
  return TIME_NAMES.test(name);
}

/** The columns of a result: as the server announced them, else as the rows have them. */
export function columnsOf(columns: readonly Column[] | undefined, rows: readonly Row[]): string[] {
  if (columns && columns.length > 0) return columns.map(({ name }) => name);
  const names = new Set<string>();
  for (const row of rows.slice(0, 200)) for (const name of Object.keys(row)) names.add(name);
  return [...names];
}
