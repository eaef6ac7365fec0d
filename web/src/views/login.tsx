/** Sign-in, where the server asks for it. */
import { useEffect, useState, type FormEvent } from "react";

import { ApiError, signIn } from "../api/client";
import type { Session } from "../api/types";
import { SettingsMenu } from "../features/shell/settings-menu";
import { useSettings } from "../i18n";
import type { Messages } from "../i18n/en";

function problemOf(error: unknown, m: Messages): string {
  if (!(error instanceof ApiError)) return String(error);
  const byStatus: Record<number, string> = { 0: m.states.unreachable, 401: m.login.wrong, 429: m.login.locked };
  return byStatus[error.status] ?? error.message;
}

export function LoginView({ onSignedIn }: { onSignedIn: (session: Session) => void }) {
  const { m } = useSettings();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    document.title = `${m.login.title} – Trailhound`;
  }, [m]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    signIn(name, password)
      .then(onSignedIn)
      .catch((error: unknown) => setProblem(problemOf(error, m)))
      .finally(() => setBusy(false));
  };
  return (
    <main className="login">
      <form onSubmit={submit} aria-label={m.login.title}>
        <h1>
          <img src="/favicon.svg" alt="" width="30" height="30" /> Trailhound
        </h1>
        <label>
          {m.login.name}
          <input
            className="input"
            autoComplete="username"
            required
            autoFocus
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <label>
          {m.login.password}
          <input
            className="input"
            type="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </label>
        {problem && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" className="button primary" disabled={busy}>
          {busy ? m.login.signingIn : m.login.submit}
        </button>
      </form>
      <SettingsMenu />
    </main>
  );
}
