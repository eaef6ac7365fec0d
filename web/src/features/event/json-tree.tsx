/** The raw record as a tree: colours by type, branches that fold, each value one click from a filter. */
import { useMemo, useRef, useState, type KeyboardEvent } from "react";

import { useSettings } from "../../i18n";
import { copyText } from "../../ui/copy";
import { Icon } from "../../ui/icon";
import { useToast } from "../../ui/toast";
import { useFilterActions } from "../filters/actions";
import { useCatalogue } from "../query/catalogue";
import { queryOf } from "./summary";
import { nodesOf, visibleNodes, type Json, type Node } from "./record";

/** Long lists start shut. */
const LONG_LIST = 12;

export function JsonTree({ record, raw }: { record: Json; raw: string }) {
  const { m } = useSettings();
  const toast = useToast();
  const nodes = useMemo(() => nodesOf(record), [record]);
  const branches = useMemo(() => nodes.filter(({ children }) => children !== null && children > 0), [nodes]);
  const [closed, setClosed] = useState<ReadonlySet<string>>(
    () => new Set(branches.filter(({ value, children }) => Array.isArray(value) && (children ?? 0) > LONG_LIST).map(({ id }) => id)),
  );
  const [current, setCurrent] = useState<string | null>(null);
  const tree = useRef<HTMLUListElement>(null);
  const visible = useMemo(() => visibleNodes(nodes, closed), [nodes, closed]);

  const toggle = (id: string, open?: boolean) =>
    setClosed((before) => {
      const next = new Set(before);
      if (open ?? next.has(id)) next.delete(id);
      else next.add(id);
      return next;
    });
  const focus = (id: string | undefined) => {
    if (id === undefined) return;
    setCurrent(id);
    tree.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent, node: Node) => {
    if (event.target !== event.currentTarget) return;
    const index = visible.indexOf(node);
    const branch = node.children !== null && node.children > 0;
    const open = branch && !closed.has(node.id);
    switch (event.key) {
      case "ArrowDown":
        focus(visible[index + 1]?.id);
        break;
      case "ArrowUp":
        focus(visible[index - 1]?.id);
        break;
      case "Home":
        focus(visible[0]?.id);
        break;
      case "End":
        focus(visible[visible.length - 1]?.id);
        break;
      case "ArrowRight":
        if (branch && !open) toggle(node.id, true);
        else if (open) focus(visible[index + 1]?.id);
        break;
      case "ArrowLeft":
        if (open) toggle(node.id, false);
        else focus(node.parent ?? undefined);
        break;
      case "Enter":
      case " ":
        if (branch) toggle(node.id);
        else (event.currentTarget as HTMLElement).querySelector<HTMLElement>(".node-actions button")?.focus();
        break;
      default:
        return;
    }
    event.preventDefault();
  };
  const stop = visible.some(({ id }) => id === current) ? current : visible[0]?.id;
  return (
    <div className="json">
      <div className="json-tools">
        <h3>{m.event.raw}</h3>
        <button type="button" className="button quiet small" onClick={() => setClosed(new Set())}>
          {m.event.expandAll}
        </button>
        <button type="button" className="button quiet small" onClick={() => setClosed(new Set(branches.map(({ id }) => id)))}>
          {m.event.collapseAll}
        </button>
        <button type="button" className="button quiet small" onClick={() => void copyText(raw).then(() => toast(m.search.copied))}>
          <Icon name="copy" />
          {m.event.copyRaw}
        </button>
        <button
          type="button"
          className="button quiet small"
          onClick={() => void copyText(queryOf(record)).then(() => toast(m.search.copied))}
        >
          <Icon name="search" />
          {m.event.copyQuery}
        </button>
      </div>
      <ul ref={tree} className="tree" role="tree" aria-label={m.event.raw}>
        {visible.map((node) => (
          <TreeItem
            key={node.id}
            node={node}
            open={!closed.has(node.id)}
            focusable={node.id === stop}
            onToggle={() => toggle(node.id)}
            onKeyDown={(event) => onKeyDown(event, node)}
            onFocus={() => setCurrent(node.id)}
          />
        ))}
      </ul>
    </div>
  );
}

