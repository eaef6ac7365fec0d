"""Which rule matches which event, computed twice: by a plain reading of the Sigma specification over the JSON of the
records, and by the real program. Prints the pairs that differ; the exit code says whether there are any.

Usage: scripts/sigma_pairs.py path/to/trailhound path/to/shared
Needs PyYAML; without it, or without the corpora, it says so and passes.
"""

import functools
import glob
import gzip
import ipaddress
import json
import pathlib
import re
import subprocess
import sys
import tempfile

SETS = ("invictus-2023", "stratus-red-team")
# Pairs on record over these sets with the rules of the corpus; a change of meaning changes it.
ON_RECORD = 1513
# Rules asked in one query.
AT_ONCE = 40

# What the rules' fields can't see is what a record can hold in more than one way: an object is its JSON text without
# blanks, true is "true", 22 is "22"; an array is each of its elements.


def values(node, path):
    """The values at a dotted path, through every element of arrays."""
    if isinstance(node, list):
        return [v for item in node for v in values(item, path)]
    if not path:
        return [node]
    if isinstance(node, dict) and path[0] in node:
        return values(node[path[0]], path[1:])
    return []


def text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return str(value)


def leaves(node):
    if isinstance(node, dict):
        node = list(node.values())
    if isinstance(node, list):
        return [leaf for item in node for leaf in leaves(item)]
    return [] if node is None else [text(node)]


@functools.lru_cache(maxsize=None)
def pattern(raw, start, end, cased):
    """A Sigma string as a regular expression over the whole value."""
    out, at = "", 0
    while at < len(raw):
        c = raw[at]
        if c == "\\" and raw[at + 1 : at + 2] in ("*", "?", "\\"):
            out, at = out + re.escape(raw[at + 1]), at + 2
            continue
        out += ".*" if c == "*" else "." if c == "?" else re.escape(c)
        at += 1
    out = (".*" if start else "") + out + (".*" if end else "")
    return re.compile(out, re.S | (0 if cased else re.I))


def inside(value, block):
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(block, strict=False)
    except ValueError:
        return False


def compare(value, sign, number):
    try:
        value = float(value)
    except (TypeError, ValueError):
        return False
    return {"lt": value < number, "lte": value <= number, "gt": value > number, "gte": value >= number}[sign]


def one(event, field, modifiers, wanted):
    """Whether a field passes one value."""
    found = values(event, field.split("."))
    present = [text(v) for v in found if v is not None]
    if "exists" in modifiers:
        return bool(found) == (text(wanted) == "true")
    if wanted is None:
        return not found or any(v is None for v in found)
    if "fieldref" in modifiers:
        others = [text(v) for v in values(event, str(wanted).split(".")) if v is not None]
        return any(a.lower() == b.lower() for a in present for b in others)
    if "cidr" in modifiers:
        return any(inside(v, str(wanted)) for v in present)
    if "re" in modifiers:
        flags = sum({"i": re.I, "m": re.M, "s": re.S}[m] for m in modifiers if m in "ims")
        return any(re.search(str(wanted), v, flags) for v in present)
    for sign in ("lt", "lte", "gt", "gte"):
        if sign in modifiers:
            return any(compare(v, sign, float(wanted)) for v in present)
    start = "contains" in modifiers or "endswith" in modifiers
    end = "contains" in modifiers or "startswith" in modifiers
    tests = pattern(text(wanted), start, end, "cased" in modifiers)
    return any(tests.fullmatch(v) for v in present)


def item(event, key, wanted):
    field, *modifiers = str(key).split("|")
    wanted = wanted if isinstance(wanted, list) else [wanted]
    results = [one(event, field, modifiers, value) for value in wanted]
    result = all(results) if "all" in modifiers else any(results)
    return not result if "neq" in modifiers else result


def search(event, node):
    if isinstance(node, dict):
        return all(item(event, key, value) for key, value in node.items())
    if isinstance(node, list):
        return any(search(event, part) for part in node)
    keyword = pattern(text(node), True, True, False)
    return any(keyword.fullmatch(leaf) for leaf in leaves(event))


