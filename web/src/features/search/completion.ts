/** What the editor offers while one types: commands after a pipe, else functions and fields. */
import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";

import type { FieldEntry, LanguageEntry } from "../../api/types";
import type { Language } from "../../i18n";
import type { Catalogue } from "../query/catalogue";
import { AGGREGATES_ARE_COMMANDS, BEGINS_WITH_COMMAND, PIPES } from "./languages";

export interface Vocabulary {
  commands: readonly Completion[];
  functions: readonly Completion[];
  fields: readonly Completion[];
}

/** Languages whose functions are called with parentheses: a clause of the query DSL is a key, a modifier of Sigma a part of one. */
const CALLS: ReadonlySet<string> = new Set(["spl", "sql", "sumo", "insights"]);

/** For texts that nothing is offered for. */
export const NO_VOCABULARY: Vocabulary = { commands: [], functions: [], fields: [] };

export function vocabularyOf(entry: LanguageEntry | undefined, catalogue: Catalogue, language: Language): Vocabulary {
  return {
    commands: (entry?.commands ?? []).map(({ name, syntax, help }) => ({ label: name, type: "keyword", detail: syntax, info: help })),
    functions: [
      ...(entry?.functions ?? []).map(({ name, syntax, help }) => ({
        label: name,
        apply: CALLS.has(entry?.id ?? "spl") ? `${name}(` : name,
        type: "function",
        detail: syntax,
        info: help,
      })),
      ...(entry?.forms ?? []).map(({ name, syntax, help }) => ({ label: name, type: "keyword", detail: syntax, info: help })),
    ],
    fields: fieldsOf(entry?.id ?? "spl", catalogue, language),
  };
}

function fieldsOf(id: string, catalogue: Catalogue, language: Language): Completion[] {
  const seen = new Set<string>();
  const offered: Completion[] = [];
  for (const entry of catalogue.entries) {
    const names = namesIn(id, entry);
    names.forEach((name, rank) => {
      if (!name || seen.has(name)) return;
      seen.add(name);
      offered.push({ label: name, type: "property", detail: entry.type, info: entry.meaning[language], boost: -rank });
    });
  }
  return offered;
}

/** What a language calls a field, most usual first. */
function namesIn(id: string, entry: FieldEntry): (string | null | undefined)[] {
  switch (id) {
    case "sql":
      return [entry.column, entry.cloudtrail];
    case "lucene":
    case "kql":
    case "dsl":
      return [entry.ecs, entry.cloudtrail];
    case "sumo":
      return [entry.cloudtrail, entry.sumo];
    case "insights":
    case "filter":
    case "sigma":
      return [entry.cloudtrail];
    default:
      return [entry.cloudtrail, ...(entry.splunk ?? []), entry.column];
  }
}

/** Whether a value is being written, which no name fits: after a comparison of a search. `before` is the text before the word. */
export function atValue(id: string, before: string): boolean {
  if (id === "kql" || id === "lucene") return /[:<>=]\s*"?$/.test(before);
  if (id !== "spl") return false;
  const pipe = before.lastIndexOf("|");
  const stage = before.slice(pipe + 1);
  const searches = before.slice(0, Math.max(0, pipe)).trim() === "" || /^\s*search\b/i.test(stage);
  return searches && /([=<>]\s*"?|\bin\s*\([^)]*)$/i.test(stage);
}

/** `vocabulary` is read at each call, so that it may arrive after the editor. */
export function completionSource(vocabulary: () => Vocabulary, id: () => string): (context: CompletionContext) => CompletionResult | null {
  return (context) => {
    // A word begins with a letter: `$.` of filter patterns and the braces of JSON are no part of it.
    const word = context.matchBefore(/[\w@][\w.{}]*/);
    if (!word && !context.explicit) return null;
    const from = word?.from ?? context.pos;
    const before = context.state.sliceDoc(0, from).trimEnd();
    if (!context.explicit && atValue(id(), before)) return null;
    const { commands, functions, fields } = vocabulary();
    const pipes = PIPES.has(id());
    const atCommand = pipes && (before.endsWith("|") || (before === "" && BEGINS_WITH_COMMAND.has(id())));
    const atOperator = atCommand && AGGREGATES_ARE_COMMANDS.has(id());
    const options = atOperator
      ? [...commands, ...functions]
      : atCommand
        ? commands
        : pipes
          ? [...fields, ...functions]
          : [...commands, ...functions, ...fields];
    return { from, options: [...options], validFor: /^[\w@.{}]*$/ };
  };
}
