/** Query strings: written so that a person can read them, and cut down to what goes along from view to view. */
import { readConditions, readSwitchedOff, writeConditions, writeSwitchedOff, type Condition } from "./filters";
import { readRange, writeRange, type TimeRange } from "./time-range";

/** Presentation settings that a link may carry beside the filters. */
const SETTINGS = ["lang", "tz"] as const;

/** `URLSearchParams.toString`, but leaving the characters alone that a query string may hold as they are. */
export function format(params: URLSearchParams): string {
  const text = [...params].map(([key, value]) => `${encode(key)}=${encode(value)}`).join("&");
  return text === "" ? "" : `?${text}`;
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/%(3A|2F|2C|40|21|24|20)/gi, (_, code: string) =>
    code === "20" ? "+" : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** What stays when one goes to another view: the time range, the conditions, language and time zone. */
export function carried(params: URLSearchParams): URLSearchParams {
  return compose(params, readRange(params), readConditions(params), {});
}

/** What a view is about, apart from how one looks at it. */
export function withoutSettings(params: URLSearchParams): URLSearchParams {
  const kept = new URLSearchParams(params);
  for (const key of SETTINGS) kept.delete(key);
  return kept;
}

/** The address of `path` with a kept query string, under the settings of the current view. */
export function linkBack(path: string, kept: string, current: URLSearchParams): string {
  const params = withoutSettings(new URLSearchParams(kept));
  for (const key of SETTINGS) {
    const value = current.get(key);
    if (value !== null) params.set(key, value);
  }
  return path + format(params);
}

/** A link to `path` that takes the current filters along, some of them changed, with parameters of its own. */
export function linkTo(
  path: string,
  current: URLSearchParams,
  change: { range?: TimeRange; conditions?: readonly Condition[]; own?: Record<string, string | null> } = {},
): string {
  const params = compose(current, change.range ?? readRange(current), change.conditions ?? readConditions(current), change.own ?? {});
  return path + format(params);
}

/** Always in the same order, so that the same view has the same address. */
function compose(
  current: URLSearchParams,
  range: TimeRange,
  conditions: readonly Condition[],
  own: Record<string, string | null>,
): URLSearchParams {
  const params = new URLSearchParams();
  writeRange(params, range);
  writeConditions(params, conditions);
  writeSwitchedOff(params, readSwitchedOff(current));
  for (const [key, value] of Object.entries(own)) if (value !== null) params.set(key, value);
  for (const key of SETTINGS) {
    const value = current.get(key);
    if (value !== null) params.set(key, value);
  }
  return params;
}
