/** What can be done with the alerts that are selected. */
import { useSettings } from "../../i18n";
import { Icon } from "../../ui/icon";

interface BulkBarProps {
  count: number;
  canAssign: boolean;
  onAcknowledge: () => void;
  onClose: () => void;
  onReopen: () => void;
  onAssign: () => void;
  onClear: () => void;
}

export function BulkBar({ count, canAssign, onAcknowledge, onClose, onReopen, onAssign, onClear }: BulkBarProps) {
  const { m } = useSettings();
  return (
    <div className="bulk-bar" role="toolbar" aria-label={m.alerts.actions}>
      <b role="status">{m.alerts.selected(count)}</b>
      <button type="button" className="button small" onClick={onAcknowledge}>
        <Icon name="check" />
        {m.alerts.acknowledge}
      </button>
      <button type="button" className="button small" onClick={onClose}>
        {m.alerts.closeAs}…
      </button>
      <button type="button" className="button small" onClick={onReopen}>
        {m.alerts.reopen}
      </button>
      {canAssign && (
        <button type="button" className="button small" onClick={onAssign}>
          <Icon name="user" />
          {m.alerts.assignMe}
        </button>
      )}
      <button type="button" className="button quiet small" onClick={onClear}>
        {m.alerts.clearSelection}
      </button>
    </div>
  );
}
