/** Who made a call, where its row does not say: by the server's rules for people, roles and services. */
import { textAt, type Json } from "./record";

/** Names of sessions that programs make up: a stock word, a number, a UUID, or one that ends in a timestamp. */
const MADE_UP =
  /^(session|default|awscli-session|rolesession|assumerolesession|assume-role-session|cross-account)\d*$|\d{10}$|^(\d+|[\da-f-]{16,})$/i;

const lastPart = (arn: string) => arn.split(/[/:]/).at(-1) ?? "";

export function actorOfRecord(record: Json | undefined): string {
  const identity = (path: string) => textAt(record, `userIdentity.${path}`);
  const name = identity("userName");
  const arn = identity("arn");
  if (identity("type") === "Root") return "root";
  if (identity("type") !== "AssumedRole") return name || lastPart(arn) || identity("invokedBy") || identity("principalId");
  const source = identity("sessionContext.sourceIdentity");
  const session = lastPart(arn);
  const role = identity("sessionContext.sessionIssuer.userName") || (arn.split(":assumed-role/")[1] ?? "").split("/")[0];
  const named = session !== "" && (session.startsWith("i-") || !MADE_UP.test(session));
  return source || (named ? session : role || session);
}
