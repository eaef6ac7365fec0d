/** Which events a view looks at: conditions on fields, kept in the URL so that every view is a link. */

export type Op = "is" | "is_not";

/** `field` is any name of the field catalogue or a path into the record; any of `values` satisfies it. */
export interface Condition {
  field: string;
  op: Op;
  values: string[];
}

/** The conditions with a place of their own in the filter bar: URL key → field. */
export const NAMED = {
  account: "recipientAccountId",
  region: "awsRegion",
  user: "user",
  event: "eventName",
  ip: "sourceIPAddress",
} as const;
export type NamedKey = keyof typeof NAMED;
export const NAMED_KEYS = Object.keys(NAMED) as NamedKey[];

const FREE = "f.";
const NOT = "!";
/** Before the key of a condition that is kept, and does not count for now. */
const OFF = "off.";

/**
 * `user=a&user=b` means user is a or b, `user!=c` user is not c; `f.errorCode=AccessDenied` is a condition on any other
 * field.
 */
export function readConditions(params: URLSearchParams): Condition[] {
  const found: Condition[] = [];
  for (const key of new Set(params.keys())) {
    const op: Op = key.endsWith(NOT) ? "is_not" : "is";
    const name = op === "is_not" ? key.slice(0, -NOT.length) : key;
    const field = fieldOf(name);
    const values = [...new Set(params.getAll(key).filter((value) => value !== ""))];
    if (field !== null && values.length > 0) found.push({ field, op, values });
  }
  return found;
}

export function writeConditions(params: URLSearchParams, conditions: readonly Condition[]): void {
  for (const key of [...new Set(params.keys())]) {
    if (fieldOf(key.endsWith(NOT) ? key.slice(0, -1) : key) !== null) params.delete(key);
  }
  for (const { field, op, values } of conditions) {
    for (const value of values) params.append(keyOf(field) + (op === "is_not" ? NOT : ""), value);
  }
}

/** The conditions that are switched off. */
export function readSwitchedOff(params: URLSearchParams): Condition[] {
  const kept = new URLSearchParams();
  for (const [key, value] of params) if (key.startsWith(OFF)) kept.append(key.slice(OFF.length), value);
  return readConditions(kept);
}

export function writeSwitchedOff(params: URLSearchParams, conditions: readonly Condition[]): void {
  for (const key of [...new Set(params.keys())]) if (key.startsWith(OFF)) params.delete(key);
  const kept = new URLSearchParams();
  writeConditions(kept, conditions);
  for (const [key, value] of kept) params.append(OFF + key, value);
}

/** Includes what was excluded, or the other way round. */
export function inverted(conditions: readonly Condition[], field: string, op: Op, value: string): Condition[] {
  return withValue(conditions, field, op === "is" ? "is_not" : "is", value);
}

function fieldOf(name: string): string | null {
  if (Object.hasOwn(NAMED, name)) return NAMED[name as NamedKey];
  return name.startsWith(FREE) && name.length > FREE.length ? name.slice(FREE.length) : null;
}

function keyOf(field: string): string {
  return NAMED_KEYS.find((key) => NAMED[key] === field) ?? FREE + field;
}

/** Adds a value: to the condition that is there already, taking it from the opposite one. */
export function withValue(conditions: readonly Condition[], field: string, op: Op, value: string): Condition[] {
  const opposite = op === "is" ? "is_not" : "is";
  const cleaned = withoutValue(conditions, field, opposite, value);
  const existing = cleaned.find((condition) => condition.field === field && condition.op === op);
  if (!existing) return [...cleaned, { field, op, values: [value] }];
  if (existing.values.includes(value)) return cleaned;
  return cleaned.map((condition) => (condition === existing ? { ...condition, values: [...condition.values, value] } : condition));
}

/** Makes `values` the field's only values under `op`; an empty list takes the condition away. */
export function withValues(conditions: readonly Condition[], field: string, op: Op, values: readonly string[]): Condition[] {
  const others = conditions.filter((condition) => condition.field !== field || condition.op !== op);
  return values.length === 0 ? others : [...others, { field, op, values: [...values] }];
}

export function withoutValue(conditions: readonly Condition[], field: string, op: Op, value: string): Condition[] {
  return conditions.flatMap((condition) => {
    if (condition.field !== field || condition.op !== op) return [condition];
    const values = condition.values.filter((other) => other !== value);
    return values.length === 0 ? [] : [{ ...condition, values }];
  });
}

export function valuesOf(conditions: readonly Condition[], field: string, op: Op): string[] {
  return conditions.find((condition) => condition.field === field && condition.op === op)?.values ?? [];
}
