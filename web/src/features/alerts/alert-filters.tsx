/** What the list of alerts is narrowed by. Each is a parameter of the URL. */
import { useEffect, useId, useState, type RefObject } from "react";

import type { Alert, AlertCounts } from "../../api/detections";
import { useSettings } from "../../i18n";
import { formatCompact } from "../../i18n/format";
import { useSetParams } from "../../router";
import { NAMED, readConditions, withValues, writeConditions } from "../../state/filters";
import type { TimeRange } from "../../state/time-range";
import { Icon } from "../../ui/icon";
import { RangePicker } from "../filters/range-picker";
import { clearFilters, isFiltered, SEVERITIES, TABS, toggleSeverity, type AlertFilters } from "./query";

interface Props {
  filters: AlertFilters;
  counts: AlertCounts | null;
}

export function StatusTabs({ filters, counts }: Props) {
  const { m, language } = useSettings();
  const setParams = useSetParams();
  const { open, acknowledged, closed } = counts ?? { open: 0, acknowledged: 0, closed: 0 };
  const numbers = { open, acknowledged, closed, all: open + acknowledged + closed };
  return (
    <div className="tabs" role="group" aria-label={m.alerts.status}>
      {TABS.map((tab) => (
        <button
          key={tab}
          type="button"
          aria-pressed={filters.status === tab}
          onClick={() => setParams((changed) => (tab === "open" ? changed.delete("status") : changed.set("status", tab)))}
        >
          {m.alerts.statuses[tab]}
          {counts && <span className="tab-count">{formatCompact(numbers[tab], language)}</span>}
        </button>
      ))}
    </div>
  );
}

export function SeverityToggles({ filters, counts }: Props) {
  const { m, language } = useSettings();
  const setParams = useSetParams();
  return (
    <div className="toggles" role="group" aria-label={m.alerts.severity}>
      {SEVERITIES.map((severity) => (
        <button
          key={severity}
          type="button"
          className={`button small toggle ${severity}`}
          aria-pressed={filters.severity.includes(severity)}
          onClick={() => setParams((changed) => toggleSeverity(changed, severity))}
        >
          <span className={`dot ${severity}`} aria-hidden="true" />
          {m.alerts.severities[severity]}
          <span className="tab-count">{formatCompact(counts?.by_severity[severity] ?? 0, language)}</span>
        </button>
      ))}
    </div>
  );
}

interface AlertFilterBarProps extends Props {
  alerts: readonly Alert[];
  rules: readonly { id: string; label: string }[];
  search: RefObject<HTMLInputElement | null>;
}

export function AlertFilterBar({ filters, counts, alerts, rules, search }: AlertFilterBarProps) {
  const { m, language } = useSettings();
  const setParams = useSetParams();
  // Rules with alerts come first, with how many there are.
  const numberOf = (id: string) => counts?.by_rule[id] ?? 0;
  const offered = [...rules].sort((a, b) => numberOf(b.id) - numberOf(a.id));
  const set = (name: string, value: string) =>
    setParams((changed) => (value === "" ? changed.delete(name) : changed.set(name, value)), { replace: name === "find" });
  const setRange = ({ since, until }: TimeRange) =>
    setParams((changed) => {
      for (const [name, bound] of [["since", since] as const, ["until", until] as const]) {
        if (bound === null) changed.delete(name);
        else changed.set(name, bound);
      }
    });
  const condition = (field: string, values: readonly string[]) =>
    setParams((changed) => writeConditions(changed, withValues(readConditions(changed), field, "is", values)));
  return (
    <div className="alert-filters" role="search" aria-label={m.filters.label}>
      <input
        ref={search}
        className="input find"
        type="search"
        placeholder={m.alerts.find}
        aria-label={m.alerts.find}
        value={filters.find}
        onChange={(event) => set("find", event.target.value)}
      />
      <RangePicker range={{ since: filters.since, until: filters.until }} onChange={setRange} />
      <select
        className="select"
        aria-label={m.alerts.rule}
        value={filters.rule ?? ""}
        onChange={(event) => set("rule", event.target.value)}
      >
        <option value="">{m.alerts.anyRule}</option>
        {filters.rule && !rules.some(({ id }) => id === filters.rule) && <option value={filters.rule}>{filters.rule}</option>}
        {offered.map(({ id, label }) => (
          <option key={id} value={id}>
            {numberOf(id) > 0 ? `${label} (${formatCompact(numberOf(id), language)})` : label}
          </option>
        ))}
      </select>
      <ValueInput
        label={m.alerts.account}
        values={filters.accounts}
        offered={alerts.map(({ account }) => account)}
        onChange={(values) => condition(NAMED.account, values)}
      />
      <ValueInput
        label={m.alerts.actor}
        values={filters.actors}
        offered={alerts.map(({ actor }) => actor)}
        onChange={(values) => condition(NAMED.user, values)}
      />
      {isFiltered(filters) && (
        <button type="button" className="button quiet" onClick={() => setParams(clearFilters)}>
          <Icon name="close" size={12} />
          {m.alerts.clearFilters}
        </button>
      )}
    </div>
  );
}

interface ValueInputProps {
  label: string;
  values: readonly string[];
  offered: readonly (string | null | undefined)[];
  onChange: (values: string[]) => void;
}

/** Text with completion from what the list shows. */
function ValueInput({ label, values, offered, onChange }: ValueInputProps) {
  const list = useId();
  const set = values[0] ?? "";
  const [text, setText] = useState(set);
  useEffect(() => setText(set), [set]);
  const choices = [...new Set(offered)].filter((value): value is string => Boolean(value)).sort();
  const apply = (typed: string) => {
    const next = typed.trim();
    if (next !== set) onChange(next === "" ? [] : [next]);
  };
  return (
    <>
      <input
        className={values.length > 0 ? "input value set" : "input value"}
        list={list}
        placeholder={label}
        aria-label={label}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          // A value picked from the list needs no further key.
          if (choices.includes(event.target.value)) apply(event.target.value);
        }}
        onBlur={() => apply(text)}
        onKeyDown={(event) => event.key === "Enter" && apply(text)}
      />
      <datalist id={list}>
        {choices.slice(0, 200).map((value) => (
          <option key={value} value={value} />
        ))}
      </datalist>
    </>
  );
}
