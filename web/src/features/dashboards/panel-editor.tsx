/** One panel being made or changed: its settings on the left, what it will look like beside them. */
import { lazy, Suspense, useEffect, useMemo, useState, type FormEvent } from "react";

import { useSettings } from "../../i18n";
import { useLocation } from "../../router";
import { readRange } from "../../state/time-range";
import { Icon } from "../../ui/icon";
import { useCatalogue, useLanguages } from "../query/catalogue";
import { DiagnosticView } from "../query/error-message";
import { useExtent } from "../query/range-banner";
import { vocabularyOf } from "../search/completion";
import { useExplain } from "../search/use-explain";
import { toUtf16 } from "../search/span";
import { asLanguage, said } from "./draft";
import { DrillFields } from "./drill-fields";
import { CHARTS, LANGUAGES, type ChartKind, type DashboardFile, type Panel as PanelFile } from "./file";
import { Panel } from "./panel";
import { WordingFields } from "./wording-fields";

const Editor = lazy(() => import("../search/editor"));

/** The preview has about half of the page's width; the panel is to be as wide as it will be. */
const PREVIEW_SHARE = 2;
const LOWEST = 80;
const HIGHEST = 2000;
/** Stands for a bucket width; as long as the placeholder, so that positions hold. */
const SPAN = { placeholder: "$span$", example: "00030d" };

interface PanelEditorProps {
  panel: PanelFile;
  file: DashboardFile;
  isNew: boolean;
  onApply: (panel: PanelFile) => void;
  onCancel: () => void;
  /** Told whether there is something to lose. */
  onDirty: (dirty: boolean) => void;
}

export function PanelEditor({ panel, file, isNew, onApply, onCancel, onDirty }: PanelEditorProps) {
  const { m } = useSettings();
  const t = m.boards.panel;
  const [draft, setDraft] = useState(panel);
  const [columns, setColumns] = useState<readonly string[]>([]);
  const [refreshed, setRefreshed] = useState(0);
  const extent = useExtent();
  const set = (change: Partial<PanelFile>) => setDraft((before) => ({ ...before, ...change }));
  const range = readRange(useLocation().params);
  const checked = useExplain(draft.lang, draft.query.replaceAll(SPAN.placeholder, SPAN.example), range);
  const shown = useLastGood(draft, checked.explanation !== null, checked.text);
  const dirty = draft !== panel;
  useEffect(() => onDirty(dirty), [dirty, onDirty]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onApply(draft);
  };
  return (
    <form className="panel-editor" onSubmit={submit} aria-label={isNew ? t.add : t.edit}>
      <div className="card form">
        <WordingFields label={t.title} value={draft.title} required onChange={(title) => set({ title })} />
        <QueryFields
          draft={draft}
          diagnostics={checked.text === draft.query.replaceAll(SPAN.placeholder, SPAN.example) ? checked.diagnostics : []}
          onChange={set}
          onRun={() => setRefreshed((before) => before + 1)}
        />
        <LookFields draft={draft} file={file} onChange={set} />
        <DrillFields
          panel={draft}
          file={file}
          columns={columns}
          onChange={(drill) => setDraft(({ drill: _, ...rest }) => (drill === undefined ? rest : { ...rest, drill }))}
        />
        <WordingFields label={t.description} value={draft.description} long onChange={(description) => set({ description })} />
        <div className="form-actions">
          <button type="button" className="button" onClick={onCancel}>
            {m.filters.cancel}
          </button>
          <button type="submit" className="button primary" disabled={said(draft.title) === "" || draft.query.trim() === ""}>
            <Icon name="check" />
            {isNew ? t.add : t.apply}
          </button>
        </div>
      </div>
      <div className="panel-preview">
        <h2>{t.preview}</h2>
        <div className="dashboard">
          <Panel
            key={`${shown.lang} ${shown.chart}`}
            panel={{
              ...shown,
              id: "preview",
              width: Math.min(12, shown.width * PREVIEW_SHARE),
              title: said(draft.title) === "" ? { en: t.untitled } : draft.title,
            }}
            refreshed={refreshed}
            oldest={extent?.oldest ?? null}
            onColumns={setColumns}
          />
        </div>
        <p className="none">{t.previewHelp}</p>
      </div>
    </form>
  );
}

/** The panel with the last query that could be planned: a half-typed one asks nothing. */
function useLastGood(draft: PanelFile, good: boolean, text: string): PanelFile {
  const now = draft.query.replaceAll(SPAN.placeholder, SPAN.example);
  const [last, setLast] = useState({ lang: draft.lang, query: draft.query });
  useEffect(() => {
    if (good && text === now) setLast({ lang: draft.lang, query: draft.query });
  }, [good, text, now, draft.lang, draft.query]);
  return useMemo(() => ({ ...draft, ...last }), [draft, last]);
}

