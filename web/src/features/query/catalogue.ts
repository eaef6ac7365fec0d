/** The field catalogue as the page uses it: which names are filters, and what a field means. */
import { getFields, getLanguages, getLogTypes, getStatus } from "../../api/client";
import type { FieldEntry, LanguageEntry, LogTypeEntry, Status } from "../../api/types";
import { useResource, type Resource } from "./use-resource";

export interface Catalogue {
  entries: readonly FieldEntry[];
  /** Any spelling of a field, whatever its case. */
  find: (name: string) => FieldEntry | undefined;
}

const EMPTY: Catalogue = { entries: [], find: () => undefined };
let built: { from: readonly FieldEntry[]; catalogue: Catalogue } | null = null;

export function useCatalogue(): Catalogue {
  const { value } = useResource("fields", getFields);
  if (!value) return EMPTY;
  if (built?.from !== value) built = { from: value, catalogue: catalogueOf(value) };
  return built.catalogue;
}

export const useFields = (): Resource<FieldEntry[]> => useResource("fields", getFields);
export const useLogTypes = (): Resource<LogTypeEntry[]> => useResource("log-types", getLogTypes);
export const useLanguages = (): Resource<LanguageEntry[]> => useResource("languages", getLanguages);
export const useStatus = (): Resource<Status> => useResource("status", getStatus);

export function catalogueOf(entries: readonly FieldEntry[]): Catalogue {
  const byName = new Map<string, FieldEntry>();
  for (const entry of entries) {
    for (const name of namesOf(entry)) {
      const key = name.toLowerCase();
      if (!byName.has(key)) byName.set(key, entry);
    }
  }
  return { entries, find: (name) => byName.get(name.toLowerCase()) };
}

export function namesOf(entry: FieldEntry): string[] {
  const names = [entry.cloudtrail, entry.column, ...(entry.splunk ?? []), entry.ecs, entry.ocsf, entry.sumo];
  return names.filter((name): name is string => typeof name === "string" && name !== "");
}

/** The parts of a record whose insides are read by path. */
const SECTIONS = [
  "userIdentity",
  "requestParameters",
  "responseElements",
  "additionalEventData",
  "serviceEventDetails",
  "tlsDetails",
  "resources",
  "insightDetails",
  "addendum",
  "edgeDeviceDetails",
  "eventContext",
];

/** True where a column of a result can be filtered by: it is a field of the events and not something counted. */
export function isField(name: string, catalogue: Catalogue): boolean {
  if (catalogue.find(name)) return true;
  const section = name.split(/[.{[]/, 1)[0] ?? "";
  return section !== name && SECTIONS.includes(section);
}
