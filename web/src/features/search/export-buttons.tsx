/** The result as a file. What the page has not loaded is asked for anew, so that the file is whole. */
import { useEffect, useRef, useState } from "react";

import { isAbort } from "../../api/client";
import type { QueryRequest } from "../../api/types";
import { useSettings } from "../../i18n";
import { formatNumber, zoneName } from "../../i18n/format";
import { download, downloadFile } from "../../ui/copy";
import { Icon } from "../../ui/icon";
import { useToast } from "../../ui/toast";
import { asApiError } from "../query/use-fetched";
import type { Rows } from "../query/use-rows";
import { csvFile } from "../results/csv";
import { exportRows, FORMATS, MOST_ROWS, type Format } from "../results/export";

const NAMES: Record<Format, string> = { csv: "CSV", json: "JSON", parquet: "Parquet" };

interface ExportProps {
  columns: readonly string[];
  rows: Rows;
  request: QueryRequest;
}

export function ExportButtons({ columns, rows, request }: ExportProps) {
  const { m, language } = useSettings();
  const t = m.searches.export;
  const { running, start, cancel } = useExport(request);
  if (rows.rows.length === 0) return null;
  if (running !== null) {
    return (
      <span className="export">
        <span className="progress" role="status">
          <span className="spinner" aria-hidden="true" /> {running === 0 ? t.preparing : t.progress(formatNumber(running, language))}
        </span>
        <button type="button" className="button small" onClick={cancel}>
          <Icon name="stop" />
          {m.search.cancel}
        </button>
      </span>
    );
  }
  const whole = rows.state === "done" && rows.end?.truncated === false;
  const run = (format: Format) => {
    if (!whole || format === "parquet") start(format);
    else if (format === "csv") download("trailhound.csv", "text/csv;charset=utf-8", csvFile(columns, rows.rows));
    else download("trailhound.ndjson", "application/x-ndjson", rows.rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  };
  return (
    <span className="export">
      {FORMATS.map((format) => (
        <button key={format} type="button" className="button small" title={t.hint} onClick={() => run(format)}>
          <Icon name="download" />
          {NAMES[format]}
        </button>
      ))}
    </span>
  );
}

/** `running`: rows that have come, null while nothing is exported. Another question, or leaving, cancels. */
function useExport(request: QueryRequest) {
  const { m, language, zone } = useSettings();
  const toast = useToast();
  const [running, setRunning] = useState<number | null>(null);
  const own = useRef<AbortController>(null);
  const key = JSON.stringify(request);
  useEffect(() => () => own.current?.abort(), [key]);
  const start = (format: Format) => {
    const controller = new AbortController();
    own.current = controller;
    setRunning(0);
    exportRows({ timezone: zoneName(zone), ...request }, format, setRunning, controller.signal)
      .then(({ name, file, truncated }) => {
        downloadFile(name, file);
        if (truncated) toast(m.searches.export.truncated(formatNumber(MOST_ROWS, language)));
      })
      .catch((error: unknown) => {
        if (!controller.signal.aborted && !isAbort(error)) toast(`${m.searches.export.failed}: ${asApiError(error).message}`);
      })
      .finally(() => setRunning(null));
  };
  return { running, start, cancel: () => own.current?.abort() };
}
