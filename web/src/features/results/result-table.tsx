/** Rows as a grid: sorted by a click on a heading, walked with the arrow keys, each cell with its actions. */
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactNode } from "react";

import type { Row } from "../../api/types";
import { useSettings } from "../../i18n";
import { ActionList } from "../../ui/menu";
import { Icon } from "../../ui/icon";
import { useValueActions } from "../filters/value-actions";
import { useHeading, type Unit } from "../charts/words";
import { isField, useCatalogue } from "../query/catalogue";
import { Cell } from "./cell";
import { chunksOf, FEW, useInSight } from "./row-window";
import { useFit } from "./use-fit";
import { instantMs, isTimeColumn, numberOf, textOf } from "./value";

interface ResultTableProps {
  columns: readonly string[];
  rows: readonly Row[];
  label: string;
  unit?: Unit | undefined;
  /** Columns are headed by words rather than by the names of the query. */
  worded?: boolean;
  onRow?: ((row: Row) => void) | undefined;
  isSelected?: ((row: Row) => boolean) | undefined;
  /** Where a column stands for a field under another name. */
  fieldOf?: ((column: string) => string | null) | undefined;
}

interface Sort {
  column: string;
  descending: boolean;
}

interface OpenCell {
  field: string | null;
  text: string;
}

export function ResultTable({ columns, rows, label, unit, worded = false, onRow, isSelected, fieldOf }: ResultTableProps) {
  const { m } = useSettings();
  const [sort, setSort] = useState<Sort | null>(null);
  const catalogue = useCatalogue();
  const heading = useHeading();
  const numeric = useMemo(() => new Set(columns.filter((column) => isNumberColumn(column, rows))), [columns, rows]);
  const sorted = useMemo(() => (sort ? sortRows(rows, sort, numeric.has(sort.column)) : rows), [rows, sort, numeric]);
  const grid = useRef<HTMLTableElement>(null);
  const box = useFit(rows);
  const { onKeyDown, onFocus } = useRovingFocus(grid);
  const { menu, openMenu } = useCellMenu();
  const filterField = useCallback(
    (column: string) => fieldOf?.(column) ?? (isField(column, catalogue) ? column : null),
    [fieldOf, catalogue],
  );

  const act = (event: MouseEvent | KeyboardEvent, row: Row, column: string) => {
    const cell = (event.target as HTMLElement).closest("td");
    if (cell) openMenu(cell, { field: filterField(column), text: textOf(row[column]) });
  };
  const onCellKey = (event: KeyboardEvent, row: Row, column: string) => {
    if (event.key === "Enter" && onRow) onRow(row);
    else if (event.key === "Enter" || event.key === " " || event.key === "ContextMenu") act(event, row, column);
    else return;
    event.preventDefault();
  };
  const rowAt = (index: number) => {
    const row = sorted[index] ?? {};
    return (
      <tr
        key={index}
        aria-rowindex={sorted.length > FEW ? index + 2 : undefined}
        aria-selected={isSelected ? isSelected(row) : undefined}
        onClick={() => onRow?.(row)}
      >
        {columns.map((column, at) => (
          <td
            key={column}
            className={numeric.has(column) ? "number" : ""}
            tabIndex={index === 0 && at === 0 ? 0 : -1}
            onKeyDown={(event) => onCellKey(event, row, column)}
            onClick={onRow ? undefined : (event) => act(event, row, column)}
            onContextMenu={(event) => {
              event.preventDefault();
              act(event, row, column);
            }}
          >
            <Cell column={column} value={row[column] ?? null} unit={unit} />
            {onRow && (
              <button
                type="button"
                tabIndex={-1}
                className="cell-more"
                aria-label={m.table.cellActions(textOf(row[column]))}
                onClick={(event) => {
                  event.stopPropagation();
                  act(event, row, column);
                }}
              >
                <Icon name="more" size={12} />
              </button>
            )}
          </td>
        ))}
      </tr>
    );
  };
  return (
    <div className="table-scroll" ref={box}>
      <table
        ref={grid}
        className={onRow ? "grid clickable" : "grid"}
        role="grid"
        aria-label={label}
        aria-rowcount={sorted.length > FEW ? sorted.length + 1 : undefined}
        onKeyDown={onKeyDown}
        onFocus={onFocus}
      >
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column}
                scope="col"
                className={numeric.has(column) ? "number" : ""}
                aria-sort={sort?.column === column ? (sort.descending ? "descending" : "ascending") : "none"}
              >
                <button type="button" title={m.table.sortBy(column)} onClick={() => setSort(nextSort(sort, column, numeric.has(column)))}>
                  {worded ? heading(column) : column}
                  {sort?.column === column && <span aria-hidden="true">{sort.descending ? "↓" : "↑"}</span>}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        {chunksOf(sorted.length).map(({ first, last }) => (
          <Chunk key={first} first={first} last={last} columns={columns.length}>
            {(index) => rowAt(index)}
          </Chunk>
        ))}
      </table>
      {menu}
    </div>
  );
}

