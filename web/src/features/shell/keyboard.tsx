/** The keyboard help: `?` anywhere but in a field. */
import { useEffect } from "react";

import { useSettings } from "../../i18n";
import { Dialog } from "../../ui/dialog";
import { KEYS } from "./keys";

const FIELDS = "input, textarea, select, [contenteditable]";

export function useHelpKey(open: () => void): void {
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      // The editor is in a shadow tree, where the event's target does not reach.
      const typing = event.composedPath().some((node) => node instanceof Element && node.matches(FIELDS));
      if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey || typing || document.querySelector("[role='dialog']"))
        return;
      event.preventDefault();
      open();
    };
    document.addEventListener("keydown", listener);
    return () => document.removeEventListener("keydown", listener);
  }, [open]);
}

export function KeyboardHelp({ onClose }: { onClose: () => void }) {
  const { m } = useSettings();
  const t = m.keyboard;
  return (
    <Dialog title={t.title} closeLabel={m.panel.close} onClose={onClose}>
      <div className="keys">
        {KEYS.map(({ place, keys }) => (
          <section key={place} aria-label={t.places[place]}>
            <h3>{t.places[place]}</h3>
            <dl>
              {keys.map(({ does, press }) => (
                <div key={does}>
                  <dt>
                    {press.map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{t.does[does]}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <p className="none">{t.mac}</p>
    </Dialog>
  );
}
