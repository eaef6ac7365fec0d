/** The filters of a view: time range, the five everyday fields, and chips for all other conditions. */
import { useSettings } from "../../i18n";
import { useLocation, useSetParams } from "../../router";
import {
  NAMED,
  NAMED_KEYS,
  inverted,
  readConditions,
  readSwitchedOff,
  valuesOf,
  withoutValue,
  withValue,
  withValues,
  writeConditions,
  writeSwitchedOff,
  type Condition,
  type NamedKey,
} from "../../state/filters";
import { readRange, writeRange, zoomedOut, type TimeRange } from "../../state/time-range";
import { Icon, type IconName } from "../../ui/icon";
import { useCatalogue, useLogTypes } from "../query/catalogue";
import { AddFilter } from "./add-filter";
import { FacetPicker } from "./facet-picker";
import { offeringOf, tablesOf, type Asked } from "./tables";
import { RangePicker } from "./range-picker";

const CLOUDTRAIL: readonly Asked[] = [];

/** `asked`: what the view asks, for the values that its filters offer. */
export function FilterBar({ asked = CLOUDTRAIL }: { asked?: readonly Asked[] }) {
  const { m } = useSettings();
  const { entries } = useCatalogue();
  const logTypes = useLogTypes().value;
  const tables = tablesOf(asked, logTypes ?? []);
  const { params } = useLocation();
  const setParams = useSetParams();
  const range = readRange(params);
  const conditions = readConditions(params);
  const setRange = (next: TimeRange) => setParams((changed) => writeRange(changed, next));
  const off = readSwitchedOff(params);
  const change = (next: readonly Condition[]) => setParams((changed) => writeConditions(changed, next));
  const setBoth = (on: readonly Condition[], kept: readonly Condition[]) =>
    setParams((changed) => {
      writeConditions(changed, on);
      writeSwitchedOff(changed, kept);
    });
  const named = Object.values(NAMED) as string[];
  const chips = conditions.filter(({ field, op }) => op === "is_not" || !named.includes(field));
  return (
    <div className="filter-bar" role="region" aria-label={m.filters.label}>
      <div className="filter-row">
        <RangePicker range={range} onChange={setRange} />
        {range.since !== null && (
          <button
            type="button"
            className="icon-button"
            aria-label={m.range.zoomOut}
            title={m.range.zoomOut}
            onClick={() => setRange(zoomedOut(range, Date.now()))}
          >
            <Icon name="zoomOut" />
          </button>
        )}
        {NAMED_KEYS.map((key) => (
          <FacetPicker
            key={key}
            label={labelOf(key, m)}
            field={NAMED[key]}
            values={valuesOf(conditions, NAMED[key], "is")}
            range={range}
            offering={offeringOf(NAMED[key], tables, entries)}
            others={conditions.filter(({ field }) => field !== NAMED[key])}
            onChange={(values) => change(withValues(conditions, NAMED[key], "is", values))}
          />
        ))}
        <AddFilter
          onAdd={(field, op, value) => change(withValues(conditions, field, op, [...new Set([...valuesOf(conditions, field, op), value])]))}
        />
        {conditions.length + off.length > 0 && (
          <button type="button" className="button quiet" onClick={() => setBoth([], [])}>
            <Icon name="close" size={12} />
            {m.filters.clear}
          </button>
        )}
      </div>
      {chips.length + off.length > 0 && (
        <ul className="chips" aria-label={m.filters.label}>
          {each(chips).map(({ field, op, value }) => (
            <Chip
              key={`${field} ${op} ${value}`}
              field={field}
              op={op}
              value={value}
              on
              onInvert={() => change(inverted(conditions, field, op, value))}
              onSwitch={() => setBoth(withoutValue(conditions, field, op, value), withValue(off, field, op, value))}
              onRemove={() => change(withoutValue(conditions, field, op, value))}
            />
          ))}
          {each(off).map(({ field, op, value }) => (
            <Chip
              key={`off ${field} ${op} ${value}`}
              field={field}
              op={op}
              value={value}
              on={false}
              onInvert={() => setBoth(conditions, inverted(off, field, op, value))}
              onSwitch={() => setBoth(withValue(conditions, field, op, value), withoutValue(off, field, op, value))}
              onRemove={() => setBoth(conditions, withoutValue(off, field, op, value))}
            />
          ))}
        </ul>
      )}
    </div>
  );
}

interface One {
  field: string;
  op: Condition["op"];
  value: string;
}

function each(conditions: readonly Condition[]): One[] {
  return conditions.flatMap(({ field, op, values }) => values.map((value) => ({ field, op, value })));
}

interface ChipProps extends One {
  on: boolean;
  onInvert: () => void;
  onSwitch: () => void;
  onRemove: () => void;
}

function Chip({ field, op, value, on, onInvert, onSwitch, onRemove }: ChipProps) {
  const { m } = useSettings();
  const said = `${nameOf(field, m)} ${value}`;
  const button = (label: string, icon: IconName, run: () => void) => (
    <button type="button" aria-label={label} title={label} onClick={run}>
      <Icon name={icon} size={11} />
    </button>
  );
  return (
    <li className={`chip ${op === "is" ? "" : "not"} ${on ? "" : "off"}`}>
      <span>
        <b>{nameOf(field, m)}</b> {op === "is" ? m.filters.is : m.filters.isNot} <span className="chip-value">{value}</span>
        {!on && <span className="visually-hidden"> {m.filters.isOff}</span>}
      </span>
      {button(op === "is" ? m.filters.excludeInstead(said) : m.filters.includeInstead(said), "swap", onInvert)}
      {button(on ? m.filters.switchOff(said) : m.filters.switchOn(said), on ? "pause" : "play", onSwitch)}
      {button(m.filters.remove(said), "close", onRemove)}
    </li>
  );
}

type M = ReturnType<typeof useSettings>["m"];

const labelOf = (key: NamedKey, m: M): string => m.filters[key];

function nameOf(field: string, m: M): string {
  const key = NAMED_KEYS.find((candidate) => NAMED[candidate] === field);
  return key ? m.filters[key] : field;
}
