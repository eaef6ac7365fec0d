/** An error as a person can use it: what it says, the characters it means, and what can be done. */
import type { ApiError } from "../../api/client";
import type { Diagnostic } from "../../api/types";
import { useSettings } from "../../i18n";
import { diagnosticsJa } from "../../i18n/diagnostics.ja";
import { Link } from "../../router";
import { positionOf, toUtf16 } from "../search/span";

interface ErrorMessageProps {
  error: ApiError;
  /** The query that the diagnostics point into. */
  query?: string | undefined;
  onRetry?: (() => void) | undefined;
  searchLink?: string | undefined;
}

export function ErrorMessage({ error, query, onRetry, searchLink }: ErrorMessageProps) {
  const { m } = useSettings();
  return (
    <div className="message left error-message" role="alert">
      <strong>{titleOf(error, m)}</strong>
      {error.status !== 0 && error.diagnostics.length === 0 && <p>{error.message}</p>}
      {query !== undefined &&
        error.diagnostics.map((diagnostic, index) => <DiagnosticView key={index} diagnostic={diagnostic} query={query} />)}
      <p className="error-actions">
        {onRetry && (
          <button type="button" className="button small" onClick={onRetry}>
            {m.panel.retry}
          </button>
        )}
        {searchLink && (
          <Link to={searchLink} className="button small">
            {m.panel.openInSearch}
          </Link>
        )}
      </p>
    </div>
  );
}

function titleOf(error: ApiError, m: ReturnType<typeof useSettings>["m"]): string {
  const byCode: Record<string, string> = {
    unreachable: m.states.unreachable,
    "cut-off": m.states.cutOff,
    deadline: m.states.timeout,
    "scan-budget": m.states.tooMuch,
    memory: m.states.tooMuchMemory,
  };
  const byStatus: Record<number, string> = { 400: m.panel.failed, 403: m.states.forbidden, 429: m.states.busy, 503: m.states.busy };
  return byCode[error.code] ?? byStatus[error.status] ?? m.states.errorTitle;
}

/** The line of the query with the characters underlined, the message below. */
export function DiagnosticView({
  diagnostic,
  query,
  onSuggestion,
}: {
  diagnostic: Diagnostic;
  query: string;
  onSuggestion?: (() => void) | undefined;
}) {
  const { m, language } = useSettings();
  const translated = language === "ja" ? diagnosticsJa[diagnostic.code] : undefined;
  const { from, to } = toUtf16(query, diagnostic.span);
  const lineStart = query.lastIndexOf("\n", from - 1) + 1;
  const found = query.indexOf("\n", from);
  const lineEnd = found < 0 ? query.length : found;
  const end = Math.min(Math.max(to, from + 1), Math.max(lineEnd, from + 1));
  const { line, column } = positionOf(query, from);
  // Live tail is no language: it has no reference to lead to.
  const about = diagnostic.code.split(".")[0];
  // A help that says no more than the button below would be said twice.
  const offered = Boolean(diagnostic.suggestion) && /^did you mean/i.test(diagnostic.help ?? "");
  return (
    <div className={`diagnostic ${diagnostic.severity}`}>
      <p>
        <strong>{translated ?? diagnostic.message}</strong>{" "}
        <span className="none">
          {m.search.line1(line, column)} ·{" "}
          {about === "tail" ? (
            diagnostic.code
          ) : (
            <Link to={`/reference/${about}?find=${encodeURIComponent(diagnostic.code)}`}>{diagnostic.code}</Link>
          )}
        </span>
      </p>
      {translated && (
        <p lang="en" className="none">
          {diagnostic.message}
        </p>
      )}
      <pre className="mono">
        {query.slice(lineStart, from)}
        <mark>{query.slice(from, end) || " "}</mark>
        {query.slice(end, lineEnd)}
      </pre>
      {diagnostic.help && !offered && <p className="diagnostic-help">{diagnostic.help}</p>}
      {diagnostic.suggestion &&
        (onSuggestion ? (
          <button type="button" className="button small" onClick={onSuggestion}>
            {m.search.didYouMean(diagnostic.suggestion)}
          </button>
        ) : (
          <p>{m.search.didYouMean(diagnostic.suggestion)}</p>
        ))}
    </div>
  );
}
