/** Files become dashboards: one that was exported here, or an export of OpenSearch Dashboards or Kibana. */
import { useState, type ChangeEvent } from "react";

import { getDashboards, type ApiError } from "../../api/client";
import { convertExport, createDashboard, type Imported } from "../../api/dashboards";
import { useSettings } from "../../i18n";
import { Link, useLocation } from "../../router";
import { linkTo } from "../../state/url";
import { Dialog } from "../../ui/dialog";
import { asApiError } from "../query/use-fetched";
import { useResource } from "../query/use-resource";
import { dashboardChanged } from "./changes";
import { freeId } from "./draft";
import type { DashboardFile } from "./file";
import { Problems } from "./problems";

interface Outcome {
  file: DashboardFile;
  error: ApiError | null;
}

export function ImportDialog({ onClose }: { onClose: () => void }) {
  const { m, text } = useSettings();
  const t = m.boards.import;
  const { params } = useLocation();
  const known = useResource("dashboards", getDashboards).value ?? [];
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<ApiError | null>(null);
  const [outcomes, setOutcomes] = useState<Outcome[]>([]);
  const [notes, setNotes] = useState<Pick<Imported, "left_out" | "notes">>({ left_out: [], notes: [] });
  const take = async (chosen: File) => {
    const read = await readFile(chosen);
    setNotes(read);
    const taken = new Set(known.map(({ id }) => id));
    const done: Outcome[] = [];
    for (const imported of read.dashboards) {
      const file = { ...imported, id: freeId(imported.id, taken) };
      taken.add(file.id);
      const error = await createDashboard(file).then(
        () => null,
        (cause: unknown) => asApiError(cause),
      );
      done.push({ file, error });
      if (!error) dashboardChanged(file.id);
    }
    setOutcomes(done);
  };
  const onFile = (event: ChangeEvent<HTMLInputElement>) => {
    const chosen = event.target.files?.[0];
    if (!chosen) return;
    setBusy(true);
    setFailed(null);
    setOutcomes([]);
    take(chosen)
      .catch((cause: unknown) => setFailed(asApiError(cause)))
      .finally(() => setBusy(false));
  };
  return (
    <Dialog title={t.title} closeLabel={m.panel.close} onClose={onClose}>
      <div className="form" aria-busy={busy}>
        <p>{t.intro}</p>
        <label className="field">
          {t.file}
          <input className="input" type="file" accept=".json,.ndjson,application/json" disabled={busy} onChange={onFile} />
        </label>
        {failed && (
          <p className="problem" role="alert">
            {failed.code === "page" ? t.unreadable : failed.message}
          </p>
        )}
        <ul className="import-list" role="status">
          {outcomes.map(({ file, error }) =>
            error ? (
              <li key={file.id}>
                <b>{text(file.title)}</b>
                <Problems error={error} file={file} />
              </li>
            ) : (
              <li key={file.id}>
                <Link to={linkTo(`/dashboards/${file.id}`, params)} onClick={onClose}>
                  {text(file.title)}
                </Link>{" "}
                <span className="none">{t.panels(file.panels.length)}</span>
              </li>
            ),
          )}
          {notes.left_out.map(({ name, note }, index) => (
            <li key={`out ${index}`} className="none">
              {t.leftOut(name)} <span lang="en">{note}</span>
            </li>
          ))}
          {notes.notes.map(({ name, note }, index) => (
            <li key={`note ${index}`} className="none">
              {t.note(name)} <span lang="en">{note}</span>
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}

/** A file of ours is one object with panels; anything else is read as an export of another system. */
async function readFile(chosen: File): Promise<Imported> {
  const text = await chosen.text();
  const own = asDashboard(text);
  if (own) return { dashboards: [own], left_out: [], notes: [] };
  return convertExport(chosen.name.replace(/\.[^.]*$/, "") || "imported", text);
}

function asDashboard(text: string): DashboardFile | null {
  try {
    const value = JSON.parse(text) as Partial<DashboardFile> | null;
    return value !== null && typeof value.id === "string" && Array.isArray(value.panels) ? (value as DashboardFile) : null;
  } catch {
    return null;
  }
}
