/** The file of a rule, with what is wrong in it underlined where it is. */
import { lazy, Suspense } from "react";

import type { ApiError } from "../../api/client";
import type { Diagnostic } from "../../api/types";
import { useSettings } from "../../i18n";
import { NO_VOCABULARY } from "../search/completion";
import { DiagnosticView, ErrorMessage } from "../query/error-message";

const Editor = lazy(() => import("../search/editor"));
const NONE: readonly Diagnostic[] = [];

interface RuleEditorProps {
  text: string;
  /** What the server said of the text that it was last given. */
  error: ApiError | null;
  checkedText: string;
  onChange: (text: string) => void;
  onSave: () => void;
}

export function RuleEditor({ text, error, checkedText, onChange, onSave }: RuleEditorProps) {
  const { m } = useSettings();
  const diagnostics = error && text === checkedText ? error.diagnostics : NONE;
  return (
    <div className="rule-editor">
      <Suspense fallback={<div className="editor placeholder" />}>
        <Editor
          value={text}
          language="yaml"
          vocabulary={NO_VOCABULARY}
          diagnostics={diagnostics}
          label={m.rules.file}
          hint=""
          onChange={onChange}
          onRun={onSave}
        />
      </Suspense>
      {diagnostics.length > 0 && (
        <div className="findings" role="alert" aria-label={m.search.diagnostics}>
          {diagnostics.map((diagnostic, index) => (
            <DiagnosticView key={index} diagnostic={diagnostic} query={text} />
          ))}
        </div>
      )}
      {error && error.diagnostics.length === 0 && <ErrorMessage error={error} />}
    </div>
  );
}
