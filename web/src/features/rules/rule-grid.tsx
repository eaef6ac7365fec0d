/** The catalogue of rules as a list. */
import type { RuleSummary } from "../../api/detections";
import { useSettings } from "../../i18n";
import { formatCompact, formatInstant } from "../../i18n/format";
import { Link } from "../../router";
import { Switch } from "../../ui/switch";
import { useNarrow } from "../../ui/use-narrow";
import { VirtualGrid, type GridColumn } from "../../ui/virtual-grid";
import { SeverityBadge } from "../alerts/badges";
import { useLogTypes } from "../query/catalogue";
import { attackName, useAttack } from "./use-rules";

interface RuleGridProps {
  rules: readonly RuleSummary[];
  link: (id: string) => string;
  onSwitch: (rule: RuleSummary, on: boolean) => void;
}

const ROW = 54;
const NARROW_ROW = 84;

export function RuleGrid({ rules, link, onSwitch }: RuleGridProps) {
  const { m, text } = useSettings();
  const narrow = useNarrow();
  const columns: GridColumn[] = [
    { id: "on", heading: m.rules.on },
    { id: "severity", heading: m.alerts.severity },
    { id: "rule", heading: m.rules.rule, className: "wide" },
    { id: "attack", heading: m.alerts.attack },
    { id: "mode", heading: m.rules.mode },
    { id: "hits", heading: m.rules.hits, className: "number" },
    { id: "open", heading: m.rules.alertsOpen, className: "number" },
    { id: "last", heading: m.rules.lastHit },
  ];
  const cells = (index: number) => {
    const rule = rules[index];
    if (!rule) return [];
    return [
      <Switch key="on" on={rule.enabled} label={m.rules.switchOn(text(rule.title))} onChange={(on) => onSwitch(rule, on)} />,
      <SeverityBadge key="severity" severity={rule.severity} />,
      <Title key="rule" rule={rule} link={link(rule.id)} />,
      <Attack key="attack" rule={rule} />,
      <Mode key="mode" rule={rule} />,
      <Hits key="hits" value={rule.hits_30d} />,
      <Hits key="open" value={rule.alerts_open} />,
      <LastHit key="last" at={rule.last_hit} />,
    ];
  };
  return (
    <VirtualGrid
      label={m.rules.title}
      className="rule-grid"
      columns={columns}
      count={rules.length}
      total={rules.length}
      rowHeight={narrow ? NARROW_ROW : ROW}
      rowKey={(index) => rules[index]?.id ?? String(index)}
      cells={cells}
      link={(index) => link(rules[index]?.id ?? "")}
    />
  );
}

function Title({ rule, link }: { rule: RuleSummary; link: string }) {
  const { m, text } = useSettings();
  return (
    <span className={rule.enabled ? "two-lines" : "two-lines off"}>
      <Link to={link} tabIndex={-1} title={text(rule.title)}>
        {text(rule.title)}
      </Link>
      <span className="second" title={text(rule.description)}>
        {rule.error ? <span className="event-error">{`${m.rules.broken}: ${rule.error}`}</span> : text(rule.description)}
      </span>
    </span>
  );
}

function Attack({ rule }: { rule: RuleSummary }) {
  const { text } = useSettings();
  const tactics = useAttack().value?.tactics ?? [];
  const [first] = rule.attack;
  return (
    <span className="two-lines">
      <span>{(first && attackName(first, tactics, text)) || "–"}</span>
      <span className="second mono">{rule.attack.join(" ")}</span>
    </span>
  );
}

function Mode({ rule }: { rule: RuleSummary }) {
  const { m, text } = useSettings();
  const types = useLogTypes().value ?? [];
  const logs = rule.logs.map((id) => {
    const title = types.find((type) => type.id === id)?.title;
    return title ? text(title) : id;
  });
  return (
    <span className="two-lines">
      <span>{m.rules.modes[rule.mode] ?? rule.mode}</span>
      <span className="second" title={logs.join(", ")}>
        {logs.join(", ")}
      </span>
    </span>
  );
}

function Hits({ value }: { value: number }) {
  const { language } = useSettings();
  return value === 0 ? <span className="none">0</span> : <b>{formatCompact(value, language)}</b>;
}

function LastHit({ at }: { at: string | null | undefined }) {
  const { zone } = useSettings();
  return at ? <time dateTime={at}>{formatInstant(at, zone, "minute")}</time> : <span className="none">–</span>;
}
