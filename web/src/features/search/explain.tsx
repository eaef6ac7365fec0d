/** How a query is understood: what it is in another language, the pipeline that it becomes, and the plan that is run. */
import { useEffect, useState } from "react";

import { explain } from "../../api/client";
import type { Explanation } from "../../api/types";
import { useSettings } from "../../i18n";
import { Dialog } from "../../ui/dialog";
import { useLanguages } from "../query/catalogue";

/** Languages that a pipeline can be written in. */
const TARGETS = ["spl", "sql", "insights", "filter", "lucene", "kql", "sigma"];

export function Explain({ explanation, lang, query }: { explanation: Explanation | null; lang: string; query: string }) {
  const { m } = useSettings();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button quiet small" disabled={explanation === null} onClick={() => setOpen(true)}>
        {m.search.explain}
      </button>
      {open && explanation && (
        <Dialog title={m.search.explanation} closeLabel={m.panel.close} onClose={() => setOpen(false)}>
          {explanation.language !== "sql" && <Elsewhere lang={lang} query={query} own={explanation.language} />}
          {sections(explanation).map(([name, text]) => (
            <section key={name}>
              <h3>{name}</h3>
              <pre className="code-block">{text}</pre>
            </section>
          ))}
        </Dialog>
      )}
    </>
  );
}

/** The query in another language: the way out of one product and into another. */
function Elsewhere({ lang, query, own }: { lang: string; query: string; own: string }) {
  const { m } = useSettings();
  const languages = useLanguages().value ?? [];
  const [to, setTo] = useState("");
  const [found, setFound] = useState<Explanation["translation"]>(undefined);
  useEffect(() => {
    setFound(undefined);
    if (to === "") return;
    const controller = new AbortController();
    explain(lang, query, controller.signal, to).then(
      ({ translation }) => setFound(translation),
      () => undefined,
    );
    return () => controller.abort();
  }, [lang, query, to]);
  return (
    <section>
      <h3>{m.search.elsewhere}</h3>
      <select className="select" aria-label={m.search.elsewhere} value={to} onChange={(event) => setTo(event.target.value)}>
        <option value="">–</option>
        {languages
          .filter(({ id }) => TARGETS.includes(id) && id !== own)
          .map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
      </select>
      {found?.text && <pre className="code-block">{found.text}</pre>}
      {found?.reason && <p className="message">{found.reason}</p>}
      {found?.notes.map((note) => (
        <p key={note} className="hint">
          {note}
        </p>
      ))}
    </section>
  );
}

function sections({ plan, ir, ast }: Explanation): [string, string][] {
  const all: [string, unknown][] = [
    ["Plan", plan],
    ["IR", ir],
    ["AST", ast],
  ];
  return all
    .filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value, null, 2)]);
}