interface TreeItemProps {
  node: Node;
  open: boolean;
  focusable: boolean;
  onToggle: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onFocus: () => void;
}

function TreeItem({ node, open, focusable, onToggle, onKeyDown, onFocus }: TreeItemProps) {
  const { m, text } = useSettings();
  const meaning = useCatalogue().find(node.field)?.meaning;
  const branch = node.children !== null;
  return (
    <li
      data-id={node.id}
      role="treeitem"
      aria-level={node.level}
      aria-posinset={node.position}
      aria-setsize={node.siblings}
      aria-expanded={branch && node.children !== 0 ? open : undefined}
      tabIndex={focusable ? 0 : -1}
      style={{ paddingLeft: `${(node.level - 1) * 1.15}rem` }}
      onKeyDown={onKeyDown}
      onFocus={onFocus}
    >
      {branch && node.children !== 0 ? (
        <button type="button" className="twist" tabIndex={-1} aria-hidden="true" onClick={onToggle}>
          <Icon name={open ? "down" : "right"} size={12} />
        </button>
      ) : (
        <span className="twist" />
      )}
      <span
        className={meaning ? "key explained" : "key"}
        title={meaning ? text(meaning) : undefined}
        onClick={branch ? onToggle : undefined}
      >
        {node.name}
      </span>
      <span className="colon">:</span>
      <NodeValue node={node} open={open} onToggle={onToggle} itemsLabel={m.event.items} keysLabel={m.event.keys} />
      {!branch && <NodeActions node={node} />}
    </li>
  );
}

function NodeValue({
  node,
  open,
  onToggle,
  itemsLabel,
  keysLabel,
}: {
  node: Node;
  open: boolean;
  onToggle: () => void;
  itemsLabel: (n: number) => string;
  keysLabel: (n: number) => string;
}) {
  const { value, children } = node;
  if (children !== null) {
    const list = Array.isArray(value);
    if (children === 0) return <span className="punctuation">{list ? "[ ]" : "{ }"}</span>;
    return (
      <span className="punctuation" onClick={onToggle}>
        {list ? "[" : "{"}
        {!open && <em>{(list ? itemsLabel : keysLabel)(children)}</em>}
        {!open && (list ? "]" : "}")}
      </span>
    );
  }
  const kind = value === null ? "null" : typeof value;
  return <span className={`value ${kind}`}>{typeof value === "string" ? `"${value}"` : String(value)}</span>;
}

function NodeActions({ node }: { node: Node }) {
  const { m } = useSettings();
  const { apply } = useFilterActions();
  const toast = useToast();
  const value = node.value === null ? "" : String(node.value);
  return (
    <span className="node-actions" role="group" aria-label={m.event.actionsFor(node.field)}>
      {value !== "" && (
        <>
          <button
            type="button"
            tabIndex={-1}
            title={m.event.include(`${node.field} = ${value}`)}
            aria-label={m.event.include(`${node.field} = ${value}`)}
            onClick={() => apply(node.field, "is", value)}
          >
            <Icon name="plus" size={12} />
          </button>
          <button
            type="button"
            tabIndex={-1}
            title={m.event.exclude(`${node.field} = ${value}`)}
            aria-label={m.event.exclude(`${node.field} = ${value}`)}
            onClick={() => apply(node.field, "is_not", value)}
          >
            <Icon name="minus" size={12} />
          </button>
        </>
      )}
      <button
        type="button"
        tabIndex={-1}
        title={m.event.copy}
        aria-label={m.event.copy}
        onClick={() => void copyText(value).then(() => toast(m.search.copied))}
      >
        <Icon name="copy" size={12} />
      </button>
    </span>
  );
}
