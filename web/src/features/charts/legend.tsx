/** Which colour is which series; a click on a name is a click on the series. */
import { useCallback } from "react";

import { useSettings } from "../../i18n";
import { colourOf, outcomeOf, paletteOf } from "./palette";

/** Series named after outcomes are shown in the reader's language. */
export function useSeriesLabel(): (name: string) => string {
  const { m } = useSettings();
  return useCallback(
    (name) => {
      if (name.toLowerCase() === "authorized") return m.outcome.authorized;
      if (name === "OTHER") return m.panel.other;
      const outcome = outcomeOf(name);
      return outcome ? m.outcome[outcome] : name;
    },
    [m],
  );
}

interface LegendProps {
  names: readonly string[];
  /** Beside a name, e.g. its share. */
  values?: readonly string[];
  onPick?: ((name: string) => void) | undefined;
  /** Below one another instead of in a line. */
  list?: boolean;
}

export function Legend({ names, values, onPick, list = false }: LegendProps) {
  const { dark } = useSettings();
  const label = useSeriesLabel();
  const palette = paletteOf(dark);
  return (
    <ul className={list ? "legend list" : "legend"}>
      {names.map((name, index) => {
        const content = (
          <>
            <span className="swatch" style={{ background: colourOf(name, index, palette) }} />
            <span className="legend-name">{label(name)}</span>
            {values && <span className="legend-value">{values[index]}</span>}
          </>
        );
        const leads = onPick && name !== "OTHER" && name !== "NULL";
        return (
          <li key={name}>
            {leads ? (
              <button type="button" onClick={() => onPick(name)}>
                {content}
              </button>
            ) : (
              <span>{content}</span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
