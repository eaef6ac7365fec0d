/** Tables wider than their place are set closer before they scroll: times on two lines first, then long names, too. */
import { useLayoutEffect, useRef } from "react";

/** From what is best read to what takes least room; `results.css` says what each is. */
const FITS = ["roomy", "snug", "tight"] as const;

/** The box to measure; it is fitted anew when its width or `content` changes. */
export function useFit(content: unknown): { current: HTMLDivElement | null } {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    let fitted = 0;
    const fit = () => {
      // The height follows from the fit, and a scroll bar from the height: only the outer width asks for another fit.
      if (element.offsetWidth === fitted) return;
      fitted = element.offsetWidth;
      for (const each of FITS) {
        element.dataset.fit = each;
        if (element.scrollWidth <= element.clientWidth) break;
      }
    };
    fit();
    const observer = new ResizeObserver(fit);
    observer.observe(element, { box: "border-box" });
    return () => observer.disconnect();
  }, [content]);
  return box;
}
