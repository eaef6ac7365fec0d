"""The same question in every language costs the same, and planning costs little.

Part of bench/run.py. The lake is that of the other questions; what is planned are the queries of the corpora beside the project, where
they are (TRAILHOUND_SHARED, else ../shared).
"""

import http.client
import json
import os
import statistics
import time
from pathlib import Path

import server

# One question a block: what each language says for it. Column names differ, figures must not.
QUESTIONS = {
    "count by event name": {
        "sql": "SELECT eventName, count(*) FROM cloudtrail_logs WHERE eventName IS NOT NULL GROUP BY eventName",
        "spl": "sourcetype=aws:cloudtrail | stats count by eventName",
        "sumo": '_sourceCategory=*cloudtrail* | json "eventName" | count by eventName',
        "insights": "filter ispresent(eventName) | stats count(*) by eventName",
        "dsl": '{"size":0,"aggs":{"a":{"terms":{"field":"eventName","size":10000}}}}',
    },
    "denied calls by user": {
        "sql": "SELECT userIdentity.userName, count(*) FROM cloudtrail_logs WHERE errorCode = 'AccessDenied' AND userIdentity.userName IS NOT NULL GROUP BY 1",
        "spl": "errorCode=AccessDenied userIdentity.userName=* | stats count by userIdentity.userName",
        "sumo": '_sourceCategory=*cloudtrail* | json "errorCode", "userIdentity.userName" as c, u | where c = "AccessDenied" | count by u',
        "insights": 'filter errorCode = "AccessDenied" and ispresent(userIdentity.userName) | stats count(*) by userIdentity.userName',
        "dsl": '{"size":0,"query":{"term":{"errorCode":"AccessDenied"}},"aggs":{"a":{"terms":{"field":"userIdentity.userName","size":10000}}}}',
    },
    "by hour": {
        "sql": "SELECT date_trunc('hour', eventTime), count(*) FROM cloudtrail_logs GROUP BY 1",
        "spl": "sourcetype=aws:cloudtrail | bin _time span=1h | stats count by _time",
        "sumo": "_sourceCategory=*cloudtrail* | timeslice 1h | count by _timeslice",
        "insights": "stats count(*) by bin(1h)",
        "dsl": '{"size":0,"aggs":{"h":{"date_histogram":{"field":"@timestamp","fixed_interval":"1h","min_doc_count":1}}}}',
    },
}

CORPORA = {
    "spl": ("spl.jsonl", lambda row: "spl"),
    "sumo": ("sumo.jsonl", lambda row: "sumo"),
    "sql": ("sql.jsonl", lambda row: "sql" if row["dialect"] in ("athena", "cloudtrail-lake") else None),
    "insights": ("insights.jsonl", lambda row: "insights"),
    "filter": ("filter_pattern.jsonl", lambda row: "filter"),
    "kql": ("opensearch.jsonl", lambda row: "kql" if row["language"] == "kuery" else None),
    "dsl": ("opensearch.jsonl", lambda row: "dsl" if row["language"] in ("dsl", "vis-aggs") else None),
    "sigma": ("sigma.jsonl", lambda row: "sigma"),
}


def timed(run: object) -> float:
    """Milliseconds of one call."""
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1000


def costs(connection: http.client.HTTPConnection, rounds: int) -> list[list[str]]:
    """A row a question: the median of each language beside that of SQL. The languages take turns, so that all see the same machine."""
    body = []
    for name, texts in QUESTIONS.items():
        figures = {lang: len(server.rows(server.ask(connection, text, lang))) for lang, text in texts.items()}
        if len(set(figures.values())) != 1:
            raise server.Refused(f"{name}: languages give other numbers of rows: {figures}")
        taken = {lang: [] for lang in texts}
        for _ in range(rounds):
            for lang, text in texts.items():
                taken[lang].append(timed(lambda: server.ask(connection, text, lang)))
        medians = {lang: statistics.median(values) for lang, values in taken.items()}
        body.append([name, f"{medians['sql']:.1f}", *(f"{medians[lang] / medians['sql']:.2f}" for lang in texts if lang != "sql")])
    return body


def explain(connection: http.client.HTTPConnection, lang: str, text: str) -> int:
    """Plans a query; the status of the answer."""
    connection.request("POST", "/api/v1/explain", json.dumps({"lang": lang, "query": text}), {"Content-Type": "application/json"})
    response = connection.getresponse()
    response.read()
    return response.status


def planning(connection: http.client.HTTPConnection) -> list[list[str]]:
    """A row a language: how long a query of its corpus takes to plan."""
    shared = Path(os.environ.get("TRAILHOUND_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    body = []
    for name, (file, language) in CORPORA.items():
        path = shared / "corpora" / "queries" / file
        if not path.exists():
            return []
        times = []
        for line in path.read_text().splitlines():
            row = json.loads(line)
            lang = language(row)
            if lang is None:
                continue
            text = row.get("expanded") or row.get("filled") or row["query"]
            text = text if isinstance(text, str) else json.dumps(text)
            start = time.perf_counter()
            if explain(connection, lang, text) == 200:
                times.append((time.perf_counter() - start) * 1000)
        if times:
            times.sort()
            body.append([name, str(len(times)), f"{statistics.median(times):.2f}", f"{times[int(len(times) * 0.95)]:.2f}", f"{times[-1]:.1f}"])
    return body
