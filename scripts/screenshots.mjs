/**
 * Pictures of every dashboard for docs/images/dashboards, from a running server (`trailhound demo`).
 *
 * Usage: scripts/screenshots.mjs http://127.0.0.1:8674 [DASHBOARD …]
 *
 * Where Python has Pillow (PYTHON names another one), the pictures get a palette of 160 colours: a quarter of the bytes.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const TOP = path.resolve(import.meta.dirname, "..");
const OUT = path.join(TOP, "docs/images/dashboards");
const WIDTH = 1280;
/** The page is as tall as its panels, up to this. */
const MOST_PIXELS = 2400;
const QUIET_MS = 600;
const { chromium } = createRequire(path.join(TOP, "web/package.json"))("playwright-core");

const [base, ...wanted] = process.argv.slice(2);
if (!base) throw new Error("usage: scripts/screenshots.mjs URL [DASHBOARD …]");
const all = readdirSync(path.join(TOP, "dashboards")).flatMap((name) => (name.endsWith(".json") ? [name.slice(0, -5)] : []));

/** Resolves when the panels are there and none is busy any more. */
async function settled(page) {
  await page.waitForSelector("main section, main article", { timeout: 60_000 });
  await page.waitForTimeout(QUIET_MS);
  await page.waitForFunction(() => !document.querySelector("[aria-busy=true]"), undefined, { timeout: 120_000 });
  await page.waitForTimeout(QUIET_MS);
}

async function shoot(page, id) {
  await page.setViewportSize({ width: WIDTH, height: 900 });
  await page.goto(`${base}/dashboards/${id}`);
  await settled(page);
  const pixels = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: WIDTH, height: Math.min(pixels, MOST_PIXELS) });
  await settled(page);
  const file = path.join(OUT, `${id}.png`);
  await page.screenshot({ path: file });
  shrink(file);
  console.log(`${id} ${Math.ceil(statSync(file).size / 1000)} kB`);
}

function shrink(file) {
  const code = "import sys; from PIL import Image; f = sys.argv[1]; Image.open(f).convert('RGB').quantize(160, dither=0).save(f, optimize=True)";
  spawnSync(process.env.PYTHON ?? "python3", ["-c", code, file], { stdio: "ignore" });
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--headless", "--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage({ colorScheme: "light", locale: "en-US" });
for (const id of wanted.length ? wanted : all) await shoot(page, id);
await browser.close();
