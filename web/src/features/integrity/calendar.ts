/** The hours of a trail as days: the worst verdict of a day is the day's. */
import type { HourVerdict, Trail, TrailHour } from "../../api/ingestion";

/** Worst first. */
export const VERDICTS: readonly HourVerdict[] = ["invalid", "missing", "gap", "pending", "valid"];

export interface Day {
  /** `2026-01-15`, UTC: digest files are of hours in UTC. */
  day: string;
  verdict: HourVerdict;
  hours: TrailHour[];
}

export interface TrailDays {
  key: string;
  trail: string;
  account: string;
  region: string;
  backfill: boolean;
  /** By day; a day without hours is absent. */
  days: Map<string, Day>;
}

export const keyOf = ({ trail, account, region, backfill }: Omit<Trail, "hours">): string =>
  [trail, account, region, ...(backfill ? ["backfill"] : [])].join(" ");

export function daysOf(trail: Trail): TrailDays {
  const days = new Map<string, Day>();
  for (const hour of trail.hours) {
    const day = hour.hour.slice(0, 10);
    const known = days.get(day);
    if (!known) days.set(day, { day, verdict: hour.verdict, hours: [hour] });
    else {
      known.hours.push(hour);
      known.verdict = worse(known.verdict, hour.verdict);
    }
  }
  const { trail: name, account, region, backfill } = trail;
  return { key: keyOf(trail), trail: name, account, region, backfill, days };
}

export function worse(a: HourVerdict, b: HourVerdict): HourVerdict {
  return VERDICTS.indexOf(a) <= VERDICTS.indexOf(b) ? a : b;
}

/** Every day from the first to the last that a trail has, so that the columns are a calendar. */
export function calendarOf(trails: readonly TrailDays[]): string[] {
  const known = trails.flatMap(({ days }) => [...days.keys()]).sort();
  const [first, last] = [known[0], known[known.length - 1]];
  if (first === undefined || last === undefined) return [];
  const calendar: string[] = [];
  for (let at = Date.parse(`${first}T00:00:00Z`); at <= Date.parse(`${last}T00:00:00Z`); at += 86400e3)
    calendar.push(new Date(at).toISOString().slice(0, 10));
  return calendar;
}

/** Hours looked at, and how many of them are neither valid nor still to come. */
export function tally(trails: readonly Trail[]): { hours: number; bad: number } {
  const all = trails.flatMap(({ hours }) => hours);
  return { hours: all.length, bad: all.filter(({ verdict }) => verdict !== "valid" && verdict !== "pending").length };
}
