/** Who and where: the facts of an alert, each leading on with its value as a filter. */
import type { ReactNode } from "react";

import type { AlertDetail } from "../../api/detections";
import { useSettings } from "../../i18n";
import { formatInstant } from "../../i18n/format";
import { Link, useLocation } from "../../router";
import { linkTo } from "../../state/url";
import { Icon } from "../../ui/icon";
import { ValueButton } from "../event/event-detail";
import { localCountry } from "../map/countries";
import { AttackChips } from "../rules/attack-chips";

export function AlertFacts({ alert, ruleTitle }: { alert: AlertDetail; ruleTitle: string }) {
  const { m, zone, language } = useSettings();
  const { params } = useLocation();
  const instant = (text: string) => <time dateTime={text}>{formatInstant(text, zone)}</time>;
  return (
    <section className="card alert-section" aria-labelledby="facts-title">
      <h2 id="facts-title">{m.alerts.who}</h2>
      <dl className="facts">
        <Fact label={m.alerts.actor} field="actor_name" value={alert.actor} />
        <Fact label={m.alerts.account} field="recipientAccountId" value={alert.account} mono />
        <Fact label={m.alerts.region} field="awsRegion" value={alert.region} />
        <Fact label={m.alerts.address} field="sourceIPAddress" value={alert.source_address} mono />
        <Fact
          label={m.alerts.country}
          field="geo_country_code"
          value={alert.country}
          shown={alert.country ? localCountry(alert.country, language) : undefined}
        />
        {alert.group.map(({ field, value }) => (
          <Row key={field} label={m.alerts.group}>
            <span className="group-value">
              <code>{field}</code> {value ? <ValueButton field={field} value={value} /> : "–"}
            </span>
          </Row>
        ))}
        <Row label={m.alerts.firstSeen}>{instant(alert.first_seen)}</Row>
        <Row label={m.alerts.lastSeen}>{instant(alert.last_seen)}</Row>
        <Row label={m.alerts.created}>{instant(alert.created_at)}</Row>
        <Row label={m.alerts.owner}>{alert.owner || <span className="none">{m.alerts.nobody}</span>}</Row>
        <Row label={m.alerts.rule}>
          <Link to={linkTo(`/rules/${encodeURIComponent(alert.rule_id)}`, params)}>{ruleTitle}</Link>
        </Row>
        {alert.attack.length > 0 && (
          <Row label={m.alerts.attack}>
            <AttackChips ids={alert.attack} />
          </Row>
        )}
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

interface FactProps {
  label: string;
  field: string;
  value: string | null | undefined;
  shown?: string | undefined;
  mono?: boolean;
}

function Fact({ label, field, value, shown, mono = false }: FactProps) {
  if (!value) return null;
  return (
    <Row label={label}>
      <ValueButton field={field} value={value} {...(shown ? { shown } : {})} look={mono ? "mono" : ""} />
    </Row>
  );
}

/** From the person or workload that it began with to the caller. */
export function AlertChain({ alert }: { alert: AlertDetail }) {
  const { m } = useSettings();
  const chain = alert.actor_chain;
  if (chain.length < 2) return null;
  return (
    <section className="card alert-section chain" aria-labelledby="chain-title">
      <h2 id="chain-title">{m.alerts.chain}</h2>
      <ol>
        {[...chain].reverse().map((link, index) => (
          <li key={index}>
            {index > 0 && <Icon name="arrow" size={12} />}
            <span className="chain-link">{link}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
