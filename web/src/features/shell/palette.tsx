/** The command palette: Ctrl+K, a word, Enter. Leads to any page, to what a value is, or to a search for it. */
import { useEffect, useId, useState, type KeyboardEvent } from "react";

import { getDashboards } from "../../api/client";
import { listSearches } from "../../api/searches";
import { useSettings } from "../../i18n";
import { navigate, useLocation } from "../../router";
import { Dialog } from "../../ui/dialog";
import { Icon } from "../../ui/icon";
import { useResource } from "../query/use-resource";
import { SEARCHES } from "../searches/saved";
import { destinations, pagesOf, savedOf } from "./destinations";

/** Opens with Ctrl+K or ⌘K, wherever the focus is. */
export function usePaletteKey(open: () => void): void {
  useEffect(() => {
    const listener = (event: globalThis.KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
      event.preventDefault();
      open();
    };
    document.addEventListener("keydown", listener);
    return () => document.removeEventListener("keydown", listener);
  }, [open]);
}

export function Palette({ onClose }: { onClose: () => void }) {
  const { m, text } = useSettings();
  const { params } = useLocation();
  const list = useId();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const dashboards = useResource("dashboards", getDashboards).value ?? [];
  const named = [...dashboards].sort((a, b) => a.order - b.order).map(({ id, title }) => ({ id, label: text(title) }));
  const saved = useResource(SEARCHES, listSearches).value ?? [];
  const found = destinations(typed, [...pagesOf(m, named, params), ...savedOf(saved, params)], m, params);
  const current = Math.min(at, found.length - 1);
  const go = (to: string) => {
    onClose();
    navigate(to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" && found[current]) go(found[current].to);
    else if (step) setAt((current + step + found.length) % found.length);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={m.nav.palette} closeLabel={m.panel.close} onClose={onClose}>
      <input
        ref={(element) => element?.focus()}
        className="input palette-input"
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={`${list}-${current}`}
        aria-label={m.nav.palette}
        placeholder={m.nav.paletteHint}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul id={list} className="palette" role="listbox" aria-label={m.nav.palette}>
        {found.map(({ id, label, icon, to }, index) => (
          <li
            key={id}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === current}
            className="menu-item"
            onMouseMove={() => setAt(index)}
            onClick={() => go(to)}
          >
            <Icon name={icon} />
            <span>{label}</span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
