/** Beside the events of a search: their fields and most frequent values, each one click from a filter. */
import { useDeferredValue, useMemo, useState } from "react";

import type { Row } from "../../api/types";
import { useSettings } from "../../i18n";
import { formatNumber } from "../../i18n/format";
import { Icon } from "../../ui/icon";
import { useFilterActions } from "../filters/actions";
import { useCatalogue } from "../query/catalogue";
import { tally, type FieldTally } from "./tally";

const SHOWN_FIRST = 11;
const OPEN_FIRST = 2;

export function FieldValues({ rows }: { rows: readonly Row[] }) {
  const { m, language } = useSettings();
  const [all, setAll] = useState(false);
  // Counting the values of thousands of records may wait for what the person sees first.
  const deferred = useDeferredValue(rows);
  const fields = useMemo(() => tally(deferred), [deferred]);
  const shown = all ? fields : fields.slice(0, SHOWN_FIRST);
  return (
    <section className="card field-values" aria-label={m.search.fields}>
      <h2>{m.search.fieldsOfLoaded(formatNumber(deferred.length, language))}</h2>
      {shown.map((field, index) => (
        <Field key={field.field} field={field} open={index < OPEN_FIRST} />
      ))}
      {fields.length > shown.length && (
        <button type="button" className="button quiet small more" onClick={() => setAll(true)}>
          {m.search.moreFields(fields.length - shown.length)}
        </button>
      )}
    </section>
  );
}

function Field({ field: { field, distinct, top }, open }: { field: FieldTally; open: boolean }) {
  const { m, text, language } = useSettings();
  const { apply } = useFilterActions();
  const meaning = useCatalogue().find(field)?.meaning;
  return (
    <details open={open}>
      <summary title={meaning ? `${field}: ${text(meaning)}` : field}>
        <span className="mono">
          <bdi>{field}</bdi>
        </span>
        <span className="none">{formatNumber(distinct, language)}</span>
      </summary>
      <ul>
        {top.map(({ value, count }) => (
          <li key={value}>
            <button
              type="button"
              className="include"
              title={m.event.include(`${field} = ${value}`)}
              onClick={() => apply(field, "is", value)}
            >
              <span>{value}</span>
              <span>{formatNumber(count, language)}</span>
            </button>
            <button
              type="button"
              className="exclude"
              title={m.event.exclude(`${field} = ${value}`)}
              aria-label={m.event.exclude(`${field} = ${value}`)}
              onClick={() => apply(field, "is_not", value)}
            >
              <Icon name="minus" size={11} />
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
