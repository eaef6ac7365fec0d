/** Dashboards: read with their version, written only over the version that was read. */
import type { DashboardFile } from "../features/dashboards/file";
import { call, sendJson } from "./client";
import type { Schemas } from "./types";

export interface Loaded {
  file: DashboardFile;
  /** As the server takes it back with a change. */
  version: string;
  /** It comes with the program: to be copied, not changed. */
  builtin: boolean;
}

export type Imported = Omit<Schemas["ImportedDashboards"], "dashboards"> & { dashboards: DashboardFile[] };

/** A change of whatever is there. */
export const ANY_VERSION = "*";

const one = (id: string) => `/dashboards/${encodeURIComponent(id)}`;

export async function getDashboard(id: string, signal?: AbortSignal): Promise<Loaded> {
  return loaded(await call(one(id), { method: "GET", signal }));
}

export async function createDashboard(file: DashboardFile): Promise<Loaded> {
  return loaded(await call("/dashboards", { method: "POST", json: file }));
}

export async function saveDashboard(file: DashboardFile, version: string): Promise<Loaded> {
  return loaded(await call(one(file.id), { method: "PUT", json: file, headers: { "if-match": version } }));
}

export async function deleteDashboard(id: string, version: string): Promise<void> {
  await call(one(id), { method: "DELETE", headers: { "if-match": version } });
}

/** Reads an export of OpenSearch Dashboards or Kibana; nothing is stored. */
export async function convertExport(name: string, text: string): Promise<Imported> {
  return (await sendJson<Imported>("POST", "/dashboards/convert", { name, text })) ?? { dashboards: [], left_out: [], notes: [] };
}

async function loaded(response: Response): Promise<Loaded> {
  return {
    file: (await response.json()) as DashboardFile,
    version: response.headers.get("etag") ?? ANY_VERSION,
    builtin: response.headers.get("x-trailhound-builtin") === "true",
  };
}
