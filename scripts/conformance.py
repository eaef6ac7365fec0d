"""Runs the real program over the public corpora and compares with the figures on record."""

import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zlib

BIN, SHARED = sys.argv[1], pathlib.Path(sys.argv[2])

# Records that each set holds, counted by hand.
INGEST = {"invictus-2023": 2900, "stratus-red-team": 310, "otrf": 103, "cribl": 44}
# Queries of each corpus that plan, per mille, on record; never fewer.
ON_RECORD = {
    "spl": 964, "sumo": 992, "sql": 971, "sql (DuckDB, PostgreSQL)": 801, "insights": 1000, "filter": 950, "lucene": 1000, "kql": 1000,
    "dsl": 1000, "sigma": 1000,
}
VERBOSE = "-v" in sys.argv
# Every so many queries that plan are run too; CONFORMANCE_RUN=1 runs all, which takes a debug build a quarter of an hour.
RUN_EACH = int(os.environ.get("CONFORMANCE_RUN", "6"))

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
        check("the whole folder: SPL and the report agree", count, first["by_type"]["cloudtrail"]["rows_added"])
        tool = rows(lake, "spl", "userAgent=*stratus-red-team_* | stats count by userAgent | stats sum(count) as n")
        check("invictus: events of the attack tool found by user agent", int(float(tool[0].get("n", 0))) >= 1146, True)


class Server:
    """The program, serving a lake; asked over HTTP, since a process for each of two thousand queries takes minutes."""

    def __init__(self, lake):
        self.folder = tempfile.TemporaryDirectory()
        state = f"sqlite:{self.folder.name}/state.db"
        self.process = subprocess.Popen(
            [BIN, "serve", "--lake", str(lake), "--state", state, "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=self.folder.name)
        for line in self.process.stdout:
            if found := re.search(r"http://\S+", line):
                self.address = found[0].rstrip("/")
                return
        sys.exit("the server did not start")

    def ask(self, path, lang, query, **more):
        body = json.dumps({"lang": lang, "query": query, **more}).encode()
        headers = {"content-type": "application/json", "origin": self.address}
        request = urllib.request.Request(f"{self.address}/api/v1/{path}", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=180) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


# What a corpus row is asked in, and the share of its queries that plans, on record; never less. Topics of which Trailhound has
# no table (databases, mail, cost, Lambda's own output) are counted apart.
LANGUAGES = {
    "spl": ("spl.jsonl", lambda row: "spl"),
    "sumo": ("sumo.jsonl", lambda row: "sumo"),
    "sql": ("sql.jsonl", lambda row: "sql" if row["dialect"] in ("athena", "cloudtrail-lake") else None),
    "sql (DuckDB, PostgreSQL)": ("sql.jsonl", lambda row: None if row["dialect"] in ("athena", "cloudtrail-lake") else "sql"),
    "insights": ("insights.jsonl", lambda row: "insights"),
    "filter": ("filter_pattern.jsonl", lambda row: "filter"),
    "lucene": ("opensearch.jsonl", lambda row: "lucene" if row["language"] == "lucene" else None),
    "kql": ("opensearch.jsonl", lambda row: "kql" if row["language"] == "kuery" else None),
    "dsl": ("opensearch.jsonl", lambda row: "dsl" if row["language"] in ("dsl", "vis-aggs") else None),
    "sigma": ("sigma.jsonl", lambda row: "sigma"),
}
TABLES = {"cloudtrail", "vpcflow", "securityhub", "waf", "elb", "guardduty", "s3access", "network_firewall", "cloudfront", "config", "route53"}


# As many queries at once as the machine has use for.
POOL = concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2)


def one(server, row, lang):
    """What became of a query: planned, told from the text alone, run."""
    text = row.get("expanded") or row.get("filled") or row["query"]
    text = text if isinstance(text, str) else json.dumps(text)
    explained = server.ask("explain", lang, text)
    if explained[0] != 200 or row["topic"] not in TABLES:
        return row, explained, False, None
    auto = f'"language":"{lang}"' in server.ask("explain", "auto", text)[1].replace(" ", "")
    chosen = zlib.crc32(row["id"].encode()) % RUN_EACH == 0
    return row, explained, auto, server.ask("query", lang, text, limit=1000) if chosen else None


def corpora(server):
    print("     topics with a table:        plans   of   share    ran of tried  told by auto   other topics: plans   of")
    for name, (file, language) in LANGUAGES.items():
        lines = [json.loads(line) for line in (SHARED / "corpora/queries" / file).read_text().splitlines() if line.strip()]
        planned, total, other, others, tried, ran, told, broken, left = 0, 0, 0, 0, 0, 0, 0, [], collections.Counter()
        asked = [(row, language(row)) for row in lines if language(row)]
        for row, explained, auto, answered in POOL.map(lambda pair: one(server, *pair), asked):
            if row["topic"] not in TABLES:
                others, other = others + 1, other + (explained[0] == 200)
                continue
            total, planned = total + 1, planned + (explained[0] == 200)
            if explained[0] != 200:
                left[reason(explained[1])] += 1
                continue
            told += auto
            if answered is None:
                continue
            tried += 1
            status, answer = answered
            ran += status == 200
            if status >= 500 or '"error"' in answer[-2000:] and '"internal"' in answer[-2000:]:
                broken.append((row["id"], answer[-400:]))
        share = planned / max(1, total)
        print(f"     {name:26} {planned:6} {total:4} {share:7.1%} {ran:6} {tried:8} {told / max(1, planned):13.0%} {other:20} {others:4}")
        if VERBOSE:
            for why, count in left.most_common(12):
                print(f"         {count:4} x {why}")
            for which, answer in broken[:10]:
                print(f"         internal: {which}: {answer}")
        check(f"{name}: share of queries that plan, per mille", int(share * 1000), ON_RECORD[name], at_least=True)
        check(f"{name}: queries that end in an engine's error", len(broken), 0)


def reason(answer):
    try:
        error = json.loads(answer)["error"]
        found = [d for d in error["diagnostics"] if d["severity"] == "error"] or [error]
        return f"{found[0]['code']}: {found[0]['message'][:110]}"
    except (ValueError, KeyError):
        return answer[:120]


def languages():
    with tempfile.TemporaryDirectory() as lake:
        report(lake, SHARED / "corpora/logs/cloudtrail")
        server = Server(lake)
        try:
            corpora(server)
        finally:
            server.stop()


if not SHARED.is_dir():
    print(f"conformance: skipped, {SHARED} is not there")
    sys.exit(0)
ingest_sets()
whole_folder()
languages()
print(f"{passed} passed, {failed} failed")
sys.exit(bool(failed))
