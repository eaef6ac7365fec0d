/** A dashboard being edited: its titles, its panels and their order. Nothing is stored before *Save*. */
import { useCallback, useEffect, useRef, useState, type KeyboardEvent } from "react";

import type { ApiError } from "../../api/client";
import { ANY_VERSION, createDashboard, deleteDashboard, saveDashboard, type Loaded } from "../../api/dashboards";
import { getDashboards } from "../../api/client";
import { useSettings } from "../../i18n";
import { navigate, useLeaveGuard, useLocation } from "../../router";
import { linkTo } from "../../state/url";
import { Dialog } from "../../ui/dialog";
import { Icon, type IconName } from "../../ui/icon";
import { useToast } from "../../ui/toast";
import { useExtent } from "../query/range-banner";
import { asApiError } from "../query/use-fetched";
import { useResource } from "../query/use-resource";
import { dashboardChanged } from "./changes";
import { copyOf, duplicated, moved, newPanel, said, withPanel, withoutPanel } from "./draft";
import type { DashboardFile, Panel as PanelFile, Text } from "./file";
import { WordsContext } from "../charts/words";
import { Panel } from "./panel";
import { PanelEditor } from "./panel-editor";
import { Problems } from "./problems";
import { WordingFields } from "./wording-fields";

interface DashboardEditorProps {
  loaded: Loaded;
  onDone: () => void;
}

interface Editing {
  index: number;
  panel: PanelFile;
}

export function DashboardEditor({ loaded, onDone }: DashboardEditorProps) {
  const { m, text } = useSettings();
  const t = m.boards;
  const toast = useToast();
  const { params } = useLocation();
  const [draft, setDraft] = useState(loaded.file);
  const [editing, setEditing] = useState<Editing | null>(null);
  const [panelDirty, setPanelDirty] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const known = useResource("dashboards", getDashboards).value ?? [];
  const dirty = JSON.stringify(draft) !== JSON.stringify(loaded.file);
  const path = `/dashboards/${encodeURIComponent(loaded.file.id)}`;
  const pending = useLeaveGuard((dirty || panelDirty) && !busy, (to) => to.pathname !== path || to.searchParams.get("edit") === null);

  const store = (how: () => Promise<Loaded>, then: (stored: Loaded) => void) => {
    setBusy(true);
    setError(null);
    how().then(
      (stored) => {
        toast(t.saved);
        dashboardChanged(stored.file.id);
        then(stored);
      },
      (cause: unknown) => {
        setBusy(false);
        setError(asApiError(cause));
        window.scrollTo(0, 0);
      },
    );
  };
  const save = (version: string) => store(() => saveDashboard(draft, version), onDone);
  const saveCopy = () => {
    const copy = copyOf(
      draft,
      titled(draft, t.copyTitle),
      known.map(({ id }) => id),
    );
    store(
      () => createDashboard(copy),
      ({ file }) => navigate(linkTo(`/dashboards/${file.id}`, params)),
    );
  };
  const remove = () => {
    setBusy(true);
    deleteDashboard(loaded.file.id, ANY_VERSION).then(
      () => {
        toast(t.deleted);
        dashboardChanged(loaded.file.id);
        navigate(linkTo("/dashboards", params));
      },
      (cause: unknown) => {
        setBusy(false);
        setDeleting(false);
        setError(asApiError(cause));
      },
    );
  };
  const edit = (index: number) => {
    const panel = draft.panels[index];
    if (panel) setEditing({ index, panel });
  };
  const closePanel = useCallback(() => {
    setEditing(null);
    setPanelDirty(false);
  }, []);
  return (
    <>
      <header className="view-header">
        <h1>{t.editing(text(draft.title))}</h1>
        <span className="view-tools">
          {!editing && (
            <>
              <button type="button" className="button quiet small" onClick={() => setDeleting(true)}>
                {t.delete}
              </button>
              <button type="button" className="button small" onClick={onDone}>
                {m.filters.cancel}
              </button>
              <button
                type="button"
                className="button primary small"
                disabled={busy || !dirty || said(draft.title) === ""}
                onClick={() => save(loaded.version)}
              >
                <Icon name="check" />
                {t.save}
              </button>
            </>
          )}
        </span>
      </header>
      {error && <Problems error={error} file={draft} onPanel={edit} />}
      {error?.code === "changed" && (
        <p className="error-actions">
          <button type="button" className="button" onClick={saveCopy}>
            {t.saveCopy}
          </button>
          <button type="button" className="button" onClick={() => save(ANY_VERSION)}>
            {t.overwrite}
          </button>
        </p>
      )}
      {editing ? (
        <PanelEditor
          panel={editing.panel}
          file={draft}
          isNew={editing.index >= draft.panels.length}
          onDirty={setPanelDirty}
          onCancel={closePanel}
          onApply={(panel) => {
            setDraft(withPanel(draft, editing.index, panel));
            closePanel();
          }}
        />
      ) : (
        <>
          <div className="card form dashboard-settings">
            <WordingFields label={t.title} value={draft.title} required onChange={(title) => setDraft({ ...draft, title })} />
            <WordingFields
              label={t.description}
              value={draft.description}
              onChange={(description) => setDraft({ ...draft, description })}
            />
          </div>
          <PanelGrid
            file={draft}
            onChange={setDraft}
            onEdit={edit}
            onAdd={() => setEditing({ index: draft.panels.length, panel: { ...newPanel(draft), title: {} } })}
          />
        </>
      )}
      {deleting && (
        <Confirm
          title={t.deleteTitle(text(loaded.file.title))}
          body={t.deleteBody}
          yes={t.delete}
          onYes={remove}
          onNo={() => setDeleting(false)}
        />
      )}
      {pending && <Confirm title={t.leaveTitle} body={t.leaveBody} yes={t.leave} onYes={pending.go} onNo={pending.stay} />}
    </>
  );
}

