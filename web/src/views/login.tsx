/** Sign-in, where the server asks for it. */
import { useEffect, useState, type FormEvent } from "react";

import { ApiError, signIn } from "../api/client";
import type { Session } from "../api/types";
import { SettingsMenu } from "../features/shell/settings-menu";
import { useSettings } from "../i18n";

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
      .catch((error: unknown) => setProblem(error instanceof ApiError && error.status === 401 ? m.login.wrong : error instanceof Error && !(error instanceof ApiError && error.status === 0) ? error.message : m.states.unreachable))
      .finally(() => setBusy(false));
  };
  return (
    <main className="login">
      <form onSubmit={submit} aria-label={m.login.title}>
        <h1><img src="/favicon.svg" alt="" width="30" height="30" /> Trailhound</h1>
        <label>
          {m.login.name}
          <input className="input" autoComplete="username" required autoFocus value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        <label>
          {m.login.password}
          <input className="input" type="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.target.value)} />
        </label>
        {problem && <p className="problem" role="alert">{problem}</p>}
        <button type="submit" className="button primary" disabled={busy}>{busy ? m.login.signingIn : m.login.submit}</button>
      </form>
      <SettingsMenu />
    </main>
  );
}
