/** A long list as a grid: only the rows in sight are in the document. One stop for Tab; inside, the arrow keys move from row to row. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

import { navigate } from "../router";

export interface GridColumn {
  id: string;
  heading: ReactNode;
  className?: string;
  /** Whether the rows are sorted by it; undefined where they can't be. */
  sort?: "descending" | "none" | undefined;
}

interface VirtualGridProps {
  label: string;
  className: string;
  columns: readonly GridColumn[];
  count: number;
  /** Rows there are in all, loaded or not. */
  total: number;
  /** In pixels; the same for every row, so that places can be reckoned. */
  rowHeight: number;
  rowKey: (index: number) => string;
  /** One content for each column. */
  cells: (index: number) => readonly ReactNode[];
  /** Where Enter and a click on the row lead. */
  link: (index: number) => string;
  isSelected?: ((index: number) => boolean) | undefined;
  /** Keys beyond moving and opening; true where it was one. */
  onKey?: ((event: KeyboardEvent, index: number) => boolean) | undefined;
  /** Called when the last rows come into sight. */
  onNearEnd?: (() => void) | undefined;
}

const OVERSCAN = 8;
const PAGE = 10;

export function VirtualGrid(props: VirtualGridProps) {
  const { label, className, columns, count, total, rowHeight, rowKey, cells, link, isSelected, onKey } = props;
  const container = useRef<HTMLDivElement>(null);
  const { first, last } = useWindow(container, count, rowHeight);
  const [active, setActive] = useState(0);
  const moved = useRef(false);
  const current = Math.min(active, Math.max(0, count - 1));
  useNearEnd(last, count, total, props.onNearEnd);

  const move = useCallback((to: number) => {
    moved.current = true;
    setActive(to);
  }, []);
  useEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    reveal(container.current, current, rowHeight);
    container.current?.querySelector<HTMLElement>(`[data-row="${current}"]`)?.focus({ preventScroll: true });
  }, [current, first, rowHeight]);

  const onKeyDown = (event: KeyboardEvent, index: number) => {
    if (event.target !== event.currentTarget) return;
    const to = stepOf(event.key, index, count);
    if (to !== null) {
      reveal(container.current, to, rowHeight);
      move(to);
    } else if (event.key === "Enter") navigate(link(index));
    else if (!onKey?.(event, index)) return;
    event.preventDefault();
  };
  const shown = Array.from({ length: Math.max(0, last - first) }, (_, offset) => first + offset);
  // The row that has the focus stays in the document though it is scrolled away.
  if (count > 0 && !shown.includes(current)) shown.push(current);
  return (
    <div ref={container} className={`vgrid ${className}`} role="grid" aria-label={label} aria-rowcount={total + 1}>
      <div role="rowgroup" className="vgrid-head">
        <div role="row" className="vgrid-row" aria-rowindex={1}>
          {columns.map(({ id, heading, className: own = "", sort }) => (
            <div key={id} role="columnheader" aria-sort={sort} className={`vgrid-cell ${own}`}>
              {heading}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className="vgrid-body" style={{ height: count * rowHeight }}>
        {shown.map((index) => (
          <div
            key={rowKey(index)}
            role="row"
            data-row={index}
            className="vgrid-row"
            aria-rowindex={index + 2}
            aria-selected={isSelected?.(index)}
            tabIndex={index === current ? 0 : -1}
            style={{ top: index * rowHeight, height: rowHeight }}
            onFocus={() => setActive(index)}
            onKeyDown={(event) => onKeyDown(event, index)}
            onClick={(event) => {
              if (!(event.target as HTMLElement).closest("a, button, input, label")) navigate(link(index));
            }}
          >
            {cells(index).map((content, at) => (
              <div key={columns[at]?.id ?? at} role="gridcell" className={`vgrid-cell ${columns[at]?.className ?? ""}`}>
                {content}
              </div>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

/** Rows `first` to `last` (exclusive) are in sight of the container, or nearly. */
function useWindow(container: { current: HTMLDivElement | null }, count: number, rowHeight: number): { first: number; last: number } {
  const [view, setView] = useState({ top: 0, height: 800 });
  useLayoutEffect(() => {
    const element = container.current;
    if (!element) return;
    const look = () =>
      setView((before) => {
        const now = { top: Math.floor(element.scrollTop / rowHeight) * rowHeight, height: element.clientHeight };
        return before.top === now.top && before.height === now.height ? before : now;
      });
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [container, rowHeight]);
  return windowOf(view.top, view.height, count, rowHeight);
}

export function windowOf(top: number, height: number, count: number, rowHeight: number): { first: number; last: number } {
  const first = Math.max(0, Math.min(count, Math.floor(top / rowHeight)) - OVERSCAN);
  return { first, last: Math.min(count, Math.ceil((top + height) / rowHeight) + OVERSCAN) };
}

function useNearEnd(last: number, count: number, total: number, onNearEnd: (() => void) | undefined) {
  const latest = useRef(onNearEnd);
  latest.current = onNearEnd;
  const near = count > 0 && count < total && last >= count;
  useEffect(() => {
    if (near) latest.current?.();
  }, [near, count]);
}

/** Scrolls no further than needed for a row to be seen whole, below the heading. */
function reveal(element: HTMLElement | null, index: number, rowHeight: number): void {
  if (!element) return;
  const head = element.querySelector<HTMLElement>(".vgrid-head")?.offsetHeight ?? 0;
  const top = index * rowHeight;
  if (top < element.scrollTop) element.scrollTop = top;
  else if (top + rowHeight > element.scrollTop + element.clientHeight - head)
    element.scrollTop = top + rowHeight - element.clientHeight + head;
}

/** Where a key leads from a row; null where it is no key of movement. */
export function stepOf(key: string, index: number, count: number): number | null {
  const steps: Record<string, number> = {
    ArrowDown: index + 1,
    j: index + 1,
    ArrowUp: index - 1,
    k: index - 1,
    PageDown: index + PAGE,
    PageUp: index - PAGE,
    Home: 0,
    End: count - 1,
  };
  const to = steps[key];
  return to === undefined ? null : Math.max(0, Math.min(count - 1, to));
}
