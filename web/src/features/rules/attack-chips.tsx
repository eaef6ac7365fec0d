/** Tactics and techniques, each leading to the rules that look for it. */
import { useSettings } from "../../i18n";
import { Link, useLocation } from "../../router";
import { linkTo } from "../../state/url";
import { attackName, useAttack } from "./use-rules";

export function AttackChips({ ids }: { ids: readonly string[] }) {
  const { text } = useSettings();
  const { params } = useLocation();
  const tactics = useAttack().value?.tactics ?? [];
  return (
    <ul className="attack-chips">
      {ids.map((id) => (
        <li key={id}>
          <Link to={linkTo("/rules", params, { own: { attack: id } })}>
            <span className="mono">{id}</span> {attackName(id, tactics, text)}
          </Link>
        </li>
      ))}
    </ul>
  );
}
