/** A button that opens a list of actions, and the list by itself. */
import type { ReactNode, RefObject } from "react";

import { Link } from "../router";
import { Icon, type IconName } from "./icon";
import { Popover, useOpen } from "./popover";

export interface MenuAction {
  label: string;
  icon?: IconName;
  /** Either leads somewhere … */
  to?: string;
  /** … or does something. */
  run?: () => void;
}

export function MenuButton({
  label,
  icon = "more",
  actions,
  children,
}: {
  label: string;
  icon?: IconName;
  actions: readonly MenuAction[];
  children?: ReactNode;
}) {
  const { open, anchor, close, toggle } = useOpen<HTMLButtonElement>();
  return (
    <>
      <button
        ref={anchor}
        type="button"
        className="icon-button"
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={toggle}
      >
        <Icon name={icon} />
      </button>
      {open && (
        <ActionList anchor={anchor} label={label} actions={actions} onClose={close}>
          {children}
        </ActionList>
      )}
    </>
  );
}

interface ActionListProps {
  anchor: RefObject<HTMLElement | null>;
  label: string;
  actions: readonly MenuAction[];
  onClose: () => void;
  children?: ReactNode;
  align?: "start" | "end";
}

export function ActionList({ anchor, label, actions, onClose, children, align = "end" }: ActionListProps) {
  return (
    <Popover anchor={anchor} onClose={onClose} role="menu" label={label} align={align}>
      <div className="menu">
        {children}
        {actions.map((action) => (
          <ActionItem key={action.label} action={action} onDone={onClose} />
        ))}
      </div>
    </Popover>
  );
}

function ActionItem({ action, onDone }: { action: MenuAction; onDone: () => void }) {
  const content = (
    <>
      {action.icon && <Icon name={action.icon} />}
      <span>{action.label}</span>
    </>
  );
  if (action.to !== undefined) {
    return (
      <Link to={action.to} className="menu-item" role="menuitem" onClick={onDone}>
        {content}
      </Link>
    );
  }
  const run = () => {
    onDone();
    action.run?.();
  };
  return (
    <button type="button" className="menu-item" role="menuitem" onClick={run}>
      {content}
    </button>
  );
}
