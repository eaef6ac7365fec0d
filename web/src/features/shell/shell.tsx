/** The frame around every view: navigation that takes the filters along, settings, and what this instance is. */
import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";

import { getDashboards } from "../../api/client";
import type { Session } from "../../api/types";
import { useSettings } from "../../i18n";
import { formatCompact } from "../../i18n/format";
import { Link, useLocation } from "../../router";
import { linkTo } from "../../state/url";
import { Icon, type IconName } from "../../ui/icon";
import { useOpenAlerts } from "../alerts/open-alerts";
import { useResource } from "../query/use-resource";
import { About } from "./about";
import { KeyboardHelp, useHelpKey } from "./keyboard";
import { Palette, usePaletteKey } from "./palette";
import { SettingsMenu } from "./settings-menu";

interface ShellProps {
  session: Session | null;
  onSignOut: () => void;
  children: ReactNode;
}

export function Shell({ session, onSignOut, children }: ShellProps) {
  const { m } = useSettings();
  const { path } = useLocation();
  const main = useRef<HTMLElement>(null);
  const [open, setOpen] = useState(false);
  const [palette, setPalette] = useState(false);
  usePaletteKey(useCallback(() => setPalette(true), []));
  const [help, setHelp] = useState(false);
  useHelpKey(useCallback(() => setHelp(true), []));
  useEffect(() => setOpen(false), [path]);
  useEffect(() => {
    window.scrollTo(0, 0);
  }, [path]);
  return (
    <div className="shell">
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {m.nav.skip}
      </a>
      <aside className={open ? "sidebar open" : "sidebar"}>
        <div className="brand">
          <img src="/favicon.svg" alt="" width="26" height="26" />
          <span>
            <b>Trailhound</b>
            <small>{m.brandTagline}</small>
          </span>
          <button
            type="button"
            className="icon-button menu-toggle"
            aria-label={m.nav.menu}
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            <Icon name="menu" size={18} />
          </button>
        </div>
        <div className="sidebar-body">
          <button type="button" className="palette-button" aria-keyshortcuts="Control+K" onClick={() => setPalette(true)}>
            <Icon name="search" size={12} />
            <span>{m.nav.palette}…</span>
            <kbd aria-hidden="true">Ctrl K</kbd>
          </button>
          <Navigation />
          <div className="sidebar-end">
            <SettingsMenu />
            {session?.user && (
              <p className="who">
                <Icon name="user" /> <span title={m.settings.signedInAs(session.user.name)}>{session.user.name}</span>
                <button type="button" className="link-button" onClick={onSignOut}>
                  {m.settings.signOut}
                </button>
              </p>
            )}
            <button type="button" className="link-button keys-button" aria-keyshortcuts="?" onClick={() => setHelp(true)}>
              <Icon name="keyboard" /> {m.keyboard.title} <kbd aria-hidden="true">?</kbd>
            </button>
            <About />
          </div>
        </div>
      </aside>
      <main ref={main} id="main" tabIndex={-1}>
        {children}
      </main>
      {palette && <Palette onClose={() => setPalette(false)} />}
      {help && <KeyboardHelp onClose={() => setHelp(false)} />}
    </div>
  );
}

function Navigation() {
  const { m, text } = useSettings();
  const { path, params } = useLocation();
  const { value: dashboards } = useResource("dashboards", getDashboards);
  const entries = [...(dashboards ?? [])].sort((a, b) => a.order - b.order);
  const nav = useRef<HTMLElement>(null);
  // The list is longer than many windows: where one is stays in sight.
  useEffect(() => {
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }, [path, entries.length]);
  const item = (to: string, label: string, icon: IconName, badge?: ReactNode) => (
    <li key={to}>
      <Link to={linkTo(to, params)} aria-current={isAt(to, path) ? "page" : undefined}>
        <Icon name={icon} />
        <span>{label}</span>
        {badge}
      </Link>
    </li>
  );
  return (
    <nav ref={nav} aria-label={m.nav.main}>
      <h2>{m.nav.detect}</h2>
      <ul>
        {item("/alerts", m.alerts.title, "bell", <OpenAlerts />)}
        {item("/rules", m.rules.title, "shield")}
        {item("/sinks", m.ingestion.sinks.title, "send")}
      </ul>
      <h2>{m.nav.investigate}</h2>
      <ul>
        {item("/search", m.nav.search, "search")}
        {item("/fields", m.nav.fields, "book")}
        {item("/reference", m.nav.reference, "code")}
      </ul>
      <h2>{m.nav.dashboards}</h2>
      <ul>
        {entries.map(({ id, title }) => item(`/dashboards/${id}`, text(title), "grid"))}
        {item("/dashboards", m.boards.all, "more")}
      </ul>
      <h2>{m.nav.ingestion}</h2>
      <ul>
        {item("/sources", m.ingestion.sources.title, "inbox")}
        {item("/integrity", m.ingestion.integrity.title, "seal")}
      </ul>
    </nav>
  );
}

/** What belongs to an entry is shown under it: an alert under the alerts, an event under Search. */
function isAt(to: string, path: string): boolean {
  return path === to || (to !== "/dashboards" && path.startsWith(`${to}/`)) || (to === "/search" && path.startsWith("/events/"));
}

function OpenAlerts() {
  const { m, language } = useSettings();
  const open = useOpenAlerts();
  if (!open) return null;
  return (
    <span className="nav-badge" title={m.alerts.openCount(open)}>
      <span aria-hidden="true">{formatCompact(open, language)}</span>
      <span className="visually-hidden">{m.alerts.openCount(open)}</span>
    </span>
  );
}