/** A title with something about it, in the languages it has. */
export function titled(file: DashboardFile, change: { en: (title: string) => string; ja: (title: string) => string }): Text {
  const { en, ja } = file.title;
  return { ...(en?.trim() ? { en: change.en(en) } : {}), ...(ja?.trim() ? { ja: change.ja(ja) } : {}) };
}

interface ConfirmProps {
  title: string;
  body: string;
  yes: string;
  onYes: () => void;
  onNo: () => void;
}

function Confirm({ title, body, yes, onYes, onNo }: ConfirmProps) {
  const { m } = useSettings();
  return (
    <Dialog title={title} closeLabel={m.panel.close} onClose={onNo}>
      <p>{body}</p>
      <p className="form-actions">
        <button type="button" className="button" onClick={onNo}>
          {m.filters.cancel}
        </button>
        <button type="button" className="button primary" onClick={onYes}>
          {yes}
        </button>
      </p>
    </Dialog>
  );
}

interface PanelGridProps {
  file: DashboardFile;
  onChange: (file: DashboardFile) => void;
  onEdit: (index: number) => void;
  onAdd: () => void;
}

function PanelGrid({ file, onChange, onEdit, onAdd }: PanelGridProps) {
  const { m, text } = useSettings();
  const t = m.boards.panel;
  const extent = useExtent();
  const grid = useRef<HTMLDivElement>(null);
  const [said, setSaid] = useState("");
  /** The button to focus again after a panel has moved with it. */
  const focused = useRef<{ id: string; action: string } | null>(null);
  useEffect(() => {
    if (!focused.current) return;
    const { id, action } = focused.current;
    focused.current = null;
    const buttons = grid.current?.querySelectorAll<HTMLButtonElement>(`section#${CSS.escape(id)} .panel-tools button`) ?? [];
    const enabled = [...buttons].filter((button) => !button.disabled);
    (enabled.find((button) => button.dataset["action"] === action) ?? enabled[0])?.focus();
  }, [file]);
  const move = (index: number, by: number, action: string) => {
    const panel = file.panels[index];
    const changed = moved(file, index, by);
    if (!panel || changed === file) return;
    focused.current = { id: panel.id, action };
    setSaid(t.movedTo(text(panel.title), index + by + 1, file.panels.length));
    onChange(changed);
  };
  const onKeyDown = (event: KeyboardEvent, index: number) => {
    const by = event.altKey ? { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key] : undefined;
    if (!by) return;
    event.preventDefault();
    move(index, by, (event.target as HTMLElement).dataset["action"] ?? "");
  };
  const resize = (index: number, width: number) => {
    const panel = file.panels[index];
    if (panel) onChange(withPanel(file, index, { ...panel, width: Math.max(1, Math.min(12, width)) }));
  };
  return (
    <>
      <p className="none">{file.panels.length === 0 ? t.none : t.keys}</p>
      <WordsContext value={file.words ?? {}}>
        <div ref={grid} className="dashboard editing">
          {file.panels.map((panel, index) => (
            <Panel
              key={panel.id}
              panel={panel}
              refreshed={0}
              oldest={extent?.oldest ?? null}
              tools={
                <span
                  className="panel-tools"
                  role="toolbar"
                  aria-label={t.tools(text(panel.title))}
                  onKeyDown={(event) => onKeyDown(event, index)}
                >
                  <Tool action="edit" icon="pencil" label={t.edit} onRun={() => onEdit(index)} />
                  <Tool action="before" icon="left" label={t.before} disabled={index === 0} onRun={() => move(index, -1, "before")} />
                  <Tool
                    action="after"
                    icon="right"
                    label={t.after}
                    disabled={index === file.panels.length - 1}
                    onRun={() => move(index, 1, "after")}
                  />
                  <Tool
                    action="narrow"
                    icon="minus"
                    label={t.narrower}
                    disabled={panel.width <= 1}
                    onRun={() => resize(index, panel.width - 1)}
                  />
                  <Tool
                    action="wide"
                    icon="plus"
                    label={t.wider}
                    disabled={panel.width >= 12}
                    onRun={() => resize(index, panel.width + 1)}
                  />
                  <Tool action="copy" icon="copy" label={t.duplicate} onRun={() => onChange(duplicated(file, index))} />
                  <Tool action="remove" icon="close" label={t.remove} onRun={() => onChange(withoutPanel(file, index))} />
                </span>
              }
            />
          ))}
          <button type="button" className="add-panel" onClick={onAdd}>
            <Icon name="plus" />
            {t.add}
          </button>
        </div>
      </WordsContext>
      <p className="visually-hidden" role="status">
        {said}
      </p>
    </>
  );
}

interface ToolProps {
  action: string;
  icon: IconName;
  label: string;
  disabled?: boolean;
  onRun: () => void;
}

function Tool({ action, icon, label, disabled = false, onRun }: ToolProps) {
  return (
    <button type="button" className="icon-button" data-action={action} aria-label={label} title={label} disabled={disabled} onClick={onRun}>
      <Icon name={icon} size={13} />
    </button>
  );
}
