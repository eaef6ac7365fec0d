/** Long tables: rows come in chunks, and only those in sight, or nearly, are in the document. Rows may be of any height. */
import { useEffect, useRef, useState } from "react";

export const CHUNK = 50;
/** Tables up to here are in the document whole. */
export const FEW = 150;
const ROW_HEIGHT = 31;
/** Drawn before it is in sight. */
const MARGIN = "800px 0px";

/** `[first, last)` of each chunk; one for all where they are few. */
export function chunksOf(count: number): { first: number; last: number }[] {
  if (count <= FEW) return [{ first: 0, last: count }];
  return Array.from({ length: Math.ceil(count / CHUNK) }, (_, at) => ({ first: at * CHUNK, last: Math.min(count, (at + 1) * CHUNK) }));
}

/** Whether a chunk is drawn, and how high it is while it is not: as high as it was, or as rows mostly are. */
export function useInSight(
  first: boolean,
  rows: number,
): { body: { current: HTMLTableSectionElement | null }; drawn: boolean; height: number } {
  const body = useRef<HTMLTableSectionElement>(null);
  const [drawn, setDrawn] = useState(first);
  const height = useRef(rows * ROW_HEIGHT);
  useEffect(() => {
    const element = body.current;
    if (!element) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry) return;
        if (!entry.isIntersecting && element.rows.length > 1) height.current = element.getBoundingClientRect().height;
        // What has the focus stays.
        setDrawn(entry.isIntersecting || element.contains(document.activeElement));
      },
      { root: element.closest(".table-scroll"), rootMargin: MARGIN },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { body, drawn, height: height.current };
}
