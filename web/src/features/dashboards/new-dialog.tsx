/** A dashboard's first step: a title for a new one or for a copy, and off to the editor. */
import { useState, type FormEvent } from "react";

import { getDashboards, type ApiError } from "../../api/client";
import { createDashboard } from "../../api/dashboards";
import { useSettings } from "../../i18n";
import { navigate, useLocation } from "../../router";
import { linkTo } from "../../state/url";
import { Dialog } from "../../ui/dialog";
import { asApiError } from "../query/use-fetched";
import { useResource } from "../query/use-resource";
import { dashboardChanged } from "./changes";
import { titled } from "./dashboard-editor";
import { blankDashboard, copyOf, said } from "./draft";
import type { DashboardFile, Text } from "./file";
import { Problems } from "./problems";
import { WordingFields } from "./wording-fields";

export function NewDashboardDialog({ original, onClose }: { original?: DashboardFile; onClose: () => void }) {
  const { m, language } = useSettings();
  const t = m.boards;
  const { params } = useLocation();
  const known = useResource("dashboards", getDashboards).value ?? [];
  const [title, setTitle] = useState<Text>(() => (original ? titled(original, t.copyTitle) : {}));
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const ids = known.map(({ id }) => id);
  const file = original ? copyOf(original, title, ids) : blankDashboard(title, ids);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    createDashboard(file).then(
      (made) => {
        dashboardChanged(made.file.id);
        navigate(linkTo(`/dashboards/${made.file.id}`, params, { own: { edit: "1" } }));
      },
      (cause: unknown) => {
        setBusy(false);
        setError(asApiError(cause));
      },
    );
  };
  return (
    <Dialog title={original ? t.copy : t.new} closeLabel={m.panel.close} onClose={onClose}>
      <form className="form" onSubmit={submit} lang={language}>
        <p>{original ? t.copyIntro : t.newIntro}</p>
        <WordingFields label={t.title} value={title} required onChange={setTitle} />
        {error && <Problems error={error} file={file} />}
        <div className="form-actions">
          <button type="button" className="button" onClick={onClose}>
            {m.filters.cancel}
          </button>
          <button type="submit" className="button primary" disabled={busy || said(title) === ""}>
            {original ? t.makeCopy : t.make}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
