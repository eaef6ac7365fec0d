import { describe, expect, it } from "vitest";

import { linesOf } from "./ndjson";

function body(...chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(stream)) lines.push(line);
  return lines;
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe("lines of a stream", () => {
  it.each([
    ["", []],
    ["a\n", ["a"]],
    ["a\nb", ["a", "b"]],
    ["a\n\n\nb\n", ["a", "b"]],
  ])("%j", async (text, expected) => expect(await collect(body(bytes(text)))).toEqual(expected));

  it("are the same wherever the network cuts, inside a character too", async () => {
    const whole = bytes('{"user":"山田🦊"}\n{"n":1}\n');
    for (let cut = 1; cut < whole.length; cut += 1) {
      expect(await collect(body(whole.slice(0, cut), whole.slice(cut)))).toEqual(['{"user":"山田🦊"}', '{"n":1}']);
    }
  });

  it("stop the stream when nobody reads on", async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes("x\n")),
      cancel: () => {
        cancelled = true;
      },
    });
    for await (const line of linesOf(endless)) if (line === "x") break;
    expect(cancelled).toBe(true);
  });
});
