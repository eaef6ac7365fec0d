/** Severity, status and verdict, the same wherever they are shown: a word and a colour, never the colour alone. */
import type { Alert, Severity } from "../../api/detections";
import { useSettings } from "../../i18n";

export function SeverityBadge({ severity }: { severity: Severity }) {
  const { m } = useSettings();
  return <span className={`badge severity ${severity}`}>{m.alerts.severities[severity]}</span>;
}

export function StatusBadge({ alert }: { alert: Pick<Alert, "status" | "verdict"> }) {
  const { m } = useSettings();
  const verdict = alert.status === "closed" && alert.verdict ? m.alerts.verdicts[alert.verdict] : null;
  return (
    <span className={`badge status ${alert.status}`}>
      {m.alerts.statuses[alert.status]}
      {verdict && ` · ${verdict}`}
    </span>
  );
}
