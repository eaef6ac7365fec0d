/** The exceptions of a rule, and the way to take one back. */
import { removeException, type RuleException } from "../../api/detections";
import { useSettings } from "../../i18n";
import { formatInstant } from "../../i18n/format";
import { Icon } from "../../ui/icon";
import { useToast } from "../../ui/toast";
import { asApiError } from "../query/use-fetched";

interface ExceptionsListProps {
  ruleId: string;
  exceptions: readonly RuleException[];
  onRemoved: () => void;
}

export function ExceptionsList({ ruleId, exceptions, onRemoved }: ExceptionsListProps) {
  const { m, zone } = useSettings();
  const t = m.alerts.exception;
  const toast = useToast();
  const remove = (id: number) =>
    void removeException(ruleId, id).then(
      () => {
        toast(t.removed);
        onRemoved();
      },
      (error: unknown) => toast(`${m.alerts.failed}: ${asApiError(error).message}`),
    );
  if (exceptions.length === 0) return <p className="none">{m.alerts.noExceptions}</p>;
  return (
    <ul className="exceptions">
      {exceptions.map((exception, index) => {
        const { id, field, reason, until, by, expired } = exception;
        return (
          <li key={`${id} ${index}`} className={expired ? "expired" : undefined}>
            <div>
              <code>
                {field} = {exception.value ?? exception.cidr ?? exception.glob}
              </code>
              <p>{reason}</p>
              <p className="none">
                {[
                  expired && t.expired,
                  typeof id !== "number" ? t.builtin : by && t.by(by),
                  until ? t.untilDate(formatInstant(until, zone, "minute")) : t.forever,
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </p>
            </div>
            {typeof id === "number" && (
              <button type="button" className="icon-button" aria-label={t.remove(field)} title={t.remove(field)} onClick={() => remove(id)}>
                <Icon name="close" />
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
