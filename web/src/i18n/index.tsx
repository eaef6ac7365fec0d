/** Which language, time zone and colours the page shows itself in. A link may say; else the last choice; else the browser. */
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";

import type { Text } from "../features/dashboards/file";
import { useLocation, useSetParams } from "../router";
import { en, type Messages } from "./en";
import { ja } from "./ja";

export type Language = "en" | "ja";
export type Zone = "utc" | "local" | "jst";
export type Theme = "system" | "light" | "dark";

const CATALOGUES: Record<Language, Messages> = { en, ja };
const LANGUAGES: readonly Language[] = ["en", "ja"];
const ZONES: readonly Zone[] = ["utc", "local", "jst"];
const THEMES: readonly Theme[] = ["system", "light", "dark"];

export interface Settings {
  language: Language;
  zone: Zone;
  theme: Theme;
  /** The colours in effect. */
  dark: boolean;
  m: Messages;
  /** A text of a dashboard file or of the catalogue, in the language shown. */
  text: (text: Text | undefined) => string;
  setLanguage: (language: Language) => void;
  setZone: (zone: Zone) => void;
  setTheme: (theme: Theme) => void;
}

const Context = createContext<Settings | null>(null);

export function useSettings(): Settings {
  const settings = useContext(Context);
  if (!settings) throw new Error("useSettings is called outside of SettingsProvider");
  return settings;
}

export function SettingsProvider({ children }: { children: ReactNode }) {
  const { params } = useLocation();
  const setParams = useSetParams();
  const [stored, setStored] = useState(readStored);
  const systemDark = useSystemDark();
  const language = oneOf(LANGUAGES, params.get("lang")) ?? stored.language ?? browserLanguage();
  const zone = oneOf(ZONES, params.get("tz")) ?? stored.zone ?? "utc";
  const theme = stored.theme ?? "system";
  const dark = theme === "dark" || (theme === "system" && systemDark);

  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  useEffect(() => applyTheme(theme), [theme]);

  const choose = useCallback(
    (key: "lang" | "tz" | "theme", value: string) => {
      store(key, value);
      setStored(readStored());
      // The link then says it too; a theme is a matter of the reader's eyes and stays out of links.
      if (key !== "theme") setParams((changed) => changed.set(key, value), { replace: true });
    },
    [setParams],
  );

  const settings = useMemo<Settings>(
    () => ({
      language,
      zone,
      theme,
      dark,
      m: CATALOGUES[language],
      text: (text) => (language === "ja" ? [text?.ja, text?.en] : [text?.en, text?.ja]).find((said) => said?.trim()) ?? "",
      setLanguage: (value) => choose("lang", value),
      setZone: (value) => choose("tz", value),
      setTheme: (value) => choose("theme", value),
    }),
    [language, zone, theme, dark, choose],
  );
  return <Context value={settings}>{children}</Context>;
}

export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

interface Stored {
  language: Language | null;
  zone: Zone | null;
  theme: Theme | null;
}

export function readStored(): Stored {
  return { language: oneOf(LANGUAGES, load("lang")), zone: oneOf(ZONES, load("tz")), theme: oneOf(THEMES, load("theme")) };
}

/** Storage may be forbidden; a choice then lasts as long as the page. */
function load(key: string): string | null {
  try {
    return window.localStorage.getItem(`trailhound.${key}`);
  } catch {
    return null;
  }
}

function store(key: string, value: string): void {
  try {
    window.localStorage.setItem(`trailhound.${key}`, value);
  } catch {
    // See `load`.
  }
}

function oneOf<T extends string>(allowed: readonly T[], value: string | null): T | null {
  return allowed.find((candidate) => candidate === value) ?? null;
}

function browserLanguage(): Language {
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return oneOf(LANGUAGES, wanted.find((tag) => (LANGUAGES as readonly string[]).includes(tag)) ?? null) ?? "en";
}

function useSystemDark(): boolean {
  const [dark, setDark] = useState(() => window.matchMedia("(prefers-color-scheme: dark)").matches);
  useEffect(() => {
    const query = window.matchMedia("(prefers-color-scheme: dark)");
    const update = () => setDark(query.matches);
    query.addEventListener("change", update);
    return () => query.removeEventListener("change", update);
  }, []);
  return dark;
}
