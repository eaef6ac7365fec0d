/** The same question, asked in several places at once, is asked of the server once; it is cancelled when nobody wants the answer any more. */

interface Asked<T> {
  answer: Promise<T>;
  controller: AbortController;
  wanted: number;
  watching: Set<(state: T) => void>;
  /** What is there so far, for those who join later. */
  latest: T | null;
}

const asked = new Map<string, Asked<unknown>>();

type Ask<T> = (signal: AbortSignal, show: (state: T) => void) => Promise<T>;

/** `show` is told of what arrives before the whole is there. Aborting `signal` ends one's own wish only. */
export function askOnce<T>(key: string, ask: Ask<T>, signal: AbortSignal, show: ((state: T) => void) | null): Promise<T> {
  const running = (asked.get(key) as Asked<T> | undefined) ?? start(key, ask);
  running.wanted += 1;
  if (show) {
    running.watching.add(show);
    if (running.latest !== null) show(running.latest);
  }
  return new Promise((resolve, reject) => {
    const leave = () => {
      running.wanted -= 1;
      if (show) running.watching.delete(show);
      if (running.wanted === 0) {
        forget(key, running);
        running.controller.abort();
      }
      reject(signal.reason as Error);
    };
    if (signal.aborted) return leave();
    signal.addEventListener("abort", leave, { once: true });
    running.answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}

function start<T>(key: string, ask: Ask<T>): Asked<T> {
  const controller = new AbortController();
  const watching = new Set<(state: T) => void>();
  const show = (state: T) => {
    running.latest = state;
    for (const tell of watching) tell(state);
  };
  const running: Asked<T> = {
    answer: Promise.resolve().then(() => ask(controller.signal, show)),
    controller,
    wanted: 0,
    watching,
    latest: null,
  };
  asked.set(key, running as Asked<unknown>);
  running.answer.catch(() => undefined).finally(() => forget(key, running));
  return running;
}

function forget<T>(key: string, running: Asked<T>): void {
  if (asked.get(key) === (running as Asked<unknown>)) asked.delete(key);
}
