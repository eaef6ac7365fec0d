/** The events that a rule must and must not match, and whether it does. */
import { useState } from "react";

import type { ApiError } from "../../api/client";
import { testRule, type RuleDetail, type RuleTest } from "../../api/detections";
import { useSettings } from "../../i18n";
import { Icon } from "../../ui/icon";
import { ErrorMessage } from "../query/error-message";
import { asApiError } from "../query/use-fetched";

export function RuleTests({ rule }: { rule: RuleDetail }) {
  const { m } = useSettings();
  const [results, setResults] = useState<RuleTest[] | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const run = () => {
    setBusy(true);
    setError(null);
    testRule(rule.id)
      .then(
        (answer) => setResults(answer?.results ?? []),
        (problem: unknown) => setError(asApiError(problem)),
      )
      .finally(() => setBusy(false));
  };
  const failed = results?.filter(({ passed }) => !passed).length ?? 0;
  return (
    <section className="card alert-section" aria-labelledby="rule-tests" aria-busy={busy}>
      <header className="section-head">
        <h2 id="rule-tests">{m.rules.tests}</h2>
        <span className="none">{m.rules.testCount(rule.tests.match, rule.tests.no_match)}</span>
        <button type="button" className="button small end" disabled={busy} onClick={run}>
          <Icon name="play" />
          {m.rules.runTests}
        </button>
      </header>
      {error && <ErrorMessage error={error} onRetry={run} />}
      {results && (
        <p role="status" className={failed > 0 ? "problem" : undefined}>
          {failed > 0 ? m.rules.testsFailed(failed, results.length) : m.rules.testsPassed(results.length)}
        </p>
      )}
      {results && (
        <ul className="test-results">
          {results.map(({ kind, number, passed, message }) => (
            <li key={`${kind} ${number}`} className={passed ? "ok" : "failed"}>
              <Icon name={passed ? "check" : "close"} />
              <span>
                {kind === "match" ? m.rules.mustMatch : m.rules.mustNotMatch} {number}
                {!passed && <span className="event-error"> {message ?? m.rules.testWrong}</span>}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
