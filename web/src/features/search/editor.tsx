/** The query editor: CodeMirror with a language's colours, completion, and findings underlined where they are. */
import { autocompletion, closeBrackets, closeBracketsKeymap, closeCompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { sql, StandardSQL } from "@codemirror/lang-sql";
import { bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { lintKeymap, setDiagnostics, type Diagnostic as Finding } from "@codemirror/lint";
import { Compartment, EditorState, Prec, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, keymap, placeholder } from "@codemirror/view";
import { useEffect, useRef } from "react";

import type { Diagnostic } from "../../api/types";
import { useSettings, type Language } from "../../i18n";
import { diagnosticsJa } from "../../i18n/diagnostics.ja";
import { completionSource, type Vocabulary } from "./completion";
import { colours, look, readOnlyLook } from "./editor-theme";
import { colouring } from "./languages";
import { toUtf16 } from "./span";
import { splLanguage } from "./spl-language";

interface EditorProps {
  value: string;
  language: string;
  vocabulary: Vocabulary;
  diagnostics: readonly Diagnostic[];
  label: string;
  hint: string;
  /** To be read and copied only; of the first rendering. */
  readOnly?: boolean;
  onChange: (text: string) => void;
  onRun: () => void;
}

export default function Editor(props: EditorProps) {
  const container = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef(props);
  latest.current = props;
  // What was typed comes back as the value, maybe when more has been typed since: that is no news.
  const typed = useRef<string[]>([]);
  const { value, language, diagnostics, label } = props;
  const { language: reader } = useSettings();

  useEffect(() => {
    if (!container.current) return;
    const root = container.current.shadowRoot ?? container.current.attachShadow({ mode: "open" });
    const made = new EditorView({
      parent: root,
      root,
      state: EditorState.create({ doc: latest.current.value, extensions: extensionsOf(latest, typed) }),
    });
    view.current = made;
    return () => {
      made.destroy();
      view.current = null;
    };
  }, []);
  useEffect(() => {
    const current = view.current;
    const echo = typed.current.indexOf(value);
    typed.current = echo < 0 ? [] : typed.current.slice(echo + 1);
    if (current && echo < 0 && current.state.doc.toString() !== value)
      current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    view.current?.dispatch({ effects: languageOf.reconfigure(grammar(language)) });
  }, [language]);
  useEffect(() => {
    view.current?.contentDOM.setAttribute("aria-label", label);
  }, [label]);
  useEffect(() => {
    const current = view.current;
    if (current) current.dispatch(setDiagnostics(current.state, findings(current.state.doc.toString(), diagnostics, reader)));
  }, [diagnostics, value, reader]);
  return <div ref={container} className={props.readOnly ? "editor read-only" : "editor"} />;
}

const languageOf = new Compartment();

function grammar(language: string): Extension {
  if (language === "sql") return sql({ dialect: StandardSQL, upperCaseKeywords: true }).language;
  return colouring(language) ?? splLanguage;
}

function extensionsOf(latest: { current: EditorProps }, typed: { current: string[] }): Extension[] {
  const run = (view: EditorView) => {
    // It would cover what comes.
    closeCompletion(view);
    latest.current.onRun();
    return true;
  };
  return [
    Prec.highest(keymap.of([{ key: "Mod-Enter", run }])),
    history(),
    drawSelection(),
    bracketMatching(),
    closeBrackets(),
    EditorView.lineWrapping,
    // The first of two looks wins.
    latest.current.readOnly ? readOnlyLook : [],
    look,
    languageOf.of(grammar(latest.current.language)),
    syntaxHighlighting(colours),
    autocompletion({
      override: [
        completionSource(
          () => latest.current.vocabulary,
          () => latest.current.language,
        ),
      ],
      icons: false,
    }),
    placeholder(latest.current.hint),
    EditorState.readOnly.of(latest.current.readOnly ?? false),
    EditorView.contentAttributes.of({ "aria-label": latest.current.label, spellcheck: "false", tabindex: "0" }),
    EditorView.updateListener.of((update) => {
      if (!update.docChanged) return;
      const text = update.state.doc.toString();
      typed.current.push(text);
      latest.current.onChange(text);
    }),
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap]),
  ];
}

function findings(text: string, diagnostics: readonly Diagnostic[], reader: Language): Finding[] {
  return diagnostics.map((diagnostic) => {
    const { from, to } = toUtf16(text, diagnostic.span);
    const end = Math.min(text.length, Math.max(to, from + 1));
    const { suggestion } = diagnostic;
    // What is missing at the end has no characters: the last one before it is marked.
    const start = from < end || suggestion ? Math.min(from, end) : Math.max(0, end - 1);
    const translated = reader === "ja" ? diagnosticsJa[diagnostic.code] : undefined;
    const message = [translated, diagnostic.message, diagnostic.help].filter(Boolean).join("\n");
    const finding: Finding = { from: start, to: end, severity: diagnostic.severity, message, source: diagnostic.code };
    return suggestion
      ? {
          ...finding,
          actions: [
            { name: suggestion, apply: (view, start, stop) => view.dispatch({ changes: { from: start, to: stop, insert: suggestion } }) },
          ],
        }
      : finding;
  });
}
