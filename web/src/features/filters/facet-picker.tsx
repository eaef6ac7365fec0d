/** One everyday filter: the values that occur in the range, most frequent first, to tick; others can be typed. */
import { useMemo, useState, type KeyboardEvent } from "react";

import { useSettings } from "../../i18n";
import { formatCompact } from "../../i18n/format";
import type { Condition } from "../../state/filters";
import type { TimeRange } from "../../state/time-range";
import { Icon } from "../../ui/icon";
import { Popover, useOpen } from "../../ui/popover";
import { requestOf } from "../dashboards/request";
import { useRows } from "../query/use-rows";
import { numberOf, textOf } from "../results/value";
import type { Offering } from "./tables";

interface FacetPickerProps {
  label: string;
  field: string;
  values: readonly string[];
  range: TimeRange;
  /** The other filters: only values that occur under them are offered. */
  others: readonly Condition[];
  /** Where the values are; none where no log of the view has such a field. */
  offering: Offering | null;
  onChange: (values: string[]) => void;
}

export function FacetPicker(props: FacetPickerProps) {
  const { m } = useSettings();
  const { open, anchor, close, toggle } = useOpen<HTMLButtonElement>();
  const { label, values } = props;
  const text = values.length === 0 ? m.filters.any : values.length === 1 ? (values[0] ?? "") : m.filters.values(values.length);
  return (
    <>
      <button
        ref={anchor}
        type="button"
        className={values.length > 0 ? "button facet set" : "button facet"}
        aria-haspopup="dialog"
        aria-expanded={open}
        title={values.length > 1 ? values.join(", ") : undefined}
        onClick={toggle}
      >
        <span className="facet-label">{label}</span>
        <span className="facet-value">{text}</span>
        <Icon name="down" size={12} />
      </button>
      {open && (
        <Popover anchor={anchor} onClose={close} label={label}>
          <FacetValues {...props} onDone={close} />
        </Popover>
      )}
    </>
  );
}

const MOST_OFFERED = 200;

function FacetValues({ label, values, range, others, offering, onChange, onDone }: FacetPickerProps & { onDone: () => void }) {
  const { m, language } = useSettings();
  const [typed, setTyped] = useState("");
  const [draft, setDraft] = useState<readonly string[]>(values);
  const query = offering && `sourcetype=${offering.table} | stats count BY ${offering.column} | sort - count | head ${MOST_OFFERED}`;
  const rows = useRows(query === null ? null : requestOf("spl", query, range, others, MOST_OFFERED));
  const field = offering?.column ?? "";
  const offered = useMemo(() => offers(field, rows.rows, draft, typed), [field, rows.rows, draft, typed]);
  const text = typed.trim();
  const isNew = text !== "" && !offered.some(({ value }) => value === text);
  const apply = (next: readonly string[]) => {
    onDone();
    if (next.join("\n") !== values.join("\n")) onChange([...next]);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const only = offered.length === 1 ? offered[0]?.value : undefined;
    const value = isNew && only === undefined ? text : only;
    apply(text === "" || value === undefined ? draft : [...new Set([...draft, value])]);
  };
  return (
    <div className="facet-values">
      <input
        className="input"
        type="search"
        data-autofocus=""
        placeholder={m.filters.searchValues}
        aria-label={`${label}: ${m.filters.searchValues}`}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <ul aria-label={label}>
        {isNew && (
          <li>
            <button type="button" className="menu-item" onClick={() => apply([...new Set([...draft, text])])}>
              <Icon name="plus" />
              {m.filters.useTyped(text)}
            </button>
          </li>
        )}
        {offered.map(({ value, count }) => (
          <li key={value}>
            <label className="menu-item">
              <input
                type="checkbox"
                checked={draft.includes(value)}
                onChange={(event) => setDraft(event.target.checked ? [...draft, value] : draft.filter((other) => other !== value))}
              />
              <span className="facet-name">{value}</span>
              {count !== null && <span className="none">{formatCompact(count, language)}</span>}
            </label>
          </li>
        ))}
        {rows.state === "loading" && rows.rows.length === 0 && <li className="menu-item none">{m.states.loading}</li>}
        {(rows.state === "done" || offering === null) && offered.length === 0 && !isNew && (
          <li className="menu-item none">{m.filters.noValues}</li>
        )}
        {rows.state === "failed" && <li className="menu-item none">{rows.error?.message}</li>}
      </ul>
      <div className="facet-actions">
        <button type="button" className="button quiet small" disabled={draft.length === 0} onClick={() => apply([])}>
          {m.filters.any}
        </button>
        <button type="button" className="button primary small" onClick={() => apply(draft)}>
          {m.filters.apply}
        </button>
      </div>
    </div>
  );
}

interface Offer {
  value: string;
  count: number | null;
}

/** What is chosen already, then what occurs; narrowed to what is typed. */
function offers(field: string, rows: readonly Record<string, unknown>[], chosen: readonly string[], typed: string): Offer[] {
  const found = rows
    .map((row): Offer => ({ value: textOf(row[field] as never), count: numberOf(row["count"] as never) }))
    .filter(({ value }) => value !== "");
  const missing = chosen.filter((value) => !found.some((offer) => offer.value === value)).map((value): Offer => ({ value, count: null }));
  const wanted = typed.trim().toLowerCase();
  return [...missing, ...found].filter(({ value }) => value.toLowerCase().includes(wanted));
}
