/** A condition on any field of the catalogue, or on a path into the record. */
import { useId, useState, type FormEvent } from "react";

import { useSettings } from "../../i18n";
import type { Op } from "../../state/filters";
import { Icon } from "../../ui/icon";
import { Popover, useOpen } from "../../ui/popover";
import { useCatalogue } from "../query/catalogue";

export function AddFilter({ onAdd }: { onAdd: (field: string, op: Op, value: string) => void }) {
  const { m } = useSettings();
  const { open, anchor, close, toggle } = useOpen<HTMLButtonElement>();
  return (
    <>
      <button ref={anchor} type="button" className="button quiet" aria-haspopup="dialog" aria-expanded={open} onClick={toggle}>
        <Icon name="plus" />
        {m.filters.add}
      </button>
      {open && (
        <Popover anchor={anchor} onClose={close} label={m.filters.add}>
          <AddFilterForm
            onAdd={(field, op, value) => {
              close();
              onAdd(field, op, value);
            }}
          />
        </Popover>
      )}
    </>
  );
}

function AddFilterForm({ onAdd }: { onAdd: (field: string, op: Op, value: string) => void }) {
  const { m } = useSettings();
  const catalogue = useCatalogue();
  const names = useId();
  const [field, setField] = useState("");
  const [op, setOp] = useState<Op>("is");
  const [value, setValue] = useState("");
  const complete = field.trim() !== "" && value.trim() !== "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (complete) onAdd(field.trim(), op, value.trim());
  };
  const offered = [
    ...new Set(catalogue.entries.map(({ cloudtrail, column }) => cloudtrail ?? column).filter((name): name is string => Boolean(name))),
  ];
  return (
    <form className="add-filter" onSubmit={submit}>
      <label>
        {m.filters.field}
        <input
          className="input mono"
          list={names}
          data-autofocus=""
          value={field}
          placeholder="userIdentity.type"
          onChange={(event) => setField(event.target.value)}
        />
      </label>
      <datalist id={names}>
        {offered.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <fieldset>
        <legend className="visually-hidden">{m.filters.label}</legend>
        <label>
          <input type="radio" name="op" checked={op === "is"} onChange={() => setOp("is")} /> {m.filters.include}
        </label>
        <label>
          <input type="radio" name="op" checked={op === "is_not"} onChange={() => setOp("is_not")} /> {m.filters.exclude}
        </label>
      </fieldset>
      <label>
        {m.filters.value}
        <input className="input mono" value={value} placeholder="Root" onChange={(event) => setValue(event.target.value)} />
      </label>
      <button type="submit" className="button primary" disabled={!complete}>
        {m.filters.apply}
      </button>
    </form>
  );
}
