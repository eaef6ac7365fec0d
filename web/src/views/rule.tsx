/** One rule: what it looks for and why, its tests and exceptions, its file, and how it would have done in the past. */
import { useEffect, useState } from "react";

import type { ApiError } from "../api/client";
import { changeRule, createRule, deleteRule, saveRule, type RuleDetail } from "../api/detections";
import { SeverityBadge } from "../features/alerts/badges";
import { References } from "../features/alerts/alert-log";
import { ExceptionDialog } from "../features/alerts/exception-dialog";
import { ExceptionsList } from "../features/alerts/exceptions-list";
import { ErrorMessage } from "../features/query/error-message";
import { asApiError } from "../features/query/use-fetched";
import { catalogueState } from "../features/rules/filters";
import { QueryView } from "../features/rules/query-view";
import { ReplayPanel } from "../features/rules/replay";
import { RuleEditor } from "../features/rules/rule-editor";
import { RuleFacts } from "../features/rules/rule-facts";
import { RuleTests } from "../features/rules/rule-tests";
import { TEMPLATE } from "../features/rules/template";
import { ruleQueryOf, useRule } from "../features/rules/use-rules";
import { useSettings } from "../i18n";
import { Link, navigate, useLocation, useSetParams } from "../router";
import { linkTo } from "../state/url";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icon";
import { Switch } from "../ui/switch";
import { useToast } from "../ui/toast";
import { NotFound } from "./dashboard";

const TABS = ["overview", "edit", "replay"] as const;

export function RuleView({ id }: { id: string }) {
  const { m, text } = useSettings();
  const { params } = useLocation();
  const setParams = useSetParams();
  const { value: rule, error, loading, reload } = useRule(id);
  const [draft, setDraft] = useState<string | null>(null);
  const change = useRuleChange(id, reload);
  const tab = TABS.find((each) => each === params.get("tab")) ?? "overview";
  const title = rule ? text(rule.title) : "";
  useEffect(() => {
    document.title = `${title || m.alerts.rule} – Trailhound`;
  }, [title, m]);
  if (error && !rule)
    return (
      <div className="view">
        {error.status === 404 ? <NotFound text={m.rules.notFound} /> : <ErrorMessage error={error} onRetry={reload} />}
      </div>
    );
  if (!rule)
    return (
      <p className="message" role="status">
        {m.states.loading}
      </p>
    );
  const edited = draft !== null && draft !== rule.text;
  return (
    <div className="view alert-view" aria-busy={loading}>
      <Link to={linkTo("/rules", params, { own: catalogueState(params) })} className="back-link">
        <Icon name="left" size={12} /> {m.rules.back}
      </Link>
      <header className="alert-header">
        <div className="alert-title">
          <SeverityBadge severity={rule.severity} />
          <h1>{title}</h1>
          <span className="mono none">{rule.id}</span>
        </div>
        <div className="alert-actions">
          <label className="switch-label">
            <Switch on={rule.enabled} label={m.rules.switchOn(title)} onChange={(enabled) => change({ enabled })} />
            <span aria-hidden="true">{rule.enabled ? m.rules.isOn : m.rules.isOff}</span>
          </label>
          {(!rule.builtin || rule.overridden) && <DeleteRule rule={rule} title={title} onReset={reload} />}
        </div>
      </header>
      {rule.error && (
        <p className="banner error" role="status">
          <strong>{m.rules.broken}</strong> {rule.error}
        </p>
      )}
      <div className="tabs" role="group" aria-label={m.rules.view}>
        {TABS.map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={tab === each}
            onClick={() =>
              setParams((changed) => (each === "overview" ? changed.delete("tab") : changed.set("tab", each)), { replace: true })
            }
          >
            {m.rules.tabs[each]}
            {each === "edit" && edited && <span title={m.rules.unsaved}> •</span>}
          </button>
        ))}
      </div>
      {tab === "overview" && <Overview rule={rule} reload={reload} onSeverity={(severity) => change({ severity })} />}
      {tab === "edit" && <EditTab rule={rule} draft={draft ?? rule.text} onDraft={setDraft} onSaved={reload} />}
      {tab === "replay" && (
        <>
          {edited && <p className="banner">{m.rules.replaysDraft}</p>}
          <ReplayPanel what={edited ? { text: draft } : { id: rule.id }} query={ruleQueryOf(rule)} />
        </>
      )}
    </div>
  );
}

function useRuleChange(id: string, reload: () => void) {
  const { m } = useSettings();
  const toast = useToast();
  return (change: Parameters<typeof changeRule>[1]) =>
    void changeRule(id, change)
      .then(
        () => toast(m.alerts.saved),
        (error: unknown) => toast(`${m.alerts.failed}: ${asApiError(error).message}`),
      )
      .finally(reload);
}

interface OverviewProps {
  rule: RuleDetail;
  reload: () => void;
  onSeverity: (severity: RuleDetail["severity"]) => void;
}

