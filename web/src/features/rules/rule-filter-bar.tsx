/** What the catalogue of rules is narrowed by. */
import { useSettings } from "../../i18n";
import { useSetParams } from "../../router";
import { Icon } from "../../ui/icon";
import { SEVERITIES } from "../alerts/query";
import { SORTS, STATES, type RuleFilters } from "./filters";

interface Choice {
  id: string;
  label: string;
}

interface RuleFilterBarProps {
  filters: RuleFilters;
  groups: readonly Choice[];
  logs: readonly Choice[];
  attacks: readonly Choice[];
  filtered: boolean;
  onClear: () => void;
}

export function RuleFilterBar({ filters, groups, logs, attacks, filtered, onClear }: RuleFilterBarProps) {
  const { m } = useSettings();
  const setParams = useSetParams();
  const set = (name: string, value: string) =>
    setParams((changed) => (value === "" ? changed.delete(name) : changed.set(name, value)), { replace: name === "find" });
  return (
    <div className="alert-filters" role="search" aria-label={m.filters.label}>
      <input
        className="input find"
        type="search"
        placeholder={m.rules.find}
        aria-label={m.rules.find}
        value={filters.find}
        onChange={(event) => set("find", event.target.value)}
      />
      <Choose
        label={m.alerts.severity}
        value={filters.severity}
        choices={SEVERITIES.map((id) => ({ id, label: m.alerts.severities[id] }))}
        onChange={(value) => set("severity", value)}
      />
      <Choose label={m.rules.group} value={filters.group} choices={groups} onChange={(value) => set("group", value)} />
      <Choose label={m.rules.logType} value={filters.log} choices={logs} onChange={(value) => set("log", value)} />
      <Choose label={m.alerts.attack} value={filters.attack} choices={attacks} onChange={(value) => set("attack", value)} />
      <Choose
        label={m.rules.state}
        value={filters.state}
        choices={STATES.map((id) => ({ id, label: m.rules.states[id] }))}
        onChange={(value) => set("state", value)}
      />
      <label className="sort-by">
        {m.rules.sort}
        <select className="select" value={filters.sort} onChange={(event) => set("sort", event.target.value)}>
          {SORTS.map((sort) => (
            <option key={sort} value={sort}>
              {m.rules.sorts[sort]}
            </option>
          ))}
        </select>
      </label>
      {filtered && (
        <button type="button" className="button quiet" onClick={onClear}>
          <Icon name="close" size={12} />
          {m.alerts.clearFilters}
        </button>
      )}
    </div>
  );
}

interface ChooseProps {
  label: string;
  value: string | null;
  choices: readonly Choice[];
  onChange: (value: string) => void;
}

function Choose({ label, value, choices, onChange }: ChooseProps) {
  const known = value === null || choices.some(({ id }) => id === value);
  return (
    <select
      className={value ? "select set" : "select"}
      aria-label={label}
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value)}
    >
      <option value="">{label}</option>
      {!known && <option value={value}>{value}</option>}
      {choices.map(({ id, label: name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}
