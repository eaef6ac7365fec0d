/** The query behind a panel, to read, copy, or go on with. */
import { useSettings } from "../../i18n";
import { Link } from "../../router";
import { copyText } from "../../ui/copy";
import { Dialog } from "../../ui/dialog";
import { Icon } from "../../ui/icon";
import { useToast } from "../../ui/toast";

interface QueryDialogProps {
  title: string;
  description: string;
  language: string;
  query: string;
  searchLink: string;
  onClose: () => void;
}

export function QueryDialog({ title, description, language, query, searchLink, onClose }: QueryDialogProps) {
  const { m } = useSettings();
  const toast = useToast();
  return (
    <Dialog title={`${m.panel.query}: ${title}`} closeLabel={m.panel.close} onClose={onClose}>
      <p className="none">{description}</p>
      <pre className="code-block" aria-label={m.panel.query}>
        <code>{broken(query, language)}</code>
      </pre>
      <p className="dialog-actions">
        <span className="badge">{language.toUpperCase()}</span>
        <button type="button" className="button" onClick={() => void copyText(query).then(() => toast(m.search.copied))}>
          <Icon name="copy" />
          {m.panel.copyQuery}
        </button>
        <Link to={searchLink} className="button primary" onClick={onClose}>
          <Icon name="search" />
          {m.panel.openInSearch}
        </Link>
      </p>
    </Dialog>
  );
}

/** One command a line, for the eye; strings and brackets are left whole. */
export function broken(query: string, language: string): string {
  if (language !== "spl") return query;
  let depth = 0;
  let quoted = false;
  let text = "";
  for (let i = 0; i < query.length; i += 1) {
    const character = query[i] ?? "";
    if (character === '"' && query[i - 1] !== "\\") quoted = !quoted;
    if (!quoted && "([".includes(character)) depth += 1;
    if (!quoted && ")]".includes(character)) depth -= 1;
    if (character === "|" && !quoted && depth === 0 && text.trim() !== "") text = `${text.trimEnd()}\n| `;
    else if (!(character === " " && text.endsWith("\n| "))) text += character;
  }
  return text;
}
