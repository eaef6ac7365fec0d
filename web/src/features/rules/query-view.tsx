/** A query to read: in the colours of its language, not to be changed. */
import { lazy, Suspense } from "react";

import { NO_VOCABULARY } from "../search/completion";

const Editor = lazy(() => import("../search/editor"));
const nothing = () => undefined;

export function QueryView({ text, lang, label }: { text: string; lang: string; label: string }) {
  return (
    <Suspense fallback={<pre className="code-block">{text}</pre>}>
      <Editor
        value={text}
        language={lang}
        vocabulary={NO_VOCABULARY}
        diagnostics={[]}
        label={label}
        hint=""
        readOnly
        onChange={nothing}
        onRun={nothing}
      />
    </Suspense>
  );
}
