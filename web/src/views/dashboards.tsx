/** All dashboards: those that come with the program and one's own; new ones, copies, files in and out. */
import { useEffect, useState } from "react";

import { getDashboards } from "../api/client";
import { getDashboard } from "../api/dashboards";
import type { DashboardSummary } from "../api/types";
import { exportDashboard } from "../features/dashboards/export";
import type { DashboardFile } from "../features/dashboards/file";
import { ImportDialog } from "../features/dashboards/import-dialog";
import { NewDashboardDialog } from "../features/dashboards/new-dialog";
import { ErrorMessage } from "../features/query/error-message";
import { useResource } from "../features/query/use-resource";
import { useSettings } from "../i18n";
import { Link, useLocation } from "../router";
import { linkTo } from "../state/url";
import { Icon } from "../ui/icon";
import { useToast } from "../ui/toast";

export function DashboardsView() {
  const { m } = useSettings();
  const t = m.boards;
  const { value, error } = useResource("dashboards", getDashboards);
  const [making, setMaking] = useState(false);
  const [importing, setImporting] = useState(false);
  const [original, setOriginal] = useState<DashboardFile | null>(null);
  useEffect(() => {
    document.title = `${m.nav.dashboards} – Trailhound`;
  }, [m]);
  const sorted = [...(value ?? [])].sort((a, b) => a.order - b.order);
  const list = (title: string, entries: readonly DashboardSummary[], none: string) => (
    <section aria-label={title}>
      <h2>{title}</h2>
      {entries.length === 0 && <p className="none">{none}</p>}
      <ul className="board-list">
        {entries.map((entry) => (
          <Entry key={entry.id} entry={entry} onCopy={setOriginal} />
        ))}
      </ul>
    </section>
  );
  return (
    <div className="view boards-view" aria-busy={value === null && error === null}>
      <header className="view-header">
        <h1>{m.nav.dashboards}</h1>
        <p>{t.intro}</p>
        <span className="view-tools">
          <button type="button" className="button small" onClick={() => setImporting(true)}>
            <Icon name="upload" />
            {t.import.button}
          </button>
          <button type="button" className="button primary small" onClick={() => setMaking(true)}>
            <Icon name="plus" />
            {t.new}
          </button>
        </span>
      </header>
      {error && <ErrorMessage error={error} />}
      {value && (
        <>
          {list(
            t.own,
            sorted.filter(({ builtin }) => !builtin),
            t.noneOwn,
          )}
          {list(
            t.builtin,
            sorted.filter(({ builtin }) => builtin),
            "",
          )}
        </>
      )}
      {making && <NewDashboardDialog onClose={() => setMaking(false)} />}
      {original && <NewDashboardDialog original={original} onClose={() => setOriginal(null)} />}
      {importing && <ImportDialog onClose={() => setImporting(false)} />}
    </div>
  );
}

function Entry({ entry, onCopy }: { entry: DashboardSummary; onCopy: (file: DashboardFile) => void }) {
  const { m, text } = useSettings();
  const { params } = useLocation();
  const toast = useToast();
  const title = text(entry.title);
  const withFile = (use: (file: DashboardFile) => void) =>
    void getDashboard(entry.id).then(
      ({ file }) => use(file),
      () => toast(m.boards.problems.failed),
    );
  return (
    <li className="card board">
      <div>
        <Link to={linkTo(`/dashboards/${entry.id}`, params)}>{title}</Link>
        <p className="none">{text(entry.description)}</p>
      </div>
      <span className="board-tools">
        {!entry.builtin && (
          <Link
            to={linkTo(`/dashboards/${entry.id}`, params, { own: { edit: "1" } })}
            className="button quiet small"
            aria-label={`${m.boards.edit}: ${title}`}
          >
            <Icon name="pencil" />
            {m.boards.edit}
          </Link>
        )}
        <button type="button" className="button quiet small" aria-label={`${m.boards.copy}: ${title}`} onClick={() => withFile(onCopy)}>
          <Icon name="copy" />
          {m.boards.copy}
        </button>
        <button
          type="button"
          className="button quiet small"
          aria-label={`${m.boards.export}: ${title}`}
          onClick={() => withFile(exportDashboard)}
        >
          <Icon name="download" />
          {m.boards.export}
        </button>
      </span>
    </li>
  );
}
