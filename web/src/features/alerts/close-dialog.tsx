/** Closing alerts: with a verdict, and a note where there is something to say. */
import { useState, type FormEvent } from "react";

import type { Verdict } from "../../api/detections";
import { useSettings } from "../../i18n";
import { Dialog } from "../../ui/dialog";

export const VERDICTS: readonly Verdict[] = ["true_positive", "benign", "false_positive"];

interface CloseDialogProps {
  title: string;
  /** Several alerts at once take no note. */
  withNote: boolean;
  onClose: () => void;
  onVerdict: (verdict: Verdict, note: string) => void;
}

export function CloseDialog({ title, withNote, onClose, onVerdict }: CloseDialogProps) {
  const { m } = useSettings();
  const [verdict, setVerdict] = useState<Verdict>("true_positive");
  const [note, setNote] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onVerdict(verdict, note.trim());
  };
  return (
    <Dialog title={m.alerts.close} closeLabel={m.panel.close} onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <p>{title}</p>
        <fieldset className="choices">
          <legend>{m.alerts.verdict}</legend>
          {VERDICTS.map((each) => (
            <label key={each}>
              <input type="radio" name="verdict" value={each} checked={verdict === each} onChange={() => setVerdict(each)} />
              <span>
                <b>{m.alerts.verdicts[each]}</b> <span className="none">{m.alerts.verdictHelp[each]}</span>
              </span>
            </label>
          ))}
        </fieldset>
        {withNote && (
          <label className="field">
            {m.alerts.note}
            <textarea className="input" rows={3} value={note} onChange={(event) => setNote(event.target.value)} />
          </label>
        )}
        <div className="form-actions">
          <button type="button" className="button" onClick={onClose}>
            {m.filters.cancel}
          </button>
          <button type="submit" className="button primary">
            {m.alerts.close}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
