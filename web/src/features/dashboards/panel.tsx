/** One panel of a dashboard: its heading and menu, its rows, its picture, and where clicks lead. */
import { useEffect, useId, useState, type CSSProperties, type ReactNode } from "react";

import { useSettings } from "../../i18n";
import { navigate, useLocation } from "../../router";
import { linkTo } from "../../state/url";
import { copyText, download } from "../../ui/copy";
import { Icon } from "../../ui/icon";
import { MenuButton, type MenuAction } from "../../ui/menu";
import { Popover, useOpen } from "../../ui/popover";
import { useToast } from "../../ui/toast";
import { useRows, type Rows } from "../query/use-rows";
import { csvFile } from "../results/csv";
import { columnsOf } from "../results/value";
import { drillLink, readSelection, type Clicked } from "./drill";
import type { Panel as PanelFile } from "./file";
import { PanelBody } from "./panel-body";
import { QueryDialog } from "./query-dialog";
import { questionOf } from "./request";
import { useScoped } from "./scope";

interface PanelProps {
  panel: PanelFile;
  /** Counts the refreshes of the whole dashboard. */
  refreshed: number;
  oldest: number | null;
  /** While the dashboard is edited: what can be done with the panel, in the place of its menu; nothing is led to then. */
  tools?: ReactNode;
  /** Told which columns the rows have. */
  onColumns?: (columns: readonly string[]) => void;
}

export function Panel({ panel, refreshed, oldest, tools, onColumns }: PanelProps) {
  const { text } = useSettings();
  const { path, params: own } = useLocation();
  const params = useScoped(own);
  const heading = useId();
  const [nonce, setNonce] = useState(0);
  const [asTable, setAsTable] = useState(false);
  const [showsQuery, setShowsQuery] = useState(false);
  const selection = readSelection(params);
  const question = questionOf(panel, params, selection, oldest);
  const rows = useRows(question.request, { nonce: refreshed + nonce });
  const columns = rows.meta?.columns;
  useEffect(() => {
    if (columns) onColumns?.(columns.map(({ name }) => name));
  }, [columns, onColumns]);
  const searchLink = linkTo("/search", params, {
    range: question.range,
    conditions: question.conditions,
    own: { q: question.query, ql: panel.lang, ...shownAs(panel) },
  });
  const drill = (clicked: Clicked) => {
    const link = drillLink(panel, clicked, path, params);
    if (link !== null) navigate(link);
    return link !== null;
  };
  return (
    <section
      id={panel.id}
      className={`panel panel-${panel.chart}`}
      aria-labelledby={heading}
      aria-busy={rows.state === "loading"}
      style={{ gridColumn: `span ${panel.width}`, ...sizeOf(panel, rows) }}
    >
      {rows.state === "loading" && <div className="loading-bar" />}
      <header className="panel-header">
        <h2 id={heading} title={text(panel.title)}>
          {text(panel.title)}
        </h2>
        {text(panel.description) !== "" && <About text={text(panel.description)} />}
        {tools ?? (
          <PanelMenu
            panel={panel}
            title={text(panel.title)}
            searchLink={searchLink}
            asTable={asTable}
            rows={rows}
            onShowQuery={() => setShowsQuery(true)}
            onRefresh={() => setNonce(nonce + 1)}
            onTable={() => setAsTable(!asTable)}
          />
        )}
      </header>
      <div className="panel-body">
        <PanelBody
          panel={panel}
          asTable={asTable}
          rows={rows}
          question={question}
          selection={selection}
          onDrill={panel.drill && !tools ? drill : undefined}
          onRetry={() => setNonce(nonce + 1)}
          searchLink={searchLink}
        />
      </div>
      {showsQuery && (
        <QueryDialog
          title={text(panel.title)}
          description={text(panel.description)}
          language={panel.lang}
          query={question.query}
          searchLink={searchLink}
          onClose={() => setShowsQuery(false)}
        />
      )}
    </section>
  );
}

/** In Search a chart opens as the same chart. */
function shownAs({ chart }: PanelFile): Record<string, string> {
  const type = {
    line: "line",
    "stacked-column": "column",
    pie: "pie",
    map: "map",
    bar: "bar",
    "stacked-bar": "bar",
    single: "",
    table: "",
    events: "",
  }[chart];
  return type === "" ? {} : { view: "chart", chart: type };
}

/** Charts have their height; lists are as long as what they hold, within it; panels of events grow with their events. */
function sizeOf({ chart, height }: PanelFile, { rows, state }: Rows): CSSProperties {
  const empty = state === "done" && rows.length === 0 && chart !== "single";
  const list = chart === "table" || chart === "bar" || chart === "stacked-bar";
  if (empty || (list && rows.length > 0)) return { maxHeight: height, minHeight: 130 };
  return chart === "events" ? { minHeight: height } : { height };
}

function About({ text }: { text: string }) {
  const { m } = useSettings();
  const { open, anchor, close, toggle } = useOpen<HTMLButtonElement>();
  return (
    <>
      <button
        ref={anchor}
        type="button"
        className="icon-button about"
        aria-label={`${m.panel.about}: ${text}`}
        title={text}
        aria-expanded={open}
        onClick={toggle}
      >
        <Icon name="info" size={13} />
      </button>
      {open && (
        <Popover anchor={anchor} onClose={close} label={m.panel.about}>
          <p className="about-text">{text}</p>
        </Popover>
      )}
    </>
  );
}

interface PanelMenuProps {
  panel: PanelFile;
  title: string;
  searchLink: string;
  asTable: boolean;
  rows: ReturnType<typeof useRows>;
  onShowQuery: () => void;
  onRefresh: () => void;
  onTable: () => void;
}

function PanelMenu({ panel, title, searchLink, asTable, rows, onShowQuery, onRefresh, onTable }: PanelMenuProps) {
  const { m } = useSettings();
  const toast = useToast();
  const copyLink = () =>
    void copyText(`${window.location.origin}${window.location.pathname}${window.location.search}#${panel.id}`).then(() =>
      toast(m.search.copied),
    );
  const saveCsv = () => download(`${panel.id}.csv`, "text/csv;charset=utf-8", csvFile(columnsOf(rows.meta?.columns, rows.rows), rows.rows));
  const actions: MenuAction[] = [
    { label: m.panel.showQuery, icon: "code", run: onShowQuery },
    { label: m.panel.openInSearch, icon: "search", to: searchLink },
    { label: m.panel.copyLink, icon: "link", run: copyLink },
    { label: m.panel.refresh, icon: "refresh", run: onRefresh },
    ...(panel.chart === "table"
      ? []
      : [{ label: asTable ? m.panel.asChart : m.panel.asTable, icon: asTable ? ("chart" as const) : ("table" as const), run: onTable }]),
    ...(rows.rows.length > 0 ? [{ label: m.panel.downloadCsv, icon: "download" as const, run: saveCsv }] : []),
  ];
  return <MenuButton label={m.panel.menu(title)} actions={actions} />;
}
