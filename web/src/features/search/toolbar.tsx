/** What can be made of a query beside running it: save it, watch for it, put it on a dashboard, explain it, hand it on. */
import { lazy, Suspense, useState } from "react";

import type { Explanation } from "../../api/types";
import { useSettings } from "../../i18n";
import { copyText } from "../../ui/copy";
import { Icon } from "../../ui/icon";
import { useToast } from "../../ui/toast";
import type { Rows } from "../query/use-rows";
import { LibraryButton } from "../searches/library-button";
import { SaveSearchButton } from "../searches/save-button";
import { AddButton } from "./add-button";
import { Explain } from "./explain";

const SaveAsAlert = lazy(() => import("../rules/save-as-alert"));

interface ToolbarProps {
  lang: string;
  /** The language that it is read in, where `lang` leaves it open. */
  told: string;
  query: string;
  /** Of the query as it stands; none where it was changed since. */
  rows: Rows | null;
  explanation: Explanation | null;
}

export function Toolbar({ lang, told, query, rows, explanation }: ToolbarProps) {
  return (
    <span className="end">
      <SaveSearchButton lang={lang} query={query} />
      <LibraryButton />
      <SaveButton lang={told} query={query} kind={rows?.meta?.kind} />
      <AddButton lang={told} query={query} rows={rows} />
      <Explain explanation={explanation} lang={lang} query={query} />
      <CopyLink />
    </span>
  );
}

/** `kind`: what the query was found to give; a query that was not run yet is taken to find events. */
function SaveButton({ lang, query, kind }: { lang: string; query: string; kind: "events" | "rows" | undefined }) {
  const { m } = useSettings();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button quiet small" disabled={query.trim() === ""} onClick={() => setOpen(true)}>
        <Icon name="bell" />
        {m.rules.fromSearch.button}
      </button>
      {open && (
        <Suspense fallback={null}>
          <SaveAsAlert lang={lang} query={query} findsEvents={kind !== "rows"} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

function CopyLink() {
  const { m } = useSettings();
  const toast = useToast();
  return (
    <button
      type="button"
      className="button quiet small"
      onClick={() => void copyText(window.location.href).then(() => toast(m.search.copied))}
    >
      <Icon name="link" />
      {m.search.copyLink}
    </button>
  );
}
