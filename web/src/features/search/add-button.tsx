/** The button in Search that makes a panel of the query. */
import { lazy, Suspense, useMemo, useState } from "react";

import { useSettings } from "../../i18n";
import { Icon } from "../../ui/icon";
import type { Rows } from "../query/use-rows";

const AddToDashboard = lazy(() => import("../dashboards/add-to-dashboard"));

/** `rows`: of the query as it stands; none where it was changed since. */
export function AddButton({ lang, query, rows }: { lang: string; query: string; rows: Rows | null }) {
  const { m } = useSettings();
  const [open, setOpen] = useState(false);
  const meta = rows?.meta;
  const columns = useMemo(() => meta?.columns.map(({ name }) => name) ?? [], [meta]);
  return (
    <>
      <button type="button" className="button quiet small" disabled={query.trim() === ""} onClick={() => setOpen(true)}>
        <Icon name="grid" />
        {m.boards.add.button}
      </button>
      {open && (
        <Suspense fallback={null}>
          <AddToDashboard lang={lang} query={query} kind={meta?.kind} columns={columns} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
