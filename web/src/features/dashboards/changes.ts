/** After a dashboard was made, changed or deleted, whoever shows the list or the file asks again. */
import { refetch } from "../query/use-resource";

export function dashboardChanged(id: string): void {
  refetch("dashboards");
  refetch(`dashboard ${id}`);
}

/** The id that an address names is the key under which its dashboard is shared. */
export const resourceKey = (id: string) => `dashboard ${id}`;
