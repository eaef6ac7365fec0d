/** A dashboard asks many questions at once; the browser has six connections and the server two hands. */
const AT_ONCE = 4;

let running = 0;
const waiting: (() => void)[] = [];

/** Runs `task` when a place is free. An aborted task that still waits is never started. */
export async function inTurn<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
  if (running >= AT_ONCE) await place(signal);
  else running += 1;
  try {
    signal.throwIfAborted();
    return await task();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

function place(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const start = () => {
      signal.removeEventListener("abort", leave);
      resolve();
    };
    const leave = () => {
      const at = waiting.indexOf(start);
      if (at >= 0) waiting.splice(at, 1);
      reject(signal.reason as Error);
    };
    waiting.push(start);
    signal.addEventListener("abort", leave, { once: true });
  });
}
