/**
 * A folder for the demo's lake and alerts: the first file of tests that wants the demo makes them there, each one after it starts with a
 * copy. It goes with the last.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestProject } from "vitest/node";

export default async function setup(project: TestProject) {
  const folder = await mkdtemp(path.join(tmpdir(), "trailhound-e2e-demo-"));
  project.provide("template", folder);
  return () => rm(folder, { recursive: true, force: true });
}

declare module "vitest" {
  export interface ProvidedContext {
    template: string;
  }
}
