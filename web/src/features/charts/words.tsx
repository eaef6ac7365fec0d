/** How values and numbers are said to people: a dashboard's words for the codes of its rows, severities, bytes in units that fit. */
import { createContext, useCallback, useContext } from "react";

import { useSettings } from "../../i18n";
import { formatBytes, formatCompact, formatNumber } from "../../i18n/format";
import type { Text } from "../dashboards/file";
import { localCountry } from "../map/countries";
import { outcomeOf, severityOf } from "./palette";

/** What the values of a dashboard's rows are called. */
export const WordsContext = createContext<Readonly<Record<string, Text>>>({});

/** Columns whose values are names of countries; codes stay codes. */
const COUNTRY_COLUMN = /country(?!.*code)/i;

/** A value in the reader's language where there is a word for it, countries where its column is of countries; else as it is. */
export function useWord(column = ""): (value: string) => string {
  const { m, text, language } = useSettings();
  const words = useContext(WordsContext);
  return useCallback(
    (value) => {
      const word = Object.hasOwn(words, value) ? text(words[value]) : "";
      const named = COUNTRY_COLUMN.test(column) ? localCountry(value, language) : value;
      return word || named || m.table.empty;
    },
    [m, text, words, column, language],
  );
}

/** The heading of a panel's column: the dashboard's word for it, the page's, else its name. */
export function useHeading(): (column: string) => string {
  const { m, text } = useSettings();
  const words = useContext(WordsContext);
  return useCallback(
    (column) => {
      const own = Object.hasOwn(words, column) ? text(words[column]) : "";
      const known: Readonly<Record<string, string>> = m.columns;
      return own || (Object.hasOwn(known, column) ? known[column] : undefined) || column;
    },
    [m, text, words],
  );
}

/** Series named after outcomes and severities are shown in the reader's language. */
export function useSeriesLabel(column?: string): (name: string) => string {
  const { m } = useSettings();
  const word = useWord(column);
  return useCallback(
    (name) => {
      if (name.toLowerCase() === "authorized") return m.outcome.authorized;
      if (name === "OTHER") return m.panel.other;
      const outcome = outcomeOf(name);
      if (outcome) return m.outcome[outcome];
      const severity = severityOf(name);
      return severity ? m.alerts.severities[severity] : word(name);
    },
    [m, word],
  );
}

export type Unit = "bytes";

/** Numbers as text: whole, or as short as it gets. */
export interface Figures {
  exact: (value: number) => string;
  short: (value: number) => string;
}

export function useFigures(unit: Unit | undefined): Figures {
  const { language } = useSettings();
  const bytes = useCallback((value: number) => formatBytes(value, language), [language]);
  const exact = useCallback((value: number) => formatNumber(value, language), [language]);
  const short = useCallback((value: number) => formatCompact(value, language), [language]);
  return unit === "bytes" ? { exact: bytes, short: bytes } : { exact, short };
}

/** Columns of a table that hold bytes, where its panel counts bytes. */
export const isBytesColumn = (name: string): boolean => /bytes|^(size|sent|received|uploaded|downloaded)$/i.test(name);