interface ChunkProps {
  first: number;
  last: number;
  columns: number;
  children: (index: number) => ReactNode;
}

/** Some rows after another; one empty row as high as they are while they are out of sight. */
function Chunk({ first, last, columns, children }: ChunkProps) {
  const { body, drawn, height } = useInSight(first < FEW, last - first);
  return (
    <tbody ref={body}>
      {drawn ? (
        Array.from({ length: last - first }, (_, offset) => children(first + offset))
      ) : (
        <tr aria-hidden="true" className="unseen">
          <td colSpan={columns} style={{ height }} />
        </tr>
      )}
    </tbody>
  );
}

function useCellMenu() {
  const { m } = useSettings();
  const actionsFor = useValueActions();
  const anchor = useRef<HTMLElement>(null);
  const [open, setOpen] = useState<OpenCell | null>(null);
  const close = useCallback(() => setOpen(null), []);
  const openMenu = useCallback((cell: HTMLElement, what: OpenCell) => {
    anchor.current = cell;
    setOpen(what);
  }, []);
  const menu = open && (
    <ActionList
      anchor={anchor}
      label={m.table.cellActions(open.text)}
      align="start"
      actions={actionsFor(open.field, open.text)}
      onClose={close}
    >
      <p className="menu-note mono">{open.text === "" ? m.table.empty : open.text.slice(0, 300)}</p>
    </ActionList>
  );
  return { menu, openMenu };
}

const STEPS: Record<string, [number, number]> = {
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
  PageDown: [10, 0],
  PageUp: [-10, 0],
};

/** One stop for Tab; inside, the arrow keys move. */
function useRovingFocus(grid: { current: HTMLTableElement | null }) {
  const current = useRef<HTMLElement>(null);
  const onFocus = (event: { target: EventTarget }) => {
    const cell = event.target;
    if (!(cell instanceof HTMLTableCellElement)) return;
    if (current.current && current.current !== cell) current.current.tabIndex = -1;
    cell.tabIndex = 0;
    current.current = cell;
  };
  useEffect(() => {
    if (current.current && !current.current.isConnected) current.current = null;
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    const cell = event.target;
    if (!step || !(cell instanceof HTMLTableCellElement) || cell.tagName !== "TD") return;
    event.preventDefault();
    const rows = [...(grid.current?.tBodies ?? [])].flatMap((body) => [...body.rows]).filter((each) => !each.ariaHidden);
    const row = rows[clamp(rows.indexOf(cell.parentElement as HTMLTableRowElement) + step[0], rows.length)];
    row?.cells[clamp(cell.cellIndex + step[1], row.cells.length)]?.focus();
  };
  return { onFocus, onKeyDown };
}

const clamp = (index: number, length: number) => Math.max(0, Math.min(length - 1, index));

function nextSort(sort: Sort | null, column: string, numeric: boolean): Sort | null {
  if (sort?.column !== column) return { column, descending: numeric || isTimeColumn(column) };
  const first = numeric || isTimeColumn(column);
  return sort.descending === first ? { column, descending: !first } : null;
}

function isNumberColumn(column: string, rows: readonly Row[]): boolean {
  const present = rows.filter((row) => row[column] !== null && row[column] !== undefined);
  return present.length > 0 && !isTimeColumn(column) && present.every((row) => typeof row[column] === "number");
}

export function sortRows(rows: readonly Row[], sort: Sort, numeric: boolean): Row[] {
  const direction = sort.descending ? -1 : 1;
  const time = isTimeColumn(sort.column);
  const key = (row: Row) => (time ? instantMs(row[sort.column]) : numeric ? numberOf(row[sort.column]) : textOf(row[sort.column]));
  return [...rows].sort((a, b) => {
    const [left, right] = [key(a), key(b)];
    if (left === null || left === "") return right === null || right === "" ? 0 : 1;
    if (right === null || right === "") return -1;
    const order = typeof left === "number" && typeof right === "number" ? left - right : String(left).localeCompare(String(right));
    return order * direction;
  });
}
