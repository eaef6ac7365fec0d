/** Where to go after signing in. */

export const HOME = "/dashboards/security-overview";
/** Where an installation without logs begins. */
export const START = "/start";
export const LOGIN = "/login";

/** Only ever a path of this page: a link that signs people in must not send them elsewhere. */
export function nextOf(params: URLSearchParams): string {
  const next = params.get("next") ?? "/";
  return /^\/(?![/\\])/.test(next) && !next.startsWith(LOGIN) ? next : "/";
}
