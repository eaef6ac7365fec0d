/** What one does with an alert: take it, work on it, close it, tell its rule better. */
import { useState } from "react";

import { addNote, changeAlert, type AlertChange, type AlertDetail } from "../../api/detections";
import { useSettings } from "../../i18n";
import { useUserName } from "../../state/session";
import { Icon } from "../../ui/icon";
import { Popover, useOpen } from "../../ui/popover";
import { useToast } from "../../ui/toast";
import { asApiError } from "../query/use-fetched";
import { CloseDialog } from "./close-dialog";
import { suggestionsOf } from "./exception";
import { ExceptionDialog } from "./exception-dialog";
import { alertsChanged } from "./open-alerts";

export function AlertActions({ alert, ruleTitle, onChanged }: { alert: AlertDetail; ruleTitle: string; onChanged: () => void }) {
  const { m } = useSettings();
  const [dialog, setDialog] = useState<"close" | "exception" | null>(null);
  const change = useAlertChange(alert, onChanged);
  const close = () => setDialog(null);
  return (
    <div className="alert-actions" role="toolbar" aria-label={m.alerts.actions}>
      {alert.status === "open" && (
        <button type="button" className="button primary" onClick={() => change({ status: "acknowledged" })}>
          <Icon name="check" />
          {m.alerts.acknowledge}
        </button>
      )}
      {alert.status !== "closed" ? (
        <button type="button" className="button" onClick={() => setDialog("close")}>
          {m.alerts.closeAs}…
        </button>
      ) : (
        <button type="button" className="button" onClick={() => change({ status: "open" })}>
          {m.alerts.reopen}
        </button>
      )}
      <Assign owner={alert.owner ?? null} onAssign={(owner) => change({ owner: owner ?? "" })} />
      <button type="button" className="button" onClick={() => setDialog("exception")}>
        <Icon name="filter" />
        {m.alerts.makeException}…
      </button>
      {dialog === "close" && (
        <CloseDialog
          title={ruleTitle}
          withNote
          onClose={close}
          onVerdict={(verdict, note) => {
            close();
            change({ status: "closed", verdict }, note);
          }}
        />
      )}
      {dialog === "exception" && (
        <ExceptionDialog
          rule={{ id: alert.rule_id, title: ruleTitle }}
          suggestions={suggestionsOf(alert)}
          offerClose={alert.status !== "closed"}
          onClose={close}
          onAdded={(closeToo) => {
            close();
            if (closeToo) change({ status: "closed", verdict: "benign" });
            else onChanged();
          }}
        />
      )}
    </div>
  );
}

function useAlertChange(alert: AlertDetail, onChanged: () => void) {
  const { m } = useSettings();
  const toast = useToast();
  return (change: AlertChange, note = "") => {
    const noted = note === "" ? Promise.resolve(null) : addNote(alert.id, note);
    noted
      .then(() => changeAlert(alert.id, change))
      .then(
        () => toast(m.alerts.saved),
        (error: unknown) => toast(`${m.alerts.failed}: ${asApiError(error).message}`),
      )
      .finally(() => {
        onChanged();
        alertsChanged();
      });
  };
}

function Assign({ owner, onAssign }: { owner: string | null; onAssign: (owner: string | null) => void }) {
  const { m } = useSettings();
  const user = useUserName();
  const { open, anchor, close, toggle } = useOpen<HTMLButtonElement>();
  const [name, setName] = useState(owner ?? user ?? "");
  const assign = (to: string | null) => {
    close();
    if (to !== owner) onAssign(to);
  };
  return (
    <>
      <button ref={anchor} type="button" className="button" aria-haspopup="dialog" aria-expanded={open} onClick={toggle}>
        <Icon name="user" />
        {owner ? `${m.alerts.owner}: ${owner}` : m.alerts.assign}
      </button>
      {open && (
        <Popover anchor={anchor} onClose={close} label={m.alerts.assign} align="end">
          <form
            className="form assign"
            onSubmit={(event) => {
              event.preventDefault();
              if (name.trim() !== "") assign(name.trim());
            }}
          >
            <label className="field">
              {m.alerts.assignTo}
              <input className="input" data-autofocus="" value={name} onChange={(event) => setName(event.target.value)} />
            </label>
            <div className="form-actions">
              {owner && (
                <button type="button" className="button quiet small" onClick={() => assign(null)}>
                  {m.alerts.unassign}
                </button>
              )}
              {user && user !== owner && (
                <button type="button" className="button small" onClick={() => assign(user)}>
                  {m.alerts.assignMe}
                </button>
              )}
              <button type="submit" className="button primary small" disabled={name.trim() === ""}>
                {m.alerts.assign}
              </button>
            </div>
          </form>
        </Popover>
      )}
    </>
  );
}
