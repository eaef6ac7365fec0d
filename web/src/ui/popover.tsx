/** Things that float beside a button: closed by Escape or a click elsewhere, focus goes back to the button. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from "react";
import { createPortal } from "react-dom";

const GAP = 4;
const MARGIN = 8;

interface PopoverProps {
  anchor: RefObject<HTMLElement | null>;
  onClose: () => void;
  children: ReactNode;
  className?: string;
  role?: "dialog" | "menu";
  label?: string;
  align?: "start" | "end";
}

export function Popover({ anchor, onClose, children, className = "", role = "dialog", label, align = "start" }: PopoverProps) {
  const own = useRef<HTMLDivElement>(null);
  usePlacement(anchor, own, align);
  useClickOutside(anchor, own, onClose);
  useEffect(() => {
    const first = own.current?.querySelector<HTMLElement>("[data-autofocus], button, a[href], input, select");
    first?.focus({ preventScroll: true });
  }, []);
  const close = useCallback(() => {
    onClose();
    anchor.current?.focus({ preventScroll: true });
  }, [anchor, onClose]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    } else if (role === "menu") moveInMenu(event, own.current, onClose);
    else if (event.key === "Tab") keepInside(event, own.current);
  };
  return createPortal(
    <div ref={own} className={`popover ${className}`} role={role} aria-label={label} onKeyDown={onKeyDown} tabIndex={-1}>
      {children}
    </div>,
    document.body,
  );
}

function usePlacement(anchor: RefObject<HTMLElement | null>, own: RefObject<HTMLElement | null>, align: "start" | "end") {
  useLayoutEffect(() => {
    const place = () => {
      const box = anchor.current?.getBoundingClientRect();
      const element = own.current;
      if (!box || !element) return;
      element.style.maxHeight = "";
      const { offsetWidth: width, offsetHeight: height } = element;
      const below = window.innerHeight - box.bottom - GAP - MARGIN;
      const above = box.top - GAP - MARGIN;
      const goesUp = height > below && above > below;
      const wanted = align === "end" ? box.right - width : box.left;
      element.style.left = `${Math.max(MARGIN, Math.min(wanted, window.innerWidth - width - MARGIN))}px`;
      element.style.top = `${goesUp ? Math.max(MARGIN, box.top - GAP - height) : box.bottom + GAP}px`;
      element.style.maxHeight = `${Math.max(120, goesUp ? above : below)}px`;
    };
    place();
    const observer = new ResizeObserver(place);
    if (own.current) observer.observe(own.current);
    window.addEventListener("resize", place);
    window.addEventListener("scroll", place, true);
    return () => {
      observer.disconnect();
      window.removeEventListener("resize", place);
      window.removeEventListener("scroll", place, true);
    };
  }, [anchor, own, align]);
}

function useClickOutside(anchor: RefObject<HTMLElement | null>, own: RefObject<HTMLElement | null>, onClose: () => void) {
  useEffect(() => {
    const listener = (event: PointerEvent) => {
      const target = event.target as Node;
      if (!own.current?.contains(target) && !anchor.current?.contains(target)) onClose();
    };
    document.addEventListener("pointerdown", listener, true);
    return () => document.removeEventListener("pointerdown", listener, true);
  }, [anchor, own, onClose]);
}

const FOCUSABLE = "button:not(:disabled), a[href], input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex='0']";

function moveInMenu(event: KeyboardEvent, menu: HTMLElement | null, onClose: () => void) {
  const items = [...(menu?.querySelectorAll<HTMLElement>("[role='menuitem']") ?? [])];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Tab") onClose();
  if (to === undefined) return;
  event.preventDefault();
  items[(to + items.length) % items.length]?.focus();
}

export function keepInside(event: KeyboardEvent, container: HTMLElement | null) {
  const items = [...(container?.querySelectorAll<HTMLElement>(FOCUSABLE) ?? [])];
  const first = items[0];
  const last = items[items.length - 1];
  if (!first || !last) return;
  const leaving = event.shiftKey ? document.activeElement === first : document.activeElement === last;
  if (!leaving) return;
  event.preventDefault();
  (event.shiftKey ? last : first).focus();
}

/** Open or closed, with the reference that the popover hangs on. */
export function useOpen<T extends HTMLElement>() {
  const [open, setOpen] = useState(false);
  const anchor = useRef<T>(null);
  const close = useCallback(() => setOpen(false), []);
  const toggle = useCallback(() => setOpen((was) => !was), []);
  return { open, anchor, close, toggle, setOpen };
}
