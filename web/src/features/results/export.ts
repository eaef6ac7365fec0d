/** The whole answer to a query as a file: asked anew, with all the rows that the server gives. */
import { call, runQuery } from "../../api/client";
import type { QueryRequest, Row } from "../../api/types";
import { csvFile, toCsv } from "./csv";
import { columnsOf } from "./value";

export const FORMATS = ["csv", "json", "parquet"] as const;
export type Format = (typeof FORMATS)[number];

/** Rows that a server gives at most, unless it is set otherwise. */
export const MOST_ROWS = 1_000_000;

export interface Exported {
  name: string;
  file: Blob;
  /** There were more rows than the file has. */
  truncated: boolean;
}

/** `onProgress` is told of the rows that have come; of a Parquet file the server sends none before it is done. */
export async function exportRows(
  request: QueryRequest,
  format: Format,
  onProgress: (rows: number) => void,
  signal: AbortSignal,
): Promise<Exported> {
  const whole = { ...request, limit: MOST_ROWS };
  if (format === "parquet") return parquet(whole, signal);
  const parts = new Parts(format);
  let count = 0;
  const end = await runQuery(
    whole,
    {
      onMeta: (meta) => parts.begin(columnsOf(meta.columns, [])),
      onRows: (rows) => {
        parts.add(rows);
        onProgress((count += rows.length));
      },
    },
    signal,
  );
  return { name: `trailhound.${format === "csv" ? "csv" : "ndjson"}`, file: parts.blob(), truncated: end.truncated };
}

async function parquet(request: QueryRequest, signal: AbortSignal): Promise<Exported> {
  const json: QueryRequest = { ...request, format: "parquet" };
  const response = await call("/query", { method: "POST", json, signal });
  const truncated = response.headers.get("x-trailhound-truncated") === "true";
  return { name: "trailhound.parquet", file: await response.blob(), truncated };
}

/** Text gathered into pieces as it comes: a million rows are more than one string should be. */
class Parts {
  private readonly pieces: Blob[] = [];
  private columns: readonly string[] = [];
  private readonly format: "csv" | "json";

  constructor(format: "csv" | "json") {
    this.format = format;
  }

  begin(columns: readonly string[]) {
    this.columns = columns;
    if (this.format === "csv" && columns.length > 0) this.pieces.push(new Blob([csvFile(columns, [])]));
  }

  add(rows: readonly Row[]) {
    // Some queries name their columns by what they find.
    if (this.columns.length === 0) this.begin(columnsOf([], rows));
    const text = this.format === "csv" ? toCsv(this.columns, rows, false) : rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    this.pieces.push(new Blob([text]));
  }

  blob(): Blob {
    return new Blob(this.pieces, { type: this.format === "csv" ? "text/csv;charset=utf-8" : "application/x-ndjson" });
  }
}
