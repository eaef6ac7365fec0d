/**
 * Every panel of every dashboard under every kind of filter, and every place that a click on one of its rows leads to: asked of the
 * server as the page asks it, without a browser.
 *
 * Each panel takes its turn at the kinds of filter, and of a view that a click leads to a few panels are asked; with
 * TRAILHOUND_SWEEP=all every panel is asked every time, which takes a quarter of an hour.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { QueryRequest, Row } from "../src/api/types";
import { drillLink, readSelection } from "../src/features/dashboards/drill";
import type { DashboardFile, Panel } from "../src/features/dashboards/file";
import { questionOf, requestOf } from "../src/features/dashboards/request";
import { NAMED, NAMED_KEYS, readConditions, type NamedKey } from "../src/state/filters";
import { readRange } from "../src/state/time-range";
import { get, startEmpty, type EmptyServer } from "./server";

/** Questions at a time: the server has as many places and more. */
const AT_ONCE = 4;
/** Rows of a panel that are clicked: the first. */
const CLICKED_ROWS = 1;
const ALL = "since=all";
const WHOLE = process.env["TRAILHOUND_SWEEP"] === "all";
/** Panels of a view that are asked after a click. */
const ASKED_PANELS = 2;

let server: EmptyServer;
let dashboards: DashboardFile[];
/** The most frequent value of each filter of the bar. */
let values: Record<NamedKey, string>;

beforeAll(async () => {
  server = await startEmpty();
  const options = ["--events", "2000", "--seed", "5", "--logs", "60", "--accounts", "3", "--regions", "4"];
  await server.fill(options);
  const listed = await get<{ id: string }[]>(server, "/dashboards");
  dashboards = await Promise.all(listed.map(({ id }) => get<DashboardFile>(server, `/dashboards/${id}`)));
  const found = await Promise.all(NAMED_KEYS.map(async (key) => [key, await mostFrequent(NAMED[key])] as const));
  values = Object.fromEntries(found) as Record<NamedKey, string>;
});

afterAll(() => server?.stop());

async function mostFrequent(field: string): Promise<string> {
  const [row] = await ask(requestOf("spl", `errorCode=* ${field}=* | top limit=1 ${field}`, { since: null, until: null }, [], 1));
  return String(row?.[field] ?? "");
}

const answers = new Map<string, Promise<Row[]>>();

/** The rows of an answer; an error is thrown as the server tells it. The same question is asked once. */
function ask(request: QueryRequest): Promise<Row[]> {
  const key = JSON.stringify(request);
  const known = answers.get(key) ?? answer(request);
  answers.set(key, known);
  return known;
}

async function answer(request: QueryRequest): Promise<Row[]> {
  const response = await fetch(`${server.url}/api/v1/query`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...request, meta: true }),
  });
  const lines = (await response.text()).trim().split("\n");
  const parsed = lines.map((line) => JSON.parse(line) as Row);
  if (!response.ok || !parsed.some((row) => "_end" in row)) throw new Error(lines.at(-1));
  return parsed.filter((row) => !("_meta" in row || "_end" in row));
}

/** Does the work for each, some at a time; what went wrong, as text. */
async function forEach<T>(all: readonly T[], name: (one: T) => string, work: (one: T) => Promise<void>): Promise<string[]> {
  const waiting = [...all];
  const wrong: string[] = [];
  const worker = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      await work(one).catch((error: unknown) => wrong.push(`${name(one)}: ${error instanceof Error ? error.message : String(error)}`));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return wrong;
}

interface View {
  dashboard: DashboardFile;
  panel: Panel;
  params: URLSearchParams;
}

const nameOf = ({ dashboard, panel, params }: View) => `${dashboard.id}#${panel.id}?${params.toString()}`;

/** The panels that a view shows, under its parameters. */
function viewsOf(dashboard: DashboardFile, search: string): View[] {
  const params = new URLSearchParams(search);
  const selection = readSelection(params);
  const shown = dashboard.panels.filter(({ hidden_until: wanted }) => wanted === undefined || wanted === selection?.name);
  return shown.map((panel) => ({ dashboard, panel, params }));
}

function rowsOf({ panel, params }: View): Promise<Row[]> {
  return ask(questionOf(panel, params, readSelection(params), null).request);
}

/** Parameters with `key=value`, on top of all the time there is. */
const filtered = (key: string, value: string) =>
  new URLSearchParams([
    ["since", "all"],
    [key, value],
  ]).toString();

const KINDS = ["a day", "two ends", ...NAMED_KEYS, ...NAMED_KEYS.map((key) => `${key}!`), "another field", "everything at once"];

