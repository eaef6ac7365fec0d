/** The button that opens the searches that can be asked again. */
import { useState } from "react";

import { useSettings } from "../../i18n";
import { Dialog } from "../../ui/dialog";
import { Icon } from "../../ui/icon";
import { SearchLists } from "./search-lists";

export function LibraryButton() {
  const { m } = useSettings();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button quiet small" onClick={() => setOpen(true)}>
        <Icon name="clock" />
        {m.searches.library}
      </button>
      {open && (
        <Dialog title={m.searches.library} closeLabel={m.panel.close} onClose={() => setOpen(false)}>
          <SearchLists onOpen={() => setOpen(false)} />
        </Dialog>
      )}
    </>
  );
}
