/** What one can do with a saved search of one's own: give it another name, share it, delete it. */
import { useState } from "react";

import { changeSearch, deleteSearch, type SavedSearch } from "../../api/searches";
import { useSettings } from "../../i18n";
import { useSetParams } from "../../router";
import { MenuButton } from "../../ui/menu";
import { useToast } from "../../ui/toast";
import { asApiError } from "../query/use-fetched";
import { refetch } from "../query/use-resource";
import { NameDialog } from "./name-dialog";
import { contentOf, SEARCHES } from "./saved";
import { Dialog } from "../../ui/dialog";

export function SavedMenu({ search }: { search: SavedSearch }) {
  const { m } = useSettings();
  const t = m.searches;
  const toast = useToast();
  const [asks, setAsks] = useState<"name" | "delete" | null>(null);
  if (!search.mine) return null;
  const content = contentOf(search);
  const change = async (name: string, shared: boolean) => {
    await changeSearch(search.id, { ...content, name, shared });
    refetch(SEARCHES);
    setAsks(null);
  };
  const share = () =>
    change(search.name, !search.shared).then(
      () => toast(search.shared ? t.unsharedNow : t.sharedNow),
      (error: unknown) => toast(asApiError(error).message),
    );
  return (
    <>
      <MenuButton
        label={t.actions(search.name)}
        actions={[
          { label: t.rename, icon: "pencil", run: () => setAsks("name") },
          { label: search.shared ? t.unshare : t.share, icon: "user", run: () => void share() },
          { label: t.delete, icon: "close", run: () => setAsks("delete") },
        ]}
      />
      {asks === "name" && (
        <NameDialog title={t.rename} name={search.name} shared={search.shared ?? false} onSave={change} onClose={() => setAsks(null)} />
      )}
      {asks === "delete" && <DeleteDialog search={search} onClose={() => setAsks(null)} />}
    </>
  );
}

function DeleteDialog({ search, onClose }: { search: SavedSearch; onClose: () => void }) {
  const { m } = useSettings();
  const t = m.searches;
  const toast = useToast();
  const setParams = useSetParams();
  const [problem, setProblem] = useState<string | null>(null);
  const remove = () =>
    deleteSearch(search.id).then(
      () => {
        toast(t.deleted);
        onClose();
        refetch(SEARCHES);
        setParams((changed) => changed.get("saved") === search.id && changed.delete("saved"), { replace: true });
      },
      (error: unknown) => setProblem(asApiError(error).message),
    );
  return (
    <Dialog title={t.delete} closeLabel={m.panel.close} onClose={onClose}>
      <p>{search.shared ? t.deleteShared(search.name) : t.deleteOwn(search.name)}</p>
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <div className="form-actions">
        <button type="button" className="button" onClick={onClose}>
          {m.filters.cancel}
        </button>
        <button type="button" className="button primary" onClick={() => void remove()}>
          {t.delete}
        </button>
      </div>
    </Dialog>
  );
}
