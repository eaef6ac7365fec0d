/** The name under which a search is saved, and whether others see it. */
import { useState, type FormEvent, type ReactNode } from "react";

import { useSettings } from "../../i18n";
import { Dialog } from "../../ui/dialog";
import { asApiError } from "../query/use-fetched";

interface NameDialogProps {
  title: string;
  name: string;
  shared: boolean;
  /** Rejects with what is wrong, which is shown. */
  onSave: (name: string, shared: boolean) => Promise<void>;
  onClose: () => void;
  children?: ReactNode;
}

const LONGEST = 100;

export function NameDialog({ title, name, shared, onSave, onClose, children }: NameDialogProps) {
  const { m } = useSettings();
  const t = m.searches;
  const [typed, setTyped] = useState(name);
  const [forAll, setForAll] = useState(shared);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    onSave(typed.trim(), forAll).catch((error: unknown) => {
      setBusy(false);
      const { code, message } = asApiError(error);
      setProblem(code === "conflict" ? t.taken : message);
    });
  };
  return (
    <Dialog title={title} closeLabel={m.panel.close} onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <label className="field">
          {t.name}
          <input
            ref={focus}
            className="input"
            required
            maxLength={LONGEST}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>
        <label className="check">
          <input type="checkbox" checked={forAll} onChange={(event) => setForAll(event.target.checked)} />
          {t.shareLabel}
        </label>
        {children}
        {problem && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <div className="form-actions">
          <button type="button" className="button" onClick={onClose}>
            {m.filters.cancel}
          </button>
          <button type="submit" className="button primary" disabled={busy || typed.trim() === ""}>
            {t.save}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Once, when it appears: the dialog has taken the focus for itself. */
function focus(element: HTMLInputElement | null): void {
  if (!element || element.dataset["focused"] !== undefined) return;
  element.dataset["focused"] = "";
  requestAnimationFrame(() => element.select());
}
