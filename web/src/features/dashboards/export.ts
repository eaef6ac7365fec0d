/** A dashboard as a file, which *Import* and `trailhound dashboards import` take. */
import { download } from "../../ui/copy";
import type { DashboardFile } from "./file";

export function exportDashboard(file: DashboardFile): void {
  download(`${file.id}.json`, "application/json", `${JSON.stringify(file, null, 2)}\n`);
}
