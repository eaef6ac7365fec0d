/** *Save as alert*: what one has searched for becomes a rule. */
import { useState, type FormEvent } from "react";

import { createRule, type Severity } from "../../api/detections";
import { useSettings } from "../../i18n";
import { navigate, useLocation } from "../../router";
import { readConditions } from "../../state/filters";
import { linkTo } from "../../state/url";
import { Dialog } from "../../ui/dialog";
import { useToast } from "../../ui/toast";
import { SEVERITIES } from "../alerts/query";
import { asApiError } from "../query/use-fetched";
import { DRAFT, isComplete, ruleOf, type AlertDraft, type When } from "./from-search";
import { QueryView } from "./query-view";

interface SaveAsAlertProps {
  lang: string;
  query: string;
  /** Whether the query finds events; one that counts can only be asked on a schedule. */
  findsEvents: boolean;
  onClose: () => void;
}

export default function SaveAsAlert({ lang, query, findsEvents, onClose }: SaveAsAlertProps) {
  const { m } = useSettings();
  const t = m.rules.fromSearch;
  const { params } = useLocation();
  const conditions = readConditions(params);
  const toast = useToast();
  const [draft, setDraft] = useState<AlertDraft>(findsEvents ? DRAFT : { ...DRAFT, when: "auto", window: "15m", groupBy: "" });
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const set = (change: Partial<AlertDraft>) => setDraft((before) => ({ ...before, ...change }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    createRule({ from_search: ruleOf(draft, lang, query, conditions) }).then(
      (made) => {
        toast(t.saved);
        navigate(linkTo(made ? `/rules/${encodeURIComponent(made.id)}` : "/rules", params, { own: { tab: made ? "replay" : null } }));
      },
      (error: unknown) => {
        setBusy(false);
        const { message, diagnostics } = asApiError(error);
        setProblem(
          [message, ...diagnostics.map((diagnostic) => diagnostic.message)].filter((line, at, all) => all.indexOf(line) === at).join("\n"),
        );
      },
    );
  };
  return (
    <Dialog title={t.title} closeLabel={m.panel.close} onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <p>{findsEvents ? t.intro : t.introRows}</p>
        <QueryView text={query} lang={lang} label={m.search.query} />
        {conditions.length > 0 && (
          <p className="none">
            {t.filters}{" "}
            <span className="mono">
              {conditions.map(({ field, op, values }) => `${field} ${op === "is" ? "=" : "≠"} ${values.join(", ")}`).join("; ")}
            </span>
          </p>
        )}
        <div className="form-row">
          <label className="field wide">
            {t.name}
            <input className="input" required value={draft.title} onChange={(event) => set({ title: event.target.value })} />
          </label>
          <label className="field">
            {m.alerts.severity}
            <select className="select" value={draft.severity} onChange={(event) => set({ severity: event.target.value as Severity })}>
              {SEVERITIES.map((severity) => (
                <option key={severity} value={severity}>
                  {m.alerts.severities[severity]}
                </option>
              ))}
            </select>
          </label>
        </div>
        <WhenFields draft={draft} findsEvents={findsEvents} onChange={set} />
        <label className="field">
          {t.groupBy}
          <input
            className="input mono"
            placeholder={t.groupByHelp}
            value={draft.groupBy}
            onChange={(event) => set({ groupBy: event.target.value })}
          />
        </label>
        {problem && (
          <p className="problem pre" role="alert">
            {problem}
          </p>
        )}
        <div className="form-actions">
          <button type="button" className="button" onClick={onClose}>
            {m.filters.cancel}
          </button>
          <button type="submit" className="button primary" disabled={busy || !isComplete(draft)}>
            {t.save}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const FOR_EVENTS: readonly When[] = ["each", "threshold", "distinct", "scheduled"];
const FOR_ROWS: readonly When[] = ["auto", "scheduled"];

interface WhenFieldsProps {
  draft: AlertDraft;
  findsEvents: boolean;
  onChange: (change: Partial<AlertDraft>) => void;
}

function WhenFields({ draft, findsEvents, onChange }: WhenFieldsProps) {
  const { m } = useSettings();
  const t = m.rules.fromSearch;
  const counts = draft.when === "threshold" || draft.when === "distinct";
  return (
    <div className="form-row">
      <label className="field">
        {t.when}
        <select className="select" value={draft.when} onChange={(event) => onChange({ when: event.target.value as When })}>
          {(findsEvents ? FOR_EVENTS : FOR_ROWS).map((when) => (
            <option key={when} value={when}>
              {t[when]}
            </option>
          ))}
        </select>
      </label>
      {counts && (
        <label className="field">
          {t.count}
          <input
            className="input"
            type="number"
            min={1}
            step={1}
            value={draft.count}
            onChange={(event) => onChange({ count: Number(event.target.value) })}
          />
        </label>
      )}
      {draft.when === "distinct" && (
        <label className="field">
          {t.field}
          <input className="input mono" value={draft.field} onChange={(event) => onChange({ field: event.target.value })} />
        </label>
      )}
      {draft.when === "scheduled" && <Span label={t.every} value={draft.every} onChange={(every) => onChange({ every })} />}
      {(counts || draft.when === "scheduled") && <Span label={t.window} value={draft.window} onChange={(window) => onChange({ window })} />}
    </div>
  );
}

function Span({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const { m } = useSettings();
  return (
    <label className="field">
      {label}
      <select className="select" value={value} onChange={(event) => onChange(event.target.value)}>
        {Object.entries(m.rules.fromSearch.spans).map(([span, name]) => (
          <option key={span} value={span}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
