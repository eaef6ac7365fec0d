/** *Add to dashboard*: what one has searched for becomes a panel, shown as Search shows it. */
import { useState, type FormEvent } from "react";

import { getDashboards, type ApiError } from "../../api/client";
import { createDashboard, getDashboard, saveDashboard } from "../../api/dashboards";
import { useSettings } from "../../i18n";
import { navigate, useLocation } from "../../router";
import { linkTo } from "../../state/url";
import { Dialog } from "../../ui/dialog";
import { useToast } from "../../ui/toast";
import { QueryView } from "../rules/query-view";
import { useCatalogue } from "../query/catalogue";
import { asApiError } from "../query/use-fetched";
import { useResource } from "../query/use-resource";
import { dashboardChanged } from "./changes";
import { asLanguage, blankDashboard, drillFor, newPanel, said, withPanel } from "./draft";
import { CHARTS, type ChartKind, type DashboardFile, type Panel, type Text } from "./file";
import { Problems } from "./problems";
import { WordingFields } from "./wording-fields";

interface AddToDashboardProps {
  lang: string;
  query: string;
  kind: "events" | "rows" | undefined;
  columns: readonly string[];
  onClose: () => void;
}

const NEW = "";

export default function AddToDashboard({ lang, query, kind, columns, onClose }: AddToDashboardProps) {
  const { m, text } = useSettings();
  const t = m.boards.add;
  const { params } = useLocation();
  const toast = useToast();
  const catalogue = useCatalogue();
  const own = (useResource("dashboards", getDashboards).value ?? []).filter(({ builtin }) => !builtin);
  const all = useResource("dashboards", getDashboards).value ?? [];
  const [target, setTarget] = useState<string | null>(null);
  const [boardTitle, setBoardTitle] = useState<Text>({});
  const [title, setTitle] = useState<Text>({});
  const [chart, setChart] = useState<ChartKind>(() => chartOf(params, kind));
  const [error, setError] = useState<{ cause: ApiError; file: DashboardFile } | null>(null);
  const [busy, setBusy] = useState(false);
  const chosen = target ?? own[0]?.id ?? NEW;
  const field = columns.find((column) => catalogue.find(column)) ?? null;
  const panelFor = (file: DashboardFile): Panel => {
    const drill = drillFor(lang, query, chart, field);
    const { drill: _, ...panel } = newPanel(file, { title, lang: asLanguage(lang), query, chart, ...SIZES[chart] });
    return drill ? { ...panel, drill } : panel;
  };
  const add = async () => {
    const loaded = chosen === NEW ? null : await getDashboard(chosen);
    const file =
      loaded?.file ??
      blankDashboard(
        boardTitle,
        all.map(({ id }) => id),
      );
    const changed = withPanel(file, file.panels.length, panelFor(file));
    try {
      return loaded ? await saveDashboard(changed, loaded.version) : await createDashboard(changed);
    } catch (cause) {
      setError({ cause: asApiError(cause), file: changed });
      return null;
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    add()
      .then((stored) => {
        setBusy(false);
        if (!stored) return;
        dashboardChanged(stored.file.id);
        toast(t.added);
        const panel = stored.file.panels[stored.file.panels.length - 1];
        navigate(`${linkTo(`/dashboards/${stored.file.id}`, params)}#${panel?.id ?? ""}`);
      })
      .catch((cause: unknown) => {
        setBusy(false);
        setError({ cause: asApiError(cause), file: blankDashboard({}, []) });
      });
  };
  return (
    <Dialog title={t.title} closeLabel={m.panel.close} onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <QueryView text={query} lang={lang} label={m.search.query} />
        <p className="none">{t.filters}</p>
        <WordingFields label={m.boards.panel.title} value={title} required onChange={setTitle} />
        <div className="form-row">
          <label className="field">
            {t.dashboard}
            <select className="select" value={chosen} onChange={(event) => setTarget(event.target.value)}>
              {own.map(({ id, title: name }) => (
                <option key={id} value={id}>
                  {text(name)}
                </option>
              ))}
              <option value={NEW}>{t.new}</option>
            </select>
          </label>
          <label className="field">
            {m.boards.panel.chart}
            <select className="select" value={chart} onChange={(event) => setChart(event.target.value as ChartKind)}>
              {CHARTS.map((each) => (
                <option key={each} value={each}>
                  {m.boards.charts[each]}
                </option>
              ))}
            </select>
          </label>
        </div>
        {chosen === NEW && <WordingFields label={m.boards.title} value={boardTitle} required onChange={setBoardTitle} />}
        {error && <Problems error={error.cause} file={error.file} />}
        <div className="form-actions">
          <button type="button" className="button" onClick={onClose}>
            {m.filters.cancel}
          </button>
          <button
            type="submit"
            className="button primary"
            disabled={busy || said(title) === "" || (chosen === NEW && said(boardTitle) === "")}
          >
            {t.add}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const LIST = { width: 6, height: 320 };
const SIZES: Record<ChartKind, { width: number; height: number }> = {
  single: { width: 3, height: 112 },
  table: { width: 12, height: 360 },
  bar: LIST,
  "stacked-bar": LIST,
  line: LIST,
  "stacked-column": LIST,
  pie: LIST,
  map: { width: 12, height: 400 },
  events: { width: 12, height: 400 },
};

/** As what Search shows the result now. */
export function chartOf(params: URLSearchParams, kind: "events" | "rows" | undefined): ChartKind {
  const view = params.get("view") ?? (kind === "events" ? "events" : "table");
  if (view === "events" && kind === "events") return "events";
  if (view !== "chart") return "table";
  const charts: Record<string, ChartKind> = { line: "line", column: "stacked-column", pie: "pie", map: "map", bar: "stacked-bar" };
  return charts[params.get("chart") ?? ""] ?? "table";
}
