/** A dashboard: the panels of its file over the filters of the bar. */
import { useEffect, useState } from "react";

import { getDashboard, type Loaded } from "../api/dashboards";
import { resourceKey } from "../features/dashboards/changes";
import { DashboardEditor } from "../features/dashboards/dashboard-editor";
import { readSelection, withoutSelection, type Selection } from "../features/dashboards/drill";
import { exportDashboard } from "../features/dashboards/export";
import { NewDashboardDialog } from "../features/dashboards/new-dialog";
import { WordsContext } from "../features/charts/words";
import { Panel } from "../features/dashboards/panel";
import { FilterBar } from "../features/filters/filter-bar";
import { ErrorMessage } from "../features/query/error-message";
import { RangeBanner, useExtent } from "../features/query/range-banner";
import { useResource } from "../features/query/use-resource";
import { useSettings } from "../i18n";
import { Link, useLocation, useSetParams } from "../router";
import { linkTo } from "../state/url";
import { copyText } from "../ui/copy";
import { Icon } from "../ui/icon";
import { MenuButton, type MenuAction } from "../ui/menu";
import { useToast } from "../ui/toast";

export function DashboardView({ id }: { id: string }) {
  const { m, text } = useSettings();
  const { params } = useLocation();
  const [refreshed, setRefreshed] = useState(0);
  const { value: loaded, error } = useResource(resourceKey(id), () => getDashboard(id));
  const file = loaded?.file ?? null;
  const setParams = useSetParams();
  const extent = useExtent();
  const every = readInterval(params);
  useEffect(() => {
    if (every === 0) return;
    const timer = setInterval(() => setRefreshed((before) => before + 1), every * 1000);
    return () => clearInterval(timer);
  }, [every]);
  const selection = readSelection(params);
  const title = file ? text(file.title) : "";
  useEffect(() => {
    if (title) document.title = `${title} – Trailhound`;
  }, [title]);
  useScrollToSelection(selection, file !== null);
  if (error)
    return (
      <div className="view">
        {error.status === 404 ? <NotFound text={m.states.notFoundDashboard(id)} /> : <ErrorMessage error={error} />}
      </div>
    );
  if (loaded && !loaded.builtin && params.get(EDIT) !== null)
    return (
      <>
        <FilterBar asked={file?.panels} />
        <div className="view">
          <DashboardEditor
            key={loaded.version}
            loaded={loaded}
            onDone={() => setParams((changed) => changed.delete(EDIT), { replace: true })}
          />
        </div>
      </>
    );
  const shown = file?.panels.filter(({ hidden_until: wanted }) => wanted === undefined || wanted === selection?.name) ?? [];
  const firstDetail = shown.find(({ hidden_until: wanted }) => wanted !== undefined)?.id;
  return (
    <>
      <FilterBar asked={file?.panels} />
      <div className="view">
        <header className="view-header">
          <h1>{title || "\u00a0"}</h1>
          <p>{file ? text(file.description) : ""}</p>
          <Tools loaded={loaded} every={every} onRefresh={() => setRefreshed(refreshed + 1)} />
        </header>
        <RangeBanner />
        {!file && (
          <p className="message" role="status">
            {m.states.loading}
          </p>
        )}
        {file?.panels.length === 0 && <p className="message">{m.boards.panel.none}</p>}
        <WordsContext value={file?.words ?? NO_WORDS}>
          <div className="dashboard">
            {shown.map((panel) => [
              panel.id === firstDetail && selection && <SelectionLine key="selection" selection={selection} />,
              <Panel key={`${id} ${panel.id}`} panel={panel} refreshed={refreshed} oldest={extent?.oldest ?? null} />,
            ])}
          </div>
        </WordsContext>
      </div>
    </>
  );
}

const NO_WORDS = {};
const SELECTION_LINE = "selection";

