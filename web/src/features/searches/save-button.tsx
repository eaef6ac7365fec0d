/** *Save* in Search: under a new name, or over the saved search that is open. */
import { useState } from "react";

import { changeSearch, listSearches, saveSearch } from "../../api/searches";
import { useSettings } from "../../i18n";
import { useLocation, useSetParams } from "../../router";
import { Icon } from "../../ui/icon";
import { useToast } from "../../ui/toast";
import { asApiError } from "../query/use-fetched";
import { refetch, useResource } from "../query/use-resource";
import { NameDialog } from "./name-dialog";
import { differs, draftOf, SEARCHES } from "./saved";

export function SaveSearchButton({ lang, query }: { lang: string; query: string }) {
  const { m } = useSettings();
  const t = m.searches;
  const { params } = useLocation();
  const setParams = useSetParams();
  const toast = useToast();
  const [open, setOpen] = useState(false);
  const saved = useResource(SEARCHES, listSearches).value?.find(({ id }) => id === params.get("saved"));
  const changed = saved !== undefined && differs(saved, lang, query, params);
  const add = async (name: string, shared: boolean) => {
    const made = await saveSearch(draftOf(name, shared, lang, query, params));
    refetch(SEARCHES);
    setOpen(false);
    toast(t.savedNow);
    setParams(
      (change) => {
        change.set("q", query);
        if (made) change.set("saved", made.id);
      },
      { replace: true },
    );
  };
  const update = () => {
    if (!saved) return;
    changeSearch(saved.id, draftOf(saved.name, saved.shared ?? false, lang, query, params)).then(
      () => {
        refetch(SEARCHES);
        toast(t.savedNow);
      },
      (error: unknown) => toast(asApiError(error).message),
    );
  };
  return (
    <>
      {saved && (
        <span className="saved-name" title={saved.query}>
          <Icon name="bookmark" />
          {saved.name}
          {changed && <span className="none"> {t.changed}</span>}
        </span>
      )}
      {changed && saved.mine && (
        <button type="button" className="button quiet small" disabled={query.trim() === ""} onClick={update}>
          <Icon name="check" />
          {t.update}
        </button>
      )}
      <button type="button" className="button quiet small" disabled={query.trim() === ""} onClick={() => setOpen(true)}>
        <Icon name="bookmark" />
        {saved ? t.saveCopy : t.save}
      </button>
      {open && (
        <NameDialog title={saved ? t.saveCopy : t.saveTitle} name="" shared={false} onSave={add} onClose={() => setOpen(false)}>
          <p className="none">{t.whatIsSaved}</p>
        </NameDialog>
      )}
    </>
  );
}
