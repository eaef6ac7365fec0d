/** The alerts: what is open first, narrowed by the parameters of the URL, worked off one by one or many at once. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { changeAlerts, type Alert, type AlertChange } from "../api/detections";
import { AlertFilterBar, SeverityToggles, StatusTabs } from "../features/alerts/alert-filters";
import { AlertGrid } from "../features/alerts/alert-grid";
import { AlertTimeline } from "../features/alerts/alert-timeline";
import { BulkBar } from "../features/alerts/bulk-bar";
import { CloseDialog } from "../features/alerts/close-dialog";
import { alertsChanged } from "../features/alerts/open-alerts";
import { alertQuery, clearFilters, isFiltered, listState, ORDERS, readAlertFilters } from "../features/alerts/query";
import { useAlerts } from "../features/alerts/use-alerts";
import { ErrorMessage } from "../features/query/error-message";
import { asApiError } from "../features/query/use-fetched";
import { useRules } from "../features/rules/use-rules";
import { useSettings } from "../i18n";
import { formatNumber } from "../i18n/format";
import { Link, useLocation, useSetParams } from "../router";
import { useUserName } from "../state/session";
import { linkTo } from "../state/url";
import { useToast } from "../ui/toast";

export function AlertsView() {
  const { m, text, language } = useSettings();
  const { params } = useLocation();
  const setParams = useSetParams();
  const user = useUserName();
  const filters = readAlertFilters(params);
  const list = useAlerts(alertQuery(filters));
  const rules = useRules().value?.rules;
  const search = useRef<HTMLInputElement>(null);
  const { selected, select, clear } = useSelection(list.alerts);
  const [closing, setClosing] = useState<readonly string[] | null>(null);
  const change = useChange(list.reload, clear);
  useEffect(() => {
    document.title = `${m.alerts.title} – Trailhound`;
  }, [m]);
  useSlash(search);

  const chosen = [...selected];
  const link = (id: string) => linkTo(`/alerts/${encodeURIComponent(id)}`, params, { own: listState(params) });
  const onKey = (key: string, alert: Alert) => {
    const ids = selected.size > 0 ? chosen : [alert.id];
    if (key === "a") change(ids, { status: "acknowledged" });
    else if (key === "c") setClosing(ids);
    else return false;
    return true;
  };
  const counts = list.page?.counts ?? null;
  const options = useMemo(
    () => (rules ?? []).map(({ id, title }) => ({ id, label: text(title) })).sort((a, b) => a.label.localeCompare(b.label, language)),
    [rules, text, language],
  );
  return (
    <div className="view alerts-view" aria-busy={list.loading}>
      <header className="view-header">
        <h1>{m.alerts.title}</h1>
        <p role="status">{list.page ? m.alerts.count(formatNumber(list.page.total, language)) : m.states.loading}</p>
      </header>
      <div className="alert-tabs">
        <StatusTabs filters={filters} counts={counts} />
        <SeverityToggles filters={filters} counts={counts} />
      </div>
      <AlertFilterBar filters={filters} counts={counts} alerts={list.alerts} rules={options} search={search} />
      {list.page && <AlertTimeline counts={list.page.counts} filters={filters} />}
      {list.error && <ErrorMessage error={list.error} onRetry={list.reload} />}
      {list.page && list.alerts.length === 0 && !list.error && <Empty filtered={isFiltered(filters)} open={filters.status === "open"} />}
      {selected.size > 0 && (
        <BulkBar
          count={selected.size}
          canAssign={user !== null}
          onAcknowledge={() => change(chosen, { status: "acknowledged" })}
          onClose={() => setClosing(chosen)}
          onReopen={() => change(chosen, { status: "open" })}
          onAssign={() => change(chosen, { owner: user ?? "" })}
          onClear={clear}
        />
      )}
      {list.alerts.length > 0 && (
        <>
          <AlertGrid
            alerts={list.alerts}
            total={list.page?.total ?? list.alerts.length}
            selected={selected}
            onSelect={select}
            link={link}
            onKey={onKey}
            onNearEnd={list.more}
            order={filters.sort}
            onOrder={(order) => setParams((changed) => (order === ORDERS[0] ? changed.delete("sort") : changed.set("sort", order)))}
          />
          <p className="keys-hint">{m.alerts.keys}</p>
        </>
      )}
      {closing && (
        <CloseDialog
          title={m.alerts.selected(closing.length)}
          withNote={false}
          onClose={() => setClosing(null)}
          onVerdict={(verdict) => {
            setClosing(null);
            change(closing, { status: "closed", verdict });
          }}
        />
      )}
    </div>
  );
}

function Empty({ filtered, open }: { filtered: boolean; open: boolean }) {
  const { m } = useSettings();
  const { params } = useLocation();
  const setParams = useSetParams();
  return (
    <div className="message card">
      <strong>{filtered ? m.alerts.noneMatch : open ? m.alerts.noneOpen : m.alerts.none}</strong>
      {filtered ? (
        <button type="button" className="button" onClick={() => setParams(clearFilters)}>
          {m.alerts.clearFilters}
        </button>
      ) : (
        <>
          <p>{m.alerts.noneHelp}</p>
          <Link to={linkTo("/rules", params)} className="button">
            {m.alerts.toRules}
          </Link>
        </>
      )}
    </div>
  );
}

/** Only what is in the list can be selected: an alert that has left it (closed by somebody else, say) is not changed unseen. */
function useSelection(alerts: readonly Alert[]) {
  const [asked, setAsked] = useState<ReadonlySet<string>>(new Set());
  const selected = useMemo(() => new Set(alerts.map(({ id }) => id).filter((id) => asked.has(id))), [alerts, asked]);
  const select = useCallback(
    (ids: readonly string[], on: boolean) =>
      setAsked((before) => {
        const next = new Set(before);
        for (const id of ids)
          if (on) next.add(id);
          else next.delete(id);
        return next;
      }),
    [],
  );
  const clear = useCallback(() => setAsked(new Set()), []);
  return { selected, select, clear };
}

function useChange(reload: () => void, clear: () => void) {
  const { m } = useSettings();
  const toast = useToast();
  return (ids: readonly string[], change: AlertChange) => {
    changeAlerts(ids, change).then(
      () => {
        toast(m.alerts.changed(ids.length));
        clear();
        reload();
        alertsChanged();
      },
      (error: unknown) => toast(`${m.alerts.failed}: ${asApiError(error).message}`),
    );
  };
}

/** `/` goes to the search box from anywhere but another field. */
function useSlash(search: { current: HTMLInputElement | null }) {
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.key !== "/" || event.ctrlKey || event.metaKey || target.closest("input, textarea, select, [contenteditable]")) return;
      event.preventDefault();
      search.current?.focus();
    };
    document.addEventListener("keydown", listener);
    return () => document.removeEventListener("keydown", listener);
  }, [search]);
}
