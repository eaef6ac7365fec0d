"""Runs the real program over the public corpora and compares with the figures on record."""

import json
import pathlib
import subprocess
import sys
import tempfile

BIN, SHARED = sys.argv[1], pathlib.Path(sys.argv[2])

# Records that each set holds, counted by hand.
INGEST = {"invictus-2023": 2900, "stratus-red-team": 310, "otrf": 103, "cribl": 44}
# Queries of the SPL corpus that plan, on record; never fewer.
SPL_ON_RECORD = 155

passed = failed = 0


def check(name, got, want, at_least=False):
    global passed, failed
    good = got >= want if at_least else got == want
    passed, failed = passed + good, failed + (not good)
    print(f"{'ok  ' if good else 'FAIL'} {name}: {got} (on record: {'>= ' if at_least else ''}{want})", flush=True)


def run(*args, text=None):
    return subprocess.run([BIN, *map(str, args)], input=text, capture_output=True, text=True)


def report(lake, path):
    done = run("ingest", "--lake", lake, "--format", "json", path)
    if not done.stdout:
        sys.exit(f"ingest of {path} printed nothing:\n{done.stderr}")
    return json.loads(done.stdout)


def rows(lake, lang, query):
    done = run("query", "--lake", lake, "--lang", lang, "--format", "json", query)
    if done.returncode:
        return [{"error": done.stderr}]
    return [json.loads(line) for line in done.stdout.splitlines()]


def ingest_sets():
    for name, want in INGEST.items():
        with tempfile.TemporaryDirectory() as lake:
            folder = SHARED / "corpora/logs/cloudtrail" / name
            first = report(lake, folder)
            check(f"{name}: records", first["records"], want)
            check(f"{name}: rows counted in the lake", rows(lake, "sql", "SELECT count(*) AS n FROM cloudtrail")[0].get("n"), first["rows_added"])
            check(f"{name}: again adds", report(lake, folder)["rows_added"], 0)


def whole_folder():
    with tempfile.TemporaryDirectory() as lake:
        first = report(lake, SHARED / "corpora/logs/cloudtrail")
        check("the whole folder: at least the sets", first["records"], sum(INGEST.values()), at_least=True)
        count = rows(lake, "spl", "sourcetype=aws:cloudtrail | stats count")[0].get("count")
        check("the whole folder: SPL and the report agree", count, first["rows_added"])
        tool = rows(lake, "spl", "userAgent=*stratus-red-team_* | stats count by userAgent | stats sum(count) as n")
        check("invictus: events of the attack tool found by user agent", int(float(tool[0].get("n", 0))) >= 1146, True)


def spl_corpus():
    path = SHARED / "corpora/queries/spl.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    plans = 0
    for row in lines:
        text = row.get("expanded") or row.get("filled") or row["query"]
        plans += run("explain", "--lang", "spl", "-", text=text).returncode == 0
    print(f"     spl corpus: {plans} of {len(lines)} queries plan")
    check("spl corpus: queries that plan", plans, SPL_ON_RECORD, at_least=True)


if not SHARED.is_dir():
    print(f"conformance: skipped, {SHARED} is not there")
    sys.exit(0)
ingest_sets()
whole_folder()
spl_corpus()
print(f"{passed} passed, {failed} failed")
sys.exit(bool(failed))
