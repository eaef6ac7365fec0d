import { describe, expect, it } from "vitest";

import { askOnce } from "./shared";

/** A question whose answer is given by hand. */
function question() {
  const calls: { signal: AbortSignal; show: (state: string) => void; answer: (text: string) => void; fail: (error: Error) => void }[] = [];
  const ask = (signal: AbortSignal, show: (state: string) => void) =>
    new Promise<string>((answer, fail) => calls.push({ signal, show, answer, fail }));
  return { calls, ask };
}
const turn = () => new Promise((resolve) => setTimeout(resolve));
const wish = () => new AbortController();

describe("the same question", () => {
  it("is asked once for all who ask at the same time, and again later", async () => {
    const { calls, ask } = question();
    const answers = [1, 2, 3].map(() => askOnce("a", ask, wish().signal, null));
    const other = askOnce("b", ask, wish().signal, null);
    await turn();
    expect(calls.length).toBe(2);
    calls.forEach(({ answer }, index) => answer(`answer ${index}`));
    expect(await Promise.all(answers)).toEqual(["answer 0", "answer 0", "answer 0"]);
    expect(await other).toBe("answer 1");
    await turn();
    void askOnce("a", ask, wish().signal, null);
    await turn();
    expect(calls.length).toBe(3);
  });
  it("goes on while somebody wants the answer, and is cancelled when nobody does", async () => {
    const { calls, ask } = question();
    const [first, second] = [wish(), wish()];
    const one = askOnce("c", ask, first.signal, null);
    const two = askOnce("c", ask, second.signal, null);
    await turn();
    first.abort();
    await expect(one).rejects.toThrow();
    expect(calls[0]?.signal.aborted).toBe(false);
    second.abort();
    await expect(two).rejects.toThrow();
    expect(calls[0]?.signal.aborted).toBe(true);
  });
  it("shows what is there so far to those who join later", async () => {
    const { calls, ask } = question();
    const seen: string[] = [];
    void askOnce("d", ask, wish().signal, (state) => seen.push(`1 ${state}`));
    await turn();
    calls[0]?.show("half");
    void askOnce("d", ask, wish().signal, (state) => seen.push(`2 ${state}`));
    calls[0]?.show("more");
    expect(seen).toEqual(["1 half", "2 half", "1 more", "2 more"]);
  });
  it("fails for all who asked, and can be asked again", async () => {
    const { calls, ask } = question();
    const both = [1, 2].map(() => askOnce("e", ask, wish().signal, null));
    await turn();
    calls[0]?.fail(new Error("no"));
    for (const answer of both) await expect(answer).rejects.toThrow("no");
    await turn();
    void askOnce("e", ask, wish().signal, null);
    await turn();
    expect(calls.length).toBe(2);
  });
});
