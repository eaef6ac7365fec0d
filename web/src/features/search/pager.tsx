/** Long results a page at a time: what is drawn stays small. */
import { useSettings } from "../../i18n";
import { formatNumber } from "../../i18n/format";
import { Icon } from "../../ui/icon";

export const PAGE_SIZE = 100;

export function Pager({ page, count, onPage }: { page: number; count: number; onPage: (page: number) => void }) {
  const { m, language } = useSettings();
  const first = page * PAGE_SIZE + 1;
  const last = Math.min(count, first + PAGE_SIZE - 1);
  return (
    <nav className="pager" aria-label={m.search.view}>
      <button type="button" className="button small" disabled={page === 0} aria-label={m.search.previous} onClick={() => onPage(page - 1)}>
        <Icon name="left" />
      </button>
      <span>{m.search.of(formatNumber(first, language), formatNumber(last, language), formatNumber(count, language))}</span>
      <button type="button" className="button small" disabled={last >= count} aria-label={m.search.next} onClick={() => onPage(page + 1)}>
        <Icon name="right" />
      </button>
    </nav>
  );
}
