/** Ingestion health: each source, and what could not be read. */
import { useEffect } from "react";

import { getSources } from "../api/ingestion";
import { ErrorMessage } from "../features/query/error-message";
import { useFetched } from "../features/query/use-fetched";
import { QuarantineSection } from "../features/sources/quarantine";
import { SourceTable } from "../features/sources/source-table";
import { useSettings } from "../i18n";

const EVERY_SECONDS = 10;

export function SourcesView() {
  const { m } = useSettings();
  const t = m.ingestion.sources;
  const { value, error, loading, reload } = useFetched("sources", getSources, EVERY_SECONDS);
  useEffect(() => {
    document.title = `${t.title} – Trailhound`;
  }, [t]);
  return (
    <div className="view sources-view" aria-busy={loading && value === null}>
      <header className="view-header">
        <h1>{t.title}</h1>
        <p>{t.intro}</p>
      </header>
      {error && <ErrorMessage error={error} onRetry={reload} />}
      {!value && !error && (
        <p className="message" role="status">
          {m.states.loading}
        </p>
      )}
      {value && value.sources.length === 0 && (
        <div className="message card">
          <strong>{t.none}</strong>
          <p>{t.noneHelp}</p>
        </div>
      )}
      {value && value.sources.length > 0 && <SourceTable sources={value.sources} />}
      <QuarantineSection />
    </div>
  );
}
