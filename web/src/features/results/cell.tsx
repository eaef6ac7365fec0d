/** One value of a table: instants in the chosen zone, outcomes as badges, lists below one another. */
import { Fragment, type ReactNode } from "react";

import type { Value } from "../../api/types";
import { useSettings } from "../../i18n";
import { formatBytes, formatInstant, formatNumber, isInstant } from "../../i18n/format";
import { outcomeOf, severityOf } from "../charts/palette";
import { isBytesColumn, useWord, type Unit } from "../charts/words";
import { instantMs, isTimeColumn, textOf } from "./value";

const OUTCOME_COLUMNS = new Set(["action", "outcome", "result", "status"]);
const MOST_LINES = 3;
/** Shorter values are never broken across lines. */
const SHORT = 30;
/** Never broken, however narrow the table. */
const WORD = 14;
/** Longer ones get room, lest their row becomes a tower. */
const LONG = 100;

interface CellProps {
  column: string;
  value: Value;
  /** What the numbers of its table count. */
  unit?: Unit | undefined;
}

export function Cell({ column, value, unit }: CellProps) {
  const { zone, language } = useSettings();
  const word = useWord(column);
  if (value === null || value === "") return <span className="none">–</span>;
  if (Array.isArray(value)) return <ListCell column={column} values={value} />;
  if (OUTCOME_COLUMNS.has(column) && typeof value === "string" && outcomeOf(value)) return <OutcomeBadge value={value} />;
  if (column === "severity" && typeof value === "string" && severityOf(value)) return <SeverityCell value={value} />;
  const instant = isInstant(value) || isTimeColumn(column) ? instantMs(value) : null;
  if (instant !== null) return <Instant at={instant} text={formatInstant(instant, zone)} />;
  if (typeof value === "number" && unit === "bytes" && isBytesColumn(column))
    return <span title={formatNumber(value, language)}>{formatBytes(value, language)}</span>;
  if (typeof value === "number")
    return <>{Number.isInteger(value) && isIdentifier(column) ? String(value) : formatNumber(value, language)}</>;
  const text = word(textOf(value));
  return (
    <span
      className={`cell-text ${text.length <= SHORT ? "short" : text.length > LONG ? "long" : ""}`}
      title={text.length > 60 ? text : undefined}
    >
      {breakable(text)}
    </span>
  );
}

/** The day and the time of day: a narrow table may put them below one another, but breaks neither. */
function Instant({ at, text }: { at: number; text: string }) {
  const [day, time] = text.split(" ");
  return (
    <time dateTime={new Date(at).toISOString()}>
      <span>{day}</span> <span>{time}</span>
    </time>
  );
}

/** Where a long name may be broken in a narrow table: after its signs, before its capitals. */
function breakable(text: string): ReactNode {
  if (text.length <= WORD || text.length > LONG) return text;
  const pieces = text.split(/(?<=[-_./:@=])(?=\w)|(?<=[a-z0-9])(?=[A-Z][a-z])/);
  return pieces.map((piece, at) => (
    <Fragment key={at}>
      {at > 0 && <wbr />}
      {piece}
    </Fragment>
  ));
}

/** Account ids and the like are not quantities and take no thousands separators. */
function isIdentifier(column: string): boolean {
  return /(id|asn|port)$/i.test(column);
}

function ListCell({ column, values }: { column: string; values: readonly Value[] }) {
  const shown = values.slice(0, MOST_LINES);
  return (
    <ul className="cell-list">
      {shown.map((value, index) => (
        <li key={index}>
          <Cell column={column} value={value} />
        </li>
      ))}
      {values.length > shown.length && <li className="none">+{values.length - shown.length}</li>}
    </ul>
  );
}

function SeverityCell({ value }: { value: string }) {
  const { m } = useSettings();
  const severity = severityOf(value);
  return severity ? <span className={`badge severity ${severity}`}>{m.alerts.severities[severity]}</span> : <>{value}</>;
}

export function OutcomeBadge({ value }: { value: string }) {
  const { m } = useSettings();
  const outcome = outcomeOf(value);
  return outcome ? <span className={`badge ${outcome}`}>{m.outcome[outcome]}</span> : <>{value}</>;
}
