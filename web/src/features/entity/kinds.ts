/** What has a page of its own: the field whose value it is, and what a value of which field leads there. */
import type { Condition } from "../../state/filters";
import { linkTo } from "../../state/url";

export const KINDS = ["actor", "user", "role", "session", "address", "key", "account", "resource"] as const;
export type Kind = (typeof KINDS)[number];

/** The fields by any of whose names a value is known to be of the kind; the first is what its page filters by. */
const FIELDS: Record<Kind, readonly string[]> = {
  actor: ["actor_name"],
  user: ["user", "user_name", "userName", "userIdentity.userName", "user.name"],
  role: ["userIdentity.sessionContext.sessionIssuer.userName", "session_issuer_user_name", "actor_role"],
  session: ["userIdentity.arn", "user_identity_arn"],
  address: ["sourceIPAddress", "source_ip_address", "src_ip", "source.ip", "src"],
  key: ["userIdentity.accessKeyId", "user_identity_access_key_id", "userAccessKey"],
  account: ["recipientAccountId", "recipient_account_id", "aws_account_id", "userIdentity.accountId", "cloud.account.id"],
  resource: ["requestParameters.bucketName", "request_bucket_name"],
};

export const isKind = (text: string): text is Kind => (KINDS as readonly string[]).includes(text);

/** A user is who made a call, an actor who is behind it: through a role the two differ. */
export function kindOf(field: string): Kind | null {
  return KINDS.find((kind) => FIELDS[kind].includes(field)) ?? null;
}

export function conditionOf(kind: Kind, value: string): Condition {
  return { field: FIELDS[kind][0] ?? "", op: "is", values: [value] };
}

/** The link to the page of a value; null where its field has none. */
export function entityLink(field: string, value: string, params: URLSearchParams): string | null {
  const kind = kindOf(field);
  if (kind === null || value.trim() === "") return null;
  return linkTo(`/entities/${kind}/${encodeURIComponent(value)}`, params, { conditions: [] });
}
