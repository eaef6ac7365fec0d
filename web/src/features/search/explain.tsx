/** How a query is understood: the pipeline that it becomes, and the plan that is run. */
import { useState } from "react";

import type { Explanation } from "../../api/types";
import { useSettings } from "../../i18n";
import { Dialog } from "../../ui/dialog";

export function Explain({ explanation }: { explanation: Explanation | null }) {
  const { m } = useSettings();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button quiet small" disabled={explanation === null} onClick={() => setOpen(true)}>
        {m.search.explain}
      </button>
      {open && explanation && (
        <Dialog title={m.search.explanation} closeLabel={m.panel.close} onClose={() => setOpen(false)}>
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
