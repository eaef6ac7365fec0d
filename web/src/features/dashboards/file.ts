/** What a dashboard file (`dashboards/<id>.json`) says. */

/** One language stands for the other where that is not said. */
export interface Text {
  en?: string | null;
  ja?: string | null;
}

/** The languages that a panel's query may be in, by the names of the API. */
export type Language = "spl" | "sumo" | "sql" | "insights" | "filter" | "lucene" | "kql" | "dsl" | "sigma";

export const LANGUAGES: readonly Language[] = ["spl", "sumo", "sql", "insights", "filter", "lucene", "kql", "dsl", "sigma"];

export type ChartKind = "single" | "table" | "bar" | "stacked-bar" | "line" | "stacked-column" | "pie" | "map" | "events";

export const CHARTS: readonly ChartKind[] = ["single", "table", "bar", "stacked-bar", "line", "stacked-column", "pie", "map", "events"];

/**
 * Where a click on a part of the panel leads. `set` gives filters their values: from a column of the clicked row, or a
 * constant. With neither target the filters are set on the dashboard itself.
 */
export interface Drill {
  /** Id of the dashboard to go to. */
  dashboard?: string;
  /** Query to open in Search; `true`: the panel's own. */
  search?: string | true;
  /** Language of the query in `search`; SPL where absent. */
  lang?: Language;
  /** Column that holds the id of the event to open. */
  event?: string;
  /** Name under which the clicked row is kept as the dashboard's selection; panels `hidden_until` it then appear. */
  select?: string;
  /** Filter (a catalogue field) → column, or constant, in which `$column$` stands for a column of the row. Lines are values of their own. */
  set?: Record<string, string | { value: string }>;
  /** Columns that bound the time range of a selection. */
  since?: string;
  until?: string;
}

export interface Panel {
  id: string;
  title: Text;
  description?: Text;
  lang: Language;
  query: string;
  chart: ChartKind;
  /** Of twelve columns. */
  width: number;
  /** In pixels. */
  height: number;
  drill?: Drill;
  /** Shown only while the selection of this name exists, and filtered by it. */
  hidden_until?: string;
  /** How to colour a `single`: a number above zero is bad news. */
  tone?: "neutral" | "bad";
  /** What its numbers count, where their names don't say so. */
  unit?: "bytes";
}

export interface DashboardFile {
  id: string;
  title: Text;
  description?: Text;
  order: number;
  /** What values of its rows are called; filters and exports have the values. */
  words?: Record<string, Text>;
  panels: Panel[];
}
