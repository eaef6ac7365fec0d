/** Which colour is which series; a click on a name is a click on the series. */
import { useSettings } from "../../i18n";
import { colourOf, paletteOf } from "./palette";
import { useSeriesLabel } from "./words";

interface LegendProps {
  names: readonly string[];
  /** Beside a name. */
  values?: readonly string[];
  /** Beside a value, where there is room. */
  shares?: readonly string[];
  onPick?: ((name: string) => void) | undefined;
  /** The column that the names are values of. */
  column?: string | undefined;
  /** Below one another instead of in a line. */
  list?: boolean;
}

export function Legend({ names, values, shares, column, onPick, list = false }: LegendProps) {
  const { dark } = useSettings();
  const label = useSeriesLabel(column);
  const palette = paletteOf(dark);
  return (
    <ul className={list ? "legend list" : "legend"}>
      {names.map((name, index) => {
        const content = (
          <>
            <span className="swatch" style={{ background: colourOf(name, index, palette) }} />
            <span className="legend-name" title={list ? label(name) : undefined}>
              {label(name)}
            </span>
            {values && (
              <span className="legend-value">
                {values[index]}
                {shares && <span className="legend-share"> · {shares[index]}</span>}
              </span>
            )}
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
