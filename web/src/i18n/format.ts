/** Numbers, instants and sizes as text, in the language and time zone chosen. */
import type { Messages } from "./en";
import type { Language, Zone } from "./index";

const TIME_ZONE: Record<Zone, string | undefined> = { utc: "UTC", local: undefined, jst: "Asia/Tokyo" };
const ISO_INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

/** The zone's name for the server; none for UTC, which it takes anyway. */
export function zoneName(zone: Zone): string | undefined {
  const name = zone === "local" ? Intl.DateTimeFormat().resolvedOptions().timeZone : TIME_ZONE[zone];
  return name === "UTC" ? undefined : name;
}

export function isInstant(value: unknown): value is string {
  return typeof value === "string" && ISO_INSTANT.test(value);
}

/** `2023-07-10 12:05:33`: sortable, the same in every language. */
export function formatInstant(value: string | number, zone: Zone, precision: "minute" | "second" = "second"): string {
  const parts = partsOf(value, zone);
  if (!parts) return String(value);
  const time = `${parts["hour"]}:${parts["minute"]}${precision === "second" ? `:${parts["second"]}` : ""}`;
  return `${parts["year"]}-${parts["month"]}-${parts["day"]} ${time}`;
}

/** For axes: no more than the step between two ticks needs. */
export function formatTick(value: number, zone: Zone, stepMs: number): string {
  const parts = partsOf(value, zone);
  if (!parts) return "";
  const day = `${parts["month"]}-${parts["day"]}`;
  if (stepMs >= 7 * 86400e3) return `${parts["year"]}-${day}`;
  if (stepMs >= 86400e3) return day;
  const time = `${parts["hour"]}:${parts["minute"]}`;
  return time === "00:00" ? day : time;
}

function partsOf(value: string | number, zone: Zone): Record<string, string> | null {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return null;
  const parts = formatterFor(zone).formatToParts(date);
  return Object.fromEntries(parts.map(({ type, value: text }) => [type, text]));
}

const formatters = new Map<Zone, Intl.DateTimeFormat>();

function formatterFor(zone: Zone): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-CA", {
    timeZone: TIME_ZONE[zone],
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  formatters.set(zone, made);
  return made;
}

export function zoneLabel(zone: Zone, m: Messages): string {
  return { utc: m.settings.tzUtc, local: m.settings.tzLocal, jst: m.settings.tzJst }[zone];
}

/** What a `datetime-local` input shows for an instant in a zone, and back. */
export function toInput(instant: number, zone: Zone): string {
  return formatInstant(instant, zone, "minute").replace(" ", "T");
}

export function fromInput(text: string, zone: Zone): string | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text)) return null;
  const date = new Date(zone === "utc" ? `${text}Z` : zone === "jst" ? `${text}+09:00` : text);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().replace(".000Z", "Z");
}

const LOCALE: Record<Language, string> = { en: "en-GB", ja: "ja-JP" };

export function formatNumber(value: number, language: Language): string {
  return value.toLocaleString(LOCALE[language], { maximumFractionDigits: 2 });
}

/** Short from a hundred thousand on: 1.2M, 123万. */
export function formatCompact(value: number, language: Language): string {
  if (Math.abs(value) < 100_000) return formatNumber(value, language);
  return value.toLocaleString(language === "ja" ? "ja-JP" : "en-US", { notation: "compact", maximumFractionDigits: 1 });
}

/** Shorter still, for narrow places: 12.3K, 1.2万. */
export function formatShort(value: number, language: Language): string {
  if (Math.abs(value) < 10_000) return formatNumber(value, language);
  return value.toLocaleString(language === "ja" ? "ja-JP" : "en-US", { notation: "compact", maximumSignificantDigits: 3 });
}

const SIZES = ["B", "kB", "MB", "GB", "TB"];

export function formatBytes(bytes: number, language: Language): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < SIZES.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toLocaleString(LOCALE[language], { maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0 })} ${SIZES[unit] ?? ""}`;
}