function SelectionLine({ selection }: { selection: Selection }) {
  const { m } = useSettings();
  const setParams = useSetParams();
  const values = selection.conditions.map(({ values: [value] }) => value).join(" · ");
  return (
    <div id={SELECTION_LINE} className="selection-line">
      <span>{m.panel.selection(values)}</span>
      <button type="button" className="button quiet small" onClick={() => setParams(withoutSelection)}>
        <Icon name="close" size={12} />
        {m.panel.clearSelection}
      </button>
    </div>
  );
}

/** A row chosen further up shows its events further down: bring them into sight. */
function useScrollToSelection(selection: Selection | null, ready: boolean) {
  const key = selection ? JSON.stringify(selection) : null;
  useEffect(() => {
    if (key === null || !ready) return;
    document.getElementById(SELECTION_LINE)?.scrollIntoView({ block: "start", behavior: "smooth" });
  }, [key, ready]);
}

/** Seconds between two refreshes; 0: only on demand. */
const INTERVALS = [0, 30, 60, 300];
const EVERY = "every";
const EDIT = "edit";

function readInterval(params: URLSearchParams): number {
  const asked = Number(params.get(EVERY) ?? 0);
  return INTERVALS.includes(asked) ? asked : 0;
}

function Tools({ loaded, every, onRefresh }: { loaded: Loaded | null; every: number; onRefresh: () => void }) {
  const { m } = useSettings();
  const toast = useToast();
  const setParams = useSetParams();
  const choose = (value: string) =>
    setParams((changed) => (value === "0" ? changed.delete(EVERY) : changed.set(EVERY, value)), { replace: true });
  return (
    <span className="view-tools">
      {loaded && <FileTools loaded={loaded} />}
      <button
        type="button"
        className="button quiet small"
        onClick={() => void copyText(window.location.href).then(() => toast(m.search.copied))}
      >
        <Icon name="link" />
        {m.panel.copyLink}
      </button>
      <button type="button" className="button quiet small" onClick={onRefresh}>
        <Icon name="refresh" />
        {m.panel.refresh}
      </button>
      <select
        className="select quiet interval"
        aria-label={m.panel.autoRefresh}
        title={m.panel.autoRefresh}
        value={every}
        onChange={(event) => choose(event.target.value)}
      >
        {INTERVALS.map((seconds) => (
          <option key={seconds} value={seconds}>
            {seconds === 0 ? m.panel.refreshOff : m.panel.refreshEvery(seconds)}
          </option>
        ))}
      </select>
    </span>
  );
}

/** What can be done with the dashboard itself. */
function FileTools({ loaded }: { loaded: Loaded }) {
  const { m } = useSettings();
  const { params } = useLocation();
  const setParams = useSetParams();
  const [copying, setCopying] = useState(false);
  const actions: MenuAction[] = [
    ...(loaded.builtin ? [] : [{ label: m.boards.copy, icon: "copy" as const, run: () => setCopying(true) }]),
    { label: m.boards.export, icon: "download", run: () => exportDashboard(loaded.file) },
    { label: m.boards.all, icon: "grid", to: linkTo("/dashboards", params) },
  ];
  return (
    <>
      {loaded.builtin ? (
        <button type="button" className="button quiet small" title={m.boards.copyHelp} onClick={() => setCopying(true)}>
          <Icon name="copy" />
          {m.boards.copy}
        </button>
      ) : (
        <button type="button" className="button quiet small" onClick={() => setParams((changed) => changed.set(EDIT, "1"))}>
          <Icon name="pencil" />
          {m.boards.edit}
        </button>
      )}
      <MenuButton label={m.boards.menu} actions={actions} />
      {copying && <NewDashboardDialog original={loaded.file} onClose={() => setCopying(false)} />}
    </>
  );
}

export function NotFound({ text }: { text: string }) {
  const { m } = useSettings();
  const { params } = useLocation();
  return (
    <div className="message">
      <h1 className="plain">{text}</h1>
      <Link to={linkTo("/dashboards/security-overview", params)} className="button">
        {m.states.home}
      </Link>
    </div>
  );
}
