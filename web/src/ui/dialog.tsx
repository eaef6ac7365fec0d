/** A modal dialog: Escape and a click on the backdrop close it, focus stays inside and returns afterwards. */
import { useEffect, useId, useRef, type KeyboardEvent, type ReactNode } from "react";
import { createPortal } from "react-dom";

import { Icon } from "./icon";
import { keepInside } from "./popover";

export function Dialog({
  title,
  closeLabel,
  onClose,
  children,
}: {
  title: string;
  closeLabel: string;
  onClose: () => void;
  children: ReactNode;
}) {
  const heading = useId();
  const own = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    own.current?.focus();
    return () => before?.focus();
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.defaultPrevented) onClose();
    if (event.key === "Tab") keepInside(event, own.current);
  };
  return createPortal(
    <div className="dialog-backdrop" onPointerDown={(event) => event.target === event.currentTarget && onClose()}>
      <div ref={own} className="dialog" role="dialog" aria-modal="true" aria-labelledby={heading} tabIndex={-1} onKeyDown={onKeyDown}>
        <header>
          <h2 id={heading}>{title}</h2>
          <button type="button" className="icon-button" aria-label={closeLabel} title={closeLabel} onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        <div className="content">{children}</div>
      </div>
    </div>,
    document.body,
  );
}