describe("every panel", () => {
  it("over all the time there is", async () => {
    const views = dashboards.flatMap((dashboard) => viewsOf(dashboard, ALL));
    expect(views.length).toBeGreaterThan(200);
    expect(await forEach(views, nameOf, async (view) => void (await rowsOf(view)))).toEqual([]);
  });

  it("under a filter", async () => {
    const views = KINDS.flatMap((kind, turn) =>
      dashboards.flatMap((dashboard) => viewsOf(dashboard, searchOf(kind)).filter(takesTurn(turn, KINDS))),
    );
    expect(views.length).toBeGreaterThan(200);
    expect(await forEach(views, nameOf, async (view) => void (await rowsOf(view)))).toEqual([]);
  });

  it("that counts: what a condition takes in and what it leaves out make up the whole; switched off it changes nothing", async () => {
    const counts = dashboards.flatMap((dashboard) => viewsOf(dashboard, ALL)).filter(({ panel }) => counting(panel));
    expect(counts.length).toBeGreaterThan(20);
    const cases = NAMED_KEYS.flatMap((key, turn) => counts.filter(takesTurn(turn, NAMED_KEYS)).map((view) => ({ ...view, key })));
    const wrong = await forEach(
      cases,
      (one) => `${nameOf(one)} ${one.key}`,
      async ({ key, ...view }) => {
        const under = async (search: string) => figure(await rowsOf({ ...view, params: new URLSearchParams(search) }));
        const [whole, within, without, off] = await Promise.all([
          under(ALL),
          under(filtered(key, values[key])),
          under(filtered(`${key}!`, values[key])),
          under(filtered(`off.${key}`, values[key])),
        ]);
        expect({ sum: within + without, off }).toEqual({ sum: whole, off: whole });
      },
    );
    expect(wrong).toEqual([]);
  });
});

/** Whether the panel at a place in the list is asked in this turn: in one of them, or in each. */
function takesTurn(turn: number, turns: readonly unknown[]): (view: View, place: number) => boolean {
  return (_, place) => WHOLE || (place + turn) % turns.length === 0;
}

function searchOf(kind: string): string {
  if (kind === "a day") return "since=-24h";
  if (kind === "two ends") return "since=2020-01-01T00:00:00Z&until=2030-01-01T00:00:00Z";
  if (kind === "another field") return filtered("f.errorCode", "AccessDenied");
  if (kind === "everything at once") {
    const keys = NAMED_KEYS.map((key, index): [string, string] => [index % 2 === 0 ? key : `${key}!`, values[key]]);
    return new URLSearchParams([["since", "-7d"], ...keys, ["f.errorCode!", "AccessDenied"], ["off.f.eventType", "AwsApiCall"]]).toString();
  }
  return filtered(kind, values[kind.replace("!", "") as NamedKey]);
}

/** One number that counts rows: of parts, it is the sum. */
function counting({ chart, lang, query }: Panel): boolean {
  return chart === "single" && lang === "spl" && /\|\s*stats count(\s+as\s+\S+)?\s*$/i.test(query);
}

function figure([row]: Row[]): number {
  return Number(Object.values(row ?? {})[0] ?? 0);
}

describe("a click", () => {
  it("leads to a view that shows something, without an error", async () => {
    const targets = new Map<string, { from: string; to: URL }>();
    const views = dashboards.flatMap((dashboard) => viewsOf(dashboard, ALL));
    for (const view of views) {
      for (const link of linksOf(view, (await rowsOf(view)).slice(0, CLICKED_ROWS))) {
        const to = new URL(link, server.url);
        const kind = `${to.pathname.startsWith("/events/") ? view.dashboard.id : to.pathname} ${[...to.searchParams.keys()].join(" ")}`;
        if (!targets.has(kind)) targets.set(kind, { from: nameOf(view), to });
      }
    }
    expect(targets.size).toBeGreaterThan(100);
    expect(
      await forEach(
        [...targets.values()],
        ({ from, to }) => `${from} -> ${to.pathname}${to.search}`,
        ({ to }) => shows(to),
      ),
    ).toEqual([]);
  });
});

/** Where the clicks on rows lead, on each of their series too. */
function linksOf({ dashboard, panel, params }: View, rows: Row[]): string[] {
  const path = `/dashboards/${dashboard.id}`;
  const series = (row: Row) => [undefined, ...(panel.chart === "single" || panel.chart === "table" ? [] : Object.keys(row).slice(1))];
  const clicks = rows.flatMap((row) => series(row).map((name) => ({ row, series: name })));
  return clicks.flatMap((clicked) => drillLink(panel, clicked, path, params) ?? []);
}

/** Throws where the view fails, or has nothing to show. */
async function shows(to: URL): Promise<void> {
  const [, view = "", id = ""] = to.pathname.split("/");
  if (view === "events") return void (await get(server, `/events/${id}`));
  const range = readRange(to.searchParams);
  if (view === "search") {
    const [query, lang] = [to.searchParams.get("q") ?? "", to.searchParams.get("ql") ?? ""];
    expect((await ask(requestOf(lang, query, range, readConditions(to.searchParams), 100))).length).toBeGreaterThan(0);
    return;
  }
  const dashboard = dashboards.find((one) => one.id === id);
  if (view !== "dashboards" || !dashboard) throw new Error("no such view");
  // Those that have appeared with the click first.
  const views = viewsOf(dashboard, to.search).sort(
    (a, b) => Number(b.panel.hidden_until !== undefined) - Number(a.panel.hidden_until !== undefined),
  );
  const asked = WHOLE ? views : views.slice(0, ASKED_PANELS);
  let rows = 0;
  const wrong = await forEach(asked, nameOf, async (one) => void (rows += (await rowsOf(one)).length));
  expect(wrong).toEqual([]);
  expect(rows).toBeGreaterThan(0);
}
