/** What a rule is, beside what it looks for. */
import type { ReactNode } from "react";

import type { RuleDetail, Severity } from "../../api/detections";
import { useSettings } from "../../i18n";
import { formatInstant, formatNumber } from "../../i18n/format";
import { Link, useLocation } from "../../router";
import { linkTo } from "../../state/url";
import { SEVERITIES } from "../alerts/query";
import { useLogTypes } from "../query/catalogue";
import { AttackChips } from "./attack-chips";

export function RuleFacts({ rule, onSeverity }: { rule: RuleDetail; onSeverity: (severity: Severity) => void }) {
  const { m, text, zone, language } = useSettings();
  const { params } = useLocation();
  const types = useLogTypes().value ?? [];
  const logs = rule.logs.map((id) => {
    const title = types.find((type) => type.id === id)?.title;
    return title ? text(title) : id;
  });
  return (
    <section className="card alert-section" aria-labelledby="rule-facts">
      <h2 id="rule-facts">{m.rules.about}</h2>
      <dl className="facts">
        <Row label={m.alerts.severity}>
          <select
            className="select"
            aria-label={m.alerts.severity}
            value={rule.severity}
            onChange={(event) => onSeverity(event.target.value as Severity)}
          >
            {SEVERITIES.map((severity) => (
              <option key={severity} value={severity}>
                {m.alerts.severities[severity]}
              </option>
            ))}
          </select>
        </Row>
        <Row label={m.rules.mode}>{m.rules.modes[rule.mode] ?? rule.mode}</Row>
        <Row label={m.rules.logType}>{logs.join(", ") || "–"}</Row>
        <Row label={m.rules.groupBy}>
          <span className="mono">{rule.group_by.join(", ") || "–"}</span>
        </Row>
        <Row label={m.rules.coolDown}>{rule.cool_down || "–"}</Row>
        <Row label={m.rules.hits}>{formatNumber(rule.hits_30d, language)}</Row>
        <Row label={m.rules.lastHit}>{rule.last_hit ? formatInstant(rule.last_hit, zone) : "–"}</Row>
        <Row label={m.rules.alertsOpen}>
          <Link to={linkTo("/alerts", params, { own: { rule: rule.id } })}>{formatNumber(rule.alerts_open, language)}</Link>
        </Row>
        {rule.covers.length > 0 && (
          <Row label={m.rules.covers}>
            {rule.covers.map((name) => (
              <div key={name} className="mono">
                {name}
              </div>
            ))}
          </Row>
        )}
        {rule.attack.length > 0 && (
          <Row label={m.alerts.attack}>
            <AttackChips ids={rule.attack} />
          </Row>
        )}
        <Row label={m.rules.from}>{rule.overridden ? m.rules.changedByYou : rule.builtin ? m.rules.builtin : m.rules.own}</Row>
      </dl>
    </section>
  );
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
