/** Which view an address shows, and whether one has to sign in first. */
import { lazy, Suspense, useCallback, useEffect, useState } from "react";

import { ApiError, getSession, getStatus, signOut, whenSignedOut } from "./api/client";
import type { Session } from "./api/types";
import { forgetResources } from "./features/query/use-resource";
import { Shell } from "./features/shell/shell";
import { tablesOfEvents } from "./features/start/progress";
import { useSettings } from "./i18n";
import { HOME, LOGIN, nextOf, START } from "./next";
import { navigate, useLocation } from "./router";
import { SessionContext } from "./state/session";
import { format, linkTo } from "./state/url";
import { DashboardView, NotFound } from "./views/dashboard";
import { isKind } from "./features/entity/kinds";
import { EventView } from "./views/event";
import { FieldsView } from "./views/fields";
import { LoginView } from "./views/login";
import { ReferenceView } from "./views/reference";

const AlertsView = lazy(() => import("./views/alerts").then((module) => ({ default: module.AlertsView })));
const AlertView = lazy(() => import("./views/alert").then((module) => ({ default: module.AlertView })));
const RulesView = lazy(() => import("./views/rules").then((module) => ({ default: module.RulesView })));
const RuleView = lazy(() => import("./views/rule").then((module) => ({ default: module.RuleView })));
const NewRuleView = lazy(() => import("./views/rule").then((module) => ({ default: module.NewRuleView })));
const SourcesView = lazy(() => import("./views/sources").then((module) => ({ default: module.SourcesView })));
const IntegrityView = lazy(() => import("./views/integrity").then((module) => ({ default: module.IntegrityView })));
const SinksView = lazy(() => import("./views/sinks").then((module) => ({ default: module.SinksView })));
const EntityView = lazy(() => import("./views/entity").then((module) => ({ default: module.EntityView })));
const DashboardsView = lazy(() => import("./views/dashboards").then((module) => ({ default: module.DashboardsView })));
const StartView = lazy(() => import("./views/start").then((module) => ({ default: module.StartView })));
const SearchView = lazy(() => import("./views/search").then((module) => ({ default: module.SearchView })));

export function App() {
  const { m } = useSettings();
  const { path, params } = useLocation();
  const [session, setSession] = useState<Session | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  const load = useCallback(() => {
    setProblem(null);
    getSession().then(setSession, (error: unknown) =>
      setProblem(error instanceof ApiError && error.status !== 0 ? error.message : m.states.unreachable),
    );
  }, [m]);
  useEffect(load, [load]);
  useEffect(() => whenSignedOut(() => setSession((before) => (before ? { ...before, authenticated: false, user: null } : before))), []);

  const locked = session !== null && session.sign_in_required && !session.authenticated;
  useEffect(() => {
    if (locked && path !== LOGIN) navigate(loginLink(path, params), { replace: true });
    else if (session !== null && !locked && path === LOGIN) navigate(nextOf(params), { replace: true });
  }, [path, params, locked, session]);

  const leave = () => {
    signOut()
      .catch(() => undefined)
      .then(() => {
        forgetResources();
        load();
      });
  };
  if (problem !== null) return <Problem text={problem} onRetry={load} />;
  if (session === null)
    return (
      <p className="message" role="status">
        {m.states.loading}
      </p>
    );
  if (locked) {
    const enter = (next: Session) => {
      forgetResources();
      setSession(next);
    };
    return <LoginView onSignedIn={enter} />;
  }
  return (
    <SessionContext value={session}>
      <Shell session={session} onSignOut={leave}>
        <Suspense
          fallback={
            <p className="message" role="status">
              {m.states.loading}
            </p>
          }
        >
          <View path={path} />
        </Suspense>
      </Shell>
    </SessionContext>
  );
}

function View({ path }: { path: string }) {
  const { m } = useSettings();
  const [first, second, ...rest] = path.split("/").slice(1).map(decode);
  if (first === "dashboards" && second === undefined) return <DashboardsView />;
  if (rest.length === 0 && first === "dashboards" && second) return <DashboardView key={second} id={second} />;
  if (rest.length === 0 && first === "events" && second) return <EventView key={second} id={second} />;
  if (rest.length === 1 && first === "entities" && second && isKind(second) && rest[0])
    return <EntityView key={path} kind={second} value={rest[0]} />;
  if (rest.length === 0 && first === "alerts") return second ? <AlertView key={second} id={second} /> : <AlertsView />;
  if (rest.length === 0 && first === "rules" && second === "new") return <NewRuleView />;
  if (rest.length === 0 && first === "rules") return second ? <RuleView key={second} id={second} /> : <RulesView />;
  if (second === undefined && first === "start") return <StartView />;
  if (second === undefined && first === "sinks") return <SinksView />;
  if (second === undefined && first === "sources") return <SourcesView />;
  if (second === undefined && first === "integrity") return <IntegrityView />;
  if (second === undefined && first === "search") return <SearchView />;
  if (second === undefined && first === "fields") return <FieldsView />;
  if (rest.length === 0 && first === "reference") return <ReferenceView id={second ?? "spl"} />;
  if (path === "/") return <Home />;
  if (path === LOGIN) return null;
  return (
    <div className="view">
      <NotFound text={m.states.notFound} />
    </div>
  );
}

/** The overview; the guide where there is nothing to see yet. */
function Home() {
  const { params } = useLocation();
  useEffect(() => {
    let here = true;
    const go = (to: string) => here && navigate(linkTo(to, params), { replace: true });
    getStatus().then(
      (status) => go(tablesOfEvents(status).length > 0 ? HOME : START),
      () => go(HOME),
    );
    return () => {
      here = false;
    };
  }, [params]);
  return null;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function loginLink(path: string, params: URLSearchParams): string {
  const own = new URLSearchParams({ next: path + format(params) });
  const language = params.get("lang");
  if (language) own.set("lang", language);
  return LOGIN + format(own);
}

function Problem({ text, onRetry }: { text: string; onRetry: () => void }) {
  const { m } = useSettings();
  return (
    <main className="login">
      <div className="message" role="alert">
        <strong>{text}</strong>
        <button type="button" className="button" onClick={onRetry}>
          {m.panel.retry}
        </button>
      </div>
    </main>
  );
}
