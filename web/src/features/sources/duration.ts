/** How long ago or how far behind, in the largest unit that says it well. */
import type { Messages } from "../../i18n/en";

export function duration(seconds: number, m: Messages): string {
  const t = m.ingestion.sources;
  if (seconds < 120) return t.seconds(Math.max(0, Math.round(seconds)));
  if (seconds < 2 * 3600) return t.minutes(Math.round(seconds / 60));
  if (seconds < 2 * 86400) return t.hours(Math.round(seconds / 3600));
  return t.days(Math.round(seconds / 86400));
}
