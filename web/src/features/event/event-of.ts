/** The record and the id of a row that is an event, whatever names its query gave them. */
import type { Row } from "../../api/types";
import { textOf } from "../results/value";
import { parseRecord, textAt } from "./record";

export function eventOf(row: Row): { raw: string | null; id: string | null } {
  const raw = row["_raw"] ?? row["raw"] ?? null;
  const id = row["eventID"] ?? row["event_id"] ?? row["eventid"] ?? null;
  const text = raw === null ? null : textOf(raw);
  const own = id === null && text !== null ? textAt(parseRecord(text) ?? undefined, "eventID") : textOf(id);
  return { raw: text, id: own === "" ? null : own };
}
