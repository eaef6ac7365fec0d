/** Where the palette can lead: pages by their names, and what a value looks like it is. */
import type { SavedSearch } from "../../api/searches";
import type { Messages } from "../../i18n/en";
import { linkTo } from "../../state/url";
import type { IconName } from "../../ui/icon";
import { entityLink } from "../entity/kinds";
import { linkOf } from "../searches/saved";

export interface Destination {
  id: string;
  label: string;
  icon: IconName;
  to: string;
}

interface Named {
  id: string;
  label: string;
}

/** The saved searches, to be found by their names like pages. */
export function savedOf(searches: readonly SavedSearch[], params: URLSearchParams): Destination[] {
  return searches.map((search) => ({ id: `saved ${search.id}`, label: search.name, icon: "bookmark", to: linkOf(search, params) }));
}

/** All pages, in the order of the navigation. */
export function pagesOf(m: Messages, dashboards: readonly Named[], params: URLSearchParams): Destination[] {
  const page = (path: string, label: string, icon: IconName): Destination => ({ id: path, label, icon, to: linkTo(path, params) });
  return [
    page("/alerts", m.alerts.title, "bell"),
    page("/rules", m.rules.title, "shield"),
    page("/rules/new", m.rules.create, "plus"),
    page("/sinks", m.ingestion.sinks.title, "send"),
    ...dashboards.map(({ id, label }) => page(`/dashboards/${encodeURIComponent(id)}`, label, "grid")),
    page("/dashboards", m.boards.all, "grid"),
    page("/search", m.nav.search, "search"),
    page("/fields", m.nav.fields, "book"),
    page("/reference", m.nav.reference, "code"),
    page("/sources", m.ingestion.sources.title, "inbox"),
    page("/integrity", m.ingestion.integrity.title, "seal"),
    page("/start", m.start.title, "flag"),
  ];
}

/** The fields that a value of this shape may belong to, most likely first. */
export function fieldsLike(text: string): string[] {
  if (/^\d{12}$/.test(text)) return ["recipientAccountId"];
  if (/^(AKIA|ASIA)[A-Z0-9]{12,}$/.test(text)) return ["userIdentity.accessKeyId"];
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text) || /^[0-9a-f]*:[0-9a-f:]+$/i.test(text)) return ["sourceIPAddress"];
  if (/^arn:/.test(text)) return ["userIdentity.arn"];
  return /^[\w+=,.@/-]{3,}$/.test(text) ? ["user"] : [];
}

/** What typed text leads to: pages that are called so, the page of a value like it, an event with the id, a search for it. */
export function destinations(typed: string, pages: readonly Destination[], m: Messages, params: URLSearchParams): Destination[] {
  const text = typed.trim();
  if (text === "") return [...pages];
  const words = text.toLowerCase().split(/\s+/);
  const named = pages.filter(({ label, id }) => words.every((word) => `${label} ${id}`.toLowerCase().includes(word)));
  const about = fieldsLike(text).flatMap((field): Destination[] => {
    const to = entityLink(field, text, params);
    return to === null ? [] : [{ id: `about ${field}`, label: m.entity.about(text), icon: "user", to }];
  });
  const event: Destination[] = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}$/i.test(text)
    ? [{ id: "event", label: `${m.event.open}: ${text}`, icon: "open", to: linkTo(`/events/${encodeURIComponent(text)}`, params) }]
    : [];
  const query = `sourcetype=aws:cloudtrail "${text.replaceAll(/["\\]/g, "\\$&")}"`;
  return [
    ...named,
    ...event,
    ...about,
    { id: "search", label: m.nav.searchFor(text), icon: "search", to: linkTo("/search", params, { own: { q: query, ql: "spl" } }) },
    {
      id: "alerts",
      label: m.nav.alertsWith(text),
      icon: "bell",
      to: linkTo("/alerts", params, { own: { status: "all", find: text } }),
    },
  ];
}
