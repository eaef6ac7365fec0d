/** The filters of a view: time range, the five everyday fields, and chips for all other conditions. */
import { useSettings } from "../../i18n";
import { useLocation, useSetParams } from "../../router";
import {
  NAMED,
  NAMED_KEYS,
  readConditions,
  valuesOf,
  withoutValue,
  withValues,
  writeConditions,
  type Condition,
  type NamedKey,
} from "../../state/filters";
import { readRange, writeRange } from "../../state/time-range";
import { Icon } from "../../ui/icon";
import { AddFilter } from "./add-filter";
import { FacetPicker } from "./facet-picker";
import { RangePicker } from "./range-picker";

export function FilterBar() {
  const { m } = useSettings();
  const { params } = useLocation();
  const setParams = useSetParams();
  const range = readRange(params);
  const conditions = readConditions(params);
  const change = (next: readonly Condition[]) => setParams((changed) => writeConditions(changed, next));
  const named = Object.values(NAMED) as string[];
  const chips = conditions.filter(({ field, op }) => op === "is_not" || !named.includes(field));
  return (
    <div className="filter-bar" role="region" aria-label={m.filters.label}>
      <div className="filter-row">
        <RangePicker range={range} onChange={(next) => setParams((changed) => writeRange(changed, next))} />
        {NAMED_KEYS.map((key) => (
          <FacetPicker
            key={key}
            label={labelOf(key, m)}
            field={NAMED[key]}
            values={valuesOf(conditions, NAMED[key], "is")}
            range={range}
            others={conditions.filter(({ field }) => field !== NAMED[key])}
            onChange={(values) => change(withValues(conditions, NAMED[key], "is", values))}
          />
        ))}
        <AddFilter
          onAdd={(field, op, value) => change(withValues(conditions, field, op, [...new Set([...valuesOf(conditions, field, op), value])]))}
        />
        {conditions.length > 0 && (
          <button type="button" className="button quiet" onClick={() => change([])}>
            <Icon name="close" size={12} />
            {m.filters.clear}
          </button>
        )}
      </div>
      {chips.length > 0 && (
        <ul className="chips" aria-label={m.filters.label}>
          {chips.flatMap(({ field, op, values }) =>
            values.map((value) => (
              <li key={`${field} ${op} ${value}`} className={op === "is" ? "chip" : "chip not"}>
                <span>
                  <b>{nameOf(field, m)}</b> {op === "is" ? m.filters.is : m.filters.isNot} <span className="chip-value">{value}</span>
                </span>
                <button
                  type="button"
                  aria-label={m.filters.remove(`${field} ${value}`)}
                  title={m.filters.remove(`${field} ${value}`)}
                  onClick={() => change(withoutValue(conditions, field, op, value))}
                >
                  <Icon name="close" size={11} />
                </button>
              </li>
            )),
          )}
        </ul>
      )}
    </div>
  );
}

type M = ReturnType<typeof useSettings>["m"];

const labelOf = (key: NamedKey, m: M): string => m.filters[key];

function nameOf(field: string, m: M): string {
  const key = NAMED_KEYS.find((candidate) => NAMED[candidate] === field);
  return key ? m.filters[key] : field;
}
