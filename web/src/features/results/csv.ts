/** Results as CSV (RFC 4180), safe to open in a spreadsheet: what looks like a formula is written as text. */
import type { Row, Value } from "../../api/types";
import { textOf } from "./value";

const FORMULA = /^[\s]*[=+\-@\t\r]/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

export function toCsv(columns: readonly string[], rows: readonly Row[], headings = true): string {
  const lines = [...(headings ? [columns.map(field)] : []), ...rows.map((row) => columns.map((column) => field(row[column] ?? null)))];
  return lines.map((cells) => `${cells.join(",")}\r\n`).join("");
}

function field(value: Value): string {
  const text = neutral(textOf(value));
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** An apostrophe in front makes a spreadsheet take the cell as text; plain numbers need none. */
function neutral(text: string): string {
  return FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
}

/** A byte order mark in front, without which Excel reads Japanese as another encoding. */
export function csvFile(columns: readonly string[], rows: readonly Row[]): string {
  return `\uFEFF${toCsv(columns, rows)}`;
}
