/** Telling a rule what it need not report: a field and a value, why, and until when. */
import { useId, useState, type FormEvent } from "react";

import { addException } from "../../api/detections";
import { useSettings } from "../../i18n";
import { Dialog } from "../../ui/dialog";
import { useToast } from "../../ui/toast";
import { asApiError } from "../query/use-fetched";
import { DAYS, exceptionOf, kindFor, NEVER, ON_DATE, problemsOf, type Draft, type Kind, type Suggestion } from "./exception";

interface ExceptionDialogProps {
  rule: { id: string; title: string };
  suggestions: readonly Suggestion[];
  /** Offered where there is an alert to close with it. */
  offerClose: boolean;
  onClose: () => void;
  onAdded: (closeAlert: boolean) => void;
}

const KINDS: readonly Kind[] = ["value", "cidr", "glob"];

export function ExceptionDialog({ rule, suggestions, offerClose, onClose, onAdded }: ExceptionDialogProps) {
  const { m } = useSettings();
  const t = m.alerts.exception;
  const toast = useToast();
  const fields = useId();
  const [draft, setDraft] = useState<Draft>(() => firstDraft(suggestions));
  const [closeToo, setCloseToo] = useState(offerClose);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const problems = problemsOf(draft, Date.now());
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const setField = (field: string) => {
    const known = suggestions.find((suggestion) => suggestion.field === field);
    set(known && known.value !== "" ? { field, what: known.value, kind: kindFor(field, known.value) } : { field });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (problems.length > 0) return;
    setBusy(true);
    setProblem(null);
    addException(rule.id, exceptionOf(draft, Date.now())).then(
      () => {
        toast(t.saved);
        onAdded(offerClose && closeToo);
      },
      (error: unknown) => {
        setBusy(false);
        setProblem(asApiError(error).message);
      },
    );
  };
  return (
    <Dialog title={t.title} closeLabel={m.panel.close} onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <p>{t.intro(rule.title)}</p>
        <div className="form-row">
          <label className="field">
            {t.field}
            <input className="input mono" list={fields} value={draft.field} onChange={(event) => setField(event.target.value)} />
            <datalist id={fields}>
              {suggestions.map(({ field }) => (
                <option key={field} value={field} />
              ))}
            </datalist>
          </label>
          <label className="field">
            {t.kind}
            <select className="select" value={draft.kind} onChange={(event) => set({ kind: event.target.value as Kind })}>
              {KINDS.map((kind) => (
                <option key={kind} value={kind}>
                  {t[kind]}
                </option>
              ))}
            </select>
          </label>
        </div>
        <label className="field">
          {t.what}
          <input
            className="input mono"
            value={draft.what}
            aria-invalid={problems.includes("cidr")}
            onChange={(event) => set({ what: event.target.value })}
          />
        </label>
        {problems.includes("cidr") && <p className="problem">{t.badCidr}</p>}
        <label className="field">
          {t.reason}
          <textarea
            className="input"
            rows={2}
            required
            placeholder={t.reasonHint}
            value={draft.reason}
            onChange={(event) => set({ reason: event.target.value })}
          />
        </label>
        <UntilFields draft={draft} onChange={set} />
        {offerClose && (
          <label className="check">
            <input type="checkbox" checked={closeToo} onChange={(event) => setCloseToo(event.target.checked)} />
            {t.closeToo}
          </label>
        )}
        {problem && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <div className="form-actions">
          <button type="button" className="button" onClick={onClose}>
            {m.filters.cancel}
          </button>
          <button type="submit" className="button primary" disabled={busy || problems.length > 0}>
            {t.save}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function firstDraft(suggestions: readonly Suggestion[]): Draft {
  // The account alone would silence too much to be offered first.
  const narrow = suggestions.find(({ field, value }) => value !== "" && !/account/i.test(field)) ?? suggestions[0];
  const field = narrow?.field ?? "";
  const what = narrow?.value ?? "";
  return { field, what, kind: kindFor(field, what), reason: "", until: "90", date: "" };
}

function UntilFields({ draft, onChange }: { draft: Draft; onChange: (change: Partial<Draft>) => void }) {
  const { m } = useSettings();
  const t = m.alerts.exception;
  return (
    <div className="form-row">
      <label className="field">
        {t.until}
        <select className="select" value={draft.until} onChange={(event) => onChange({ until: event.target.value })}>
          {DAYS.map((days) => (
            <option key={days} value={String(days)}>
              {t.days(days)}
            </option>
          ))}
          <option value={ON_DATE}>{t.date}</option>
          <option value={NEVER}>{t.forever}</option>
        </select>
      </label>
      {draft.until === ON_DATE && (
        <label className="field">
          {t.date}
          <input className="input" type="date" value={draft.date} onChange={(event) => onChange({ date: event.target.value })} />
        </label>
      )}
    </div>
  );
}
