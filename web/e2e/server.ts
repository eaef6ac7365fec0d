/** The server under test: one that runs already (TRAILHOUND_URL), or the demo of the binary at TRAILHOUND_BIN. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { inject } from "vitest";

export interface Server {
  url: string;
  stop: () => Promise<void>;
}

export const BINARY = process.env["TRAILHOUND_BIN"];
const ADDRESS = /http:\/\/127\.0\.0\.1:\d+/;
const START_MS = 220_000;
/** The demo's mark that its lake is complete: writing the samples and taking them in is what takes long. */
const READY = "ready";

export async function startServer(): Promise<Server> {
  const running = process.env["TRAILHOUND_URL"];
  if (running) return { url: running.replace(/\/$/, ""), stop: () => Promise.resolve() };
  if (!BINARY) throw new Error("Say where the server is: TRAILHOUND_URL=http://… or TRAILHOUND_BIN=…/trailhound");
  const [template, folder] = [inject("template"), await temporaryFolder()];
  if (!existsSync(path.join(template, "demo", READY))) await (await demo(template)).halt();
  // The logs are in the lake, and are not read again.
  await cp(template, folder, { recursive: true, filter: (from) => path.basename(from) !== "logs" });
  return demo(folder);
}

function demo(folder: string): Promise<Running> {
  return run(["demo", "--listen", "127.0.0.1:0", "--dir", path.join(folder, "demo")], folder);
}

/** An empty lake that asks for a name and a password. */
export async function startLocked(name: string, password: string): Promise<Server> {
  const folder = await temporaryFolder();
  const state = `sqlite:${path.join(folder, "state.db")}`;
  const added = spawnSync(BINARY ?? "", ["user", "add", "--state", state, name], { cwd: folder, input: password, encoding: "utf8" });
  if (added.status !== 0) throw new Error(`The user was not added: ${added.stderr}`);
  return run(["serve", "--listen", "127.0.0.1:0", "--state", state, "--lake", path.join(folder, "lake")], folder);
}

export interface EmptyServer extends Server {
  folder: string;
  /** Runs the program beside the server, and gives what it said; throws where it fails. */
  program: (commandLine: string[]) => Promise<string>;
  /** Takes in the logs at a path of the folder. */
  ingest: (from: string) => Promise<void>;
  /** Takes in generated logs, and gives what the generator said. */
  fill: (options: string[]) => Promise<string>;
}

/** An empty lake, as a new installation has it. */
export async function startEmpty(): Promise<EmptyServer> {
  const folder = await temporaryFolder();
  const state = `sqlite:${path.join(folder, "state.db")}`;
  const lake = path.join(folder, "lake");
  const server = await run(["serve", "--listen", "127.0.0.1:0", "--state", state, "--lake", lake], folder);
  const program = (commandLine: string[]) => outputOf(commandLine, folder);
  const ingest = async (from: string) => void (await program(["ingest", "--lake", lake, from]));
  const fill = async (options: string[]) => {
    const said = await program(["generate", ...options, "--out", "bucket"]);
    await ingest("bucket");
    return said;
  };
  return { ...server, folder, program, ingest, fill };
}

function outputOf(commandLine: string[], folder: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(BINARY ?? "", commandLine, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.once("error", reject);
    child.once("close", (status) =>
      status === 0 ? resolve(output) : reject(new Error(`${commandLine[0]} ended with ${status}: ${output}`)),
    );
  });
}

/** What the API of a server answers at a path, to hold the page against. */
export async function get<T>({ url }: Pick<Server, "url">, at: string): Promise<T> {
  const answer = await fetch(`${url}/api/v1${at}`);
  if (answer.status !== 200) throw new Error(`${answer.status} ${at}`);
  return (await answer.json()) as T;
}

function temporaryFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), "trailhound-e2e-"));
}

interface Running extends Server {
  /** Ends the server and leaves its folder. */
  halt: () => Promise<void>;
}

async function run(commandLine: string[], folder: string): Promise<Running> {
  const child = spawn(BINARY ?? "", commandLine, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const halt = () => ended(child);
  const stop = async () => {
    await halt();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { url: await addressOf(child), stop, halt };
  } catch (error) {
    await stop();
    throw error;
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const timer = setTimeout(() => reject(new Error(`No address within ${START_MS} ms. It said:\n${said}`)), START_MS);
    const listen = (chunk: Buffer) => {
      said += chunk.toString();
      const found = ADDRESS.exec(said);
      if (!found) return;
      clearTimeout(timer);
      resolve(found[0]);
    };
    child.stdout?.on("data", listen);
    child.stderr?.on("data", listen);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`The server ended with ${code}. It said:\n${said}`)));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await gone;
  clearTimeout(late);
}