@functools.lru_cache(maxsize=None)
def condition(source, names):
    """The condition as a Python expression over `s(name)`."""
    tokens = re.findall(r"\(|\)|[^\s()]+", source)
    out, at = [], 0
    while at < len(tokens):
        token = tokens[at]
        if at + 2 < len(tokens) and tokens[at + 1] == "of":
            glob_ = tokens[at + 2]
            those = [n for n in names if glob_ == "them" and not n.startswith("_") or re.fullmatch(glob_.replace("*", ".*"), n)]
            calls = ", ".join(f"s({n!r})" for n in those)
            count = len(those) if token == "all" else 1 if token == "any" else int(token)
            out.append(f"(sum([{calls}]) >= {count})")
            at += 3
            continue
        out.append(token if token in ("and", "or", "not", "(", ")") else f"s({token!r})")
        at += 1
    return compile(" ".join(out), source, "eval")


def matches(rule, event):
    detection = rule["detection"]
    names = [n for n in detection if n not in ("condition", "timeframe")]
    conditions = detection["condition"]
    for source in conditions if isinstance(conditions, list) else [conditions]:
        s = {n: search(event, detection[n]) for n in names}
        if eval(condition(source, tuple(names)), {"s": s.__getitem__, "sum": sum}):
            return True
    return False


def events(folder):
    for name in sorted(glob.glob(f"{folder}/**/*", recursive=True)):
        if not pathlib.Path(name).is_file():
            continue
        opened = gzip.open(name, "rt") if name.endswith(".gz") else open(name)
        try:
            body = json.load(opened)
        except (json.JSONDecodeError, UnicodeDecodeError):
            continue
        yield from body.get("Records", []) if isinstance(body, dict) else body


def rules(yaml, shared):
    for line in (shared / "corpora/queries/sigma.jsonl").read_text().splitlines():
        row = json.loads(line)
        documents = [d for d in yaml.load_all(row["query"], yaml.BaseLoader) if d]
        source = documents[0].get("logsource", {})
        plain = len(documents) == 1 and "correlation" not in documents[0]
        counted = "|" in str(documents[0].get("detection", {}).get("condition", ""))
        if plain and not counted and source.get("service") == "cloudtrail":
            yield row["id"], row["query"], next(d for d in yaml.safe_load_all(row["query"]) if d)


def ours(program, lake, queries):
    """The pairs of some rules, asked at once: each gets its number as title, which the result's column `rule` names."""
    titled = [re.sub(r"^title:.*$", f"title: r{n}", query.strip(), count=1, flags=re.M) for n, query in enumerate(queries)]
    query = "\n---\n".join(titled)
    done = subprocess.run(
        [program, "query", "--lake", lake, "--lang", "sigma", "--format", "json", "-"],
        input=query,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"the program failed:\n{done.stderr}\n{query}")
    found = [set() for _ in queries]
    for line in done.stdout.splitlines():
        row = json.loads(line)
        for title in row["rule"].split(", ") if len(queries) > 1 else ["r0"]:
            found[int(title[1:])].add(row["eventID"])
    return found


def main():
    program, shared = sys.argv[1], pathlib.Path(sys.argv[2])
    try:
        import yaml
    except ImportError:
        print("sigma pairs: skipped, PyYAML is not there")
        return 0
    if not shared.is_dir():
        print(f"sigma pairs: skipped, {shared} is not there")
        return 0
    folders = [shared / "corpora/logs/cloudtrail" / name for name in SETS]
    records = {record["eventID"]: record for folder in folders for record in events(folder) if "eventID" in record}
    pairs = differ = counted = 0
    with tempfile.TemporaryDirectory() as lake:
        ingest = [program, "ingest", "--lake", lake, "--format", "json", *map(str, folders)]
        subprocess.run(ingest, capture_output=True, check=True)
        asked = list(rules(yaml, shared))
        answers = [ours(program, lake, [q for _, q, _ in asked[at : at + AT_ONCE]]) for at in range(0, len(asked), AT_ONCE)]
        for (name, _, rule), got in zip(asked, [found for answer in answers for found in answer]):
            counted += 1
            expected = {event_id for event_id, record in records.items() if matches(rule, record)}
            pairs += len(expected)
            for event_id in sorted(expected ^ got):
                differ += 1
                print(f"     {name} {event_id}: {'missing' if event_id in expected else 'too many'}")
    print(f"sigma pairs: {counted} rules, {len(records)} events, {pairs} pairs, {differ} differ (on record: {ON_RECORD} pairs)")
    return int(differ > 0 or pairs != ON_RECORD)


sys.exit(main())
