/** Says when the time range misses all events there are, and leads to them. */
import { useSettings } from "../../i18n";
import { formatInstant } from "../../i18n/format";
import { Link, useLocation, useSetParams } from "../../router";
import { boundsOf, readRange, writeRange } from "../../state/time-range";
import { linkTo } from "../../state/url";
import { useStatus } from "./catalogue";

const SHOWN_BEFORE = 7 * 86400e3;
const MAIN_TABLE = "cloudtrail";

export interface Extent {
  rows: number;
  oldest: number | null;
  newest: number | null;
}

/** When the events in the lake begin and end; null until the server has said. */
export function useExtent(): Extent | null {
  const { value } = useStatus();
  if (!value) return null;
  const table = value.tables.find(({ name }) => name === MAIN_TABLE);
  return {
    rows: table?.rows ?? 0,
    oldest: table?.oldest ? Date.parse(table.oldest) : null,
    newest: table?.newest ? Date.parse(table.newest) : null,
  };
}

export function RangeBanner() {
  const { m, zone } = useSettings();
  const { params } = useLocation();
  const setParams = useSetParams();
  const extent = useExtent();
  if (!extent) return null;
  const { newest, oldest } = extent;
  if (newest === null) {
    if (extent.rows > 0) return null;
    return (
      <p className="banner">
        <strong>{m.states.emptyLake}</strong> {m.states.emptyLakeHelp} <Link to={linkTo("/start", params)}>{m.start.title}</Link>
      </p>
    );
  }
  const { since, until } = boundsOf(readRange(params), Date.now());
  const misses = (since !== null && newest < since) || (oldest !== null && oldest > until);
  if (!misses) return null;
  const jump = () => setParams((changed) => writeRange(changed, { since: iso(newest - SHOWN_BEFORE), until: iso(newest + 1000) }));
  return (
    <div className="banner" role="status">
      <span>
        <strong>{m.states.emptyRange}</strong> {m.states.newestIs(formatInstant(newest, zone))}
      </span>
      <button type="button" className="button primary small" onClick={jump}>
        {m.states.jump}
      </button>
    </div>
  );
}

const iso = (ms: number) => new Date(Math.floor(ms / 1000) * 1000).toISOString().replace(".000Z", "Z");