function Overview({ rule, reload, onSeverity }: OverviewProps) {
  const { m, text } = useSettings();
  const { params } = useLocation();
  const [adding, setAdding] = useState(false);
  const query = ruleQueryOf(rule);
  return (
    <div className="alert-columns">
      <div>
        <section className="card alert-section story" aria-labelledby="sees-title">
          <h2 id="sees-title">{m.rules.sees}</h2>
          <p>{text(rule.description)}</p>
          {text(rule.advice) !== "" && (
            <>
              <h2>{m.alerts.advice}</h2>
              <p className="advice">{text(rule.advice)}</p>
            </>
          )}
        </section>
        <section className="card alert-section" aria-labelledby="query-title">
          <header className="section-head">
            <h2 id="query-title">{m.search.query}</h2>
            {query && (
              <Link to={linkTo("/search", params, { own: { q: query.text, ql: query.lang } })} className="button small end">
                {m.alerts.inSearch}
              </Link>
            )}
          </header>
          {query ? (
            <QueryView text={query.text} lang={query.lang} label={m.search.query} />
          ) : (
            <p className="none">{m.rules.severalQueries}</p>
          )}
        </section>
        <RuleTests rule={rule} />
      </div>
      <div>
        <RuleFacts rule={rule} onSeverity={onSeverity} />
        <section className="card alert-section" aria-labelledby="rule-exceptions">
          <header className="section-head">
            <h2 id="rule-exceptions">{m.rules.exceptions}</h2>
            <button type="button" className="button small end" onClick={() => setAdding(true)}>
              <Icon name="plus" />
              {m.alerts.exception.save}
            </button>
          </header>
          <ExceptionsList ruleId={rule.id} exceptions={rule.exceptions} onRemoved={reload} />
        </section>
        <References links={rule.references} />
      </div>
      {adding && (
        <ExceptionDialog
          rule={{ id: rule.id, title: text(rule.title) }}
          suggestions={[...rule.group_by, "actor_name", "source_ip_address"]
            .filter((field, index, all) => all.indexOf(field) === index)
            .map((field) => ({ field, value: "" }))}
          offerClose={false}
          onClose={() => setAdding(false)}
          onAdded={() => {
            setAdding(false);
            reload();
          }}
        />
      )}
    </div>
  );
}

interface EditTabProps {
  rule: RuleDetail;
  draft: string;
  onDraft: (text: string | null) => void;
  onSaved: () => void;
}

function EditTab({ rule, draft, onDraft, onSaved }: EditTabProps) {
  const { m } = useSettings();
  const toast = useToast();
  const [failed, setFailed] = useState<{ text: string; error: ApiError } | null>(null);
  const edited = draft !== rule.text;
  const save = () => {
    if (!edited) return;
    setFailed(null);
    saveRule(rule.id, draft).then(
      () => {
        toast(m.alerts.saved);
        onDraft(null);
        onSaved();
      },
      (error: unknown) => setFailed({ text: draft, error: asApiError(error) }),
    );
  };
  return (
    <section className="card alert-section" aria-labelledby="file-title">
      <header className="section-head">
        <h2 id="file-title">{m.rules.file}</h2>
        <span className="none">{rule.builtin ? m.rules.overrides : ""}</span>
        <span className="end section-buttons">
          <button type="button" className="button small" disabled={!edited} onClick={() => onDraft(null)}>
            {m.rules.discard}
          </button>
          <button type="button" className="button primary small" disabled={!edited} onClick={save}>
            {m.rules.save}
          </button>
        </span>
      </header>
      <RuleEditor text={draft} error={failed?.error ?? null} checkedText={failed?.text ?? ""} onChange={onDraft} onSave={save} />
    </section>
  );
}

/** A rule of one's own goes; one that came with the program gets its own text again. */
function DeleteRule({ rule, title, onReset }: { rule: RuleDetail; title: string; onReset: () => void }) {
  const { m } = useSettings();
  const { params } = useLocation();
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const label = rule.builtin ? m.rules.reset : m.rules.delete;
  const remove = () =>
    void deleteRule(rule.id).then(
      () => {
        setAsking(false);
        toast(rule.builtin ? m.rules.wasReset : m.rules.deleted);
        if (rule.builtin) onReset();
        else navigate(linkTo("/rules", params));
      },
      (error: unknown) => {
        setAsking(false);
        toast(`${m.alerts.failed}: ${asApiError(error).message}`);
      },
    );
  return (
    <>
      <button type="button" className="button" onClick={() => setAsking(true)}>
        {label}…
      </button>
      {asking && (
        <Dialog title={label} closeLabel={m.panel.close} onClose={() => setAsking(false)}>
          <p>{rule.builtin ? m.rules.resetSure(title) : m.rules.deleteSure(title)}</p>
          <div className="form-actions">
            <button type="button" className="button" onClick={() => setAsking(false)}>
              {m.filters.cancel}
            </button>
            <button type="button" className="button primary" onClick={remove}>
              {label}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}

/** A rule of one's own, from a template: tried over the past before it is saved. */
export function NewRuleView() {
  const { m } = useSettings();
  const { params } = useLocation();
  const [draft, setDraft] = useState(TEMPLATE);
  const [failed, setFailed] = useState<{ text: string; error: ApiError } | null>(null);
  useEffect(() => {
    document.title = `${m.rules.create} – Trailhound`;
  }, [m]);
  const save = () => {
    setFailed(null);
    createRule({ text: draft }).then(
      (made) => navigate(linkTo(made ? `/rules/${encodeURIComponent(made.id)}` : "/rules", params)),
      (error: unknown) => setFailed({ text: draft, error: asApiError(error) }),
    );
  };
  return (
    <div className="view alert-view">
      <Link to={linkTo("/rules", params)} className="back-link">
        <Icon name="left" size={12} /> {m.rules.back}
      </Link>
      <header className="alert-header">
        <div className="alert-title">
          <h1>{m.rules.create}</h1>
        </div>
        <div className="alert-actions">
          <button type="button" className="button primary" onClick={save}>
            {m.rules.save}
          </button>
        </div>
      </header>
      <section className="card alert-section" aria-labelledby="file-title">
        <h2 id="file-title">{m.rules.file}</h2>
        <RuleEditor text={draft} error={failed?.error ?? null} checkedText={failed?.text ?? ""} onChange={setDraft} onSave={save} />
      </section>
      <ReplayPanel what={{ text: draft }} query={null} />
    </div>
  );
}
