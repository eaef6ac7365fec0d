/** A CloudTrail record as the page reads it: fields by path, and the rows of the tree it is shown as. */
import type { Value } from "../../api/types";

export type Json = Value;

export function parseRecord(raw: string): { [key: string]: Json } | null {
  try {
    const value = JSON.parse(raw) as Json;
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** The value at a dotted path; null where there is none. */
export function at(record: Json | undefined, path: string): Json {
  let value: Json | undefined = record;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    value = value[key];
  }
  return value ?? null;
}

export function textAt(record: Json | undefined, path: string): string {
  const value = at(record, path);
  return value === null || typeof value === "object" ? "" : String(value);
}

export interface Node {
  /** Unique among the record's nodes: the path with array positions. */
  id: string;
  /** The field as queries name it: array positions become `{}`. */
  field: string;
  /** The last step: a member's name, or a position in a list. */
  name: string;
  value: Json;
  /** From 1. */
  level: number;
  parent: string | null;
  /** How many children; null for a plain value. */
  children: number | null;
  position: number;
  siblings: number;
}

/** All nodes of a record in reading order; children follow their parent. */
export function nodesOf(record: Json): Node[] {
  const nodes: Node[] = [];
  const visit = (value: Json, parent: Node | null) => {
    const entries = entriesOf(value);
    entries.forEach(([name, child], index) => {
      const list = Array.isArray(value);
      const node: Node = {
        id: parent ? `${parent.id}/${name}` : name,
        field: list ? `${parent?.field ?? ""}{}` : parent ? `${parent.field}.${name}` : name,
        name,
        value: child,
        level: (parent?.level ?? 0) + 1,
        parent: parent?.id ?? null,
        children: isContainer(child) ? entriesOf(child).length : null,
        position: index + 1,
        siblings: entries.length,
      };
      nodes.push(node);
      if (isContainer(child)) visit(child, node);
    });
  };
  visit(record, null);
  return nodes;
}

function isContainer(value: Json): value is Json[] | { [key: string]: Json } {
  return typeof value === "object" && value !== null;
}

function entriesOf(value: Json): [string, Json][] {
  if (Array.isArray(value)) return value.map((item, index) => [String(index), item]);
  return isContainer(value) ? Object.entries(value) : [];
}

/** The nodes to be seen when those in `closed` are shut. */
export function visibleNodes(nodes: readonly Node[], closed: ReadonlySet<string>): Node[] {
  const hidden = new Set<string>();
  return nodes.filter((node) => {
    const inside = node.parent !== null && (hidden.has(node.parent) || closed.has(node.parent));
    if (inside) hidden.add(node.id);
    return !inside;
  });
}