interface FieldsProps {
  draft: PanelFile;
  onChange: (change: Partial<PanelFile>) => void;
}

interface QueryFieldsProps extends FieldsProps {
  diagnostics: Parameters<typeof Editor>[0]["diagnostics"];
  onRun: () => void;
}

function QueryFields({ draft, diagnostics, onChange, onRun }: QueryFieldsProps) {
  const { m, language } = useSettings();
  const t = m.boards.panel;
  const languages = useLanguages().value;
  const catalogue = useCatalogue();
  const entry = languages?.find(({ id }) => id === draft.lang);
  const vocabulary = useMemo(() => vocabularyOf(entry, catalogue, language), [entry, catalogue, language]);
  const { query } = draft;
  return (
    <>
      <label className="field">
        {m.search.language}
        <select className="select" value={draft.lang} onChange={(event) => onChange({ lang: asLanguage(event.target.value) })}>
          {LANGUAGES.map((id) => (
            <option key={id} value={id}>
              {languages?.find((known) => known.id === id)?.name ?? id}
            </option>
          ))}
        </select>
      </label>
      <div className="field">
        <span>{m.search.query}</span>
        <Suspense fallback={<div className="editor placeholder" />}>
          <Editor
            value={query}
            language={draft.lang}
            vocabulary={vocabulary}
            diagnostics={diagnostics}
            label={m.search.query}
            hint={t.queryHint}
            onChange={(text) => onChange({ query: text })}
            onRun={onRun}
          />
        </Suspense>
        <span className="none">{t.queryHelp}</span>
      </div>
      {diagnostics.length > 0 && (
        <div className="findings" role="status" aria-label={m.search.diagnostics}>
          {diagnostics.map((diagnostic, index) => (
            <DiagnosticView
              key={index}
              diagnostic={diagnostic}
              query={query}
              onSuggestion={() => {
                const { from, to } = toUtf16(query, diagnostic.span);
                onChange({ query: query.slice(0, from) + (diagnostic.suggestion ?? "") + query.slice(to) });
              }}
            />
          ))}
        </div>
      )}
    </>
  );
}

function LookFields({ draft, file, onChange }: FieldsProps & { file: DashboardFile }) {
  const { m } = useSettings();
  const t = m.boards.panel;
  const selections = [...new Set(file.panels.flatMap(({ drill }) => (drill?.select ? [drill.select] : [])))];
  const chosen = draft.hidden_until ?? "";
  return (
    <div className="form-row">
      <label className="field">
        {t.chart}
        <select className="select" value={draft.chart} onChange={(event) => onChange({ chart: event.target.value as ChartKind })}>
          {CHARTS.map((chart) => (
            <option key={chart} value={chart}>
              {m.boards.charts[chart]}
            </option>
          ))}
        </select>
      </label>
      <label className="field short">
        {t.width}
        <select className="select" value={draft.width} onChange={(event) => onChange({ width: Number(event.target.value) })}>
          {Array.from({ length: 12 }, (_, index) => index + 1).map((width) => (
            <option key={width} value={width}>
              {width}/12
            </option>
          ))}
        </select>
      </label>
      <label className="field short">
        {t.height}
        <input
          className="input"
          type="number"
          min={LOWEST}
          max={HIGHEST}
          step={4}
          value={draft.height}
          onChange={(event) => onChange({ height: Number(event.target.value) })}
        />
      </label>
      <label className="field">
        {t.unit}
        <select
          className="select"
          value={draft.unit ?? ""}
          onChange={(event) => onChange({ unit: event.target.value === "bytes" ? "bytes" : undefined } as Partial<PanelFile>)}
        >
          <option value="">{t.units.number}</option>
          <option value="bytes">{t.units.bytes}</option>
        </select>
      </label>
      {draft.chart === "single" && (
        <label className="field">
          {t.tone}
          <select
            className="select"
            value={draft.tone ?? "neutral"}
            onChange={(event) => onChange({ tone: event.target.value === "bad" ? "bad" : "neutral" })}
          >
            <option value="neutral">{t.tones.neutral}</option>
            <option value="bad">{t.tones.bad}</option>
          </select>
        </label>
      )}
      {(selections.length > 0 || chosen !== "") && (
        <label className="field">
          {t.shown}
          <select
            className="select"
            value={chosen}
            onChange={(event) =>
              onChange({ hidden_until: event.target.value === "" ? undefined : event.target.value } as Partial<PanelFile>)
            }
          >
            <option value="">{t.always}</option>
            {[...new Set([...selections, ...(chosen ? [chosen] : [])])].map((name) => (
              <option key={name} value={name}>
                {t.whenSelected(name)}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}
