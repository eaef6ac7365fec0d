/** What can be done with a value: only it, without it, copy it. */
import { useCallback } from "react";

import { useSettings } from "../../i18n";
import { useLocation } from "../../router";
import { copyText } from "../../ui/copy";
import type { MenuAction } from "../../ui/menu";
import { useToast } from "../../ui/toast";
import { entityLink } from "../entity/kinds";
import { useFilterActions } from "./actions";

const MOST_SHOWN = 40;

/** `field` null: the value belongs to no field of the events (a count, say) and can only be copied. */
export function useValueActions(): (field: string | null, value: string) => MenuAction[] {
  const { m } = useSettings();
  const { apply } = useFilterActions();
  const { params } = useLocation();
  const toast = useToast();
  return useCallback(
    (field, value) => {
      const short = value.length > MOST_SHOWN ? `${value.slice(0, MOST_SHOWN)}…` : value;
      const copy: MenuAction = { label: m.event.copy, icon: "copy", run: () => void copyText(value).then(() => toast(m.search.copied)) };
      if (field === null || value === "") return [copy];
      const page = entityLink(field, value, params);
      return [
        { label: m.event.include(short), icon: "plus", run: () => apply(field, "is", value) },
        { label: m.event.exclude(short), icon: "minus", run: () => apply(field, "is_not", value) },
        ...(page === null ? [] : [{ label: m.entity.about(short), icon: "user" as const, to: page }]),
        copy,
      ];
    },
    [m, apply, toast, params],
  );
}
