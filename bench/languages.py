"""The same question in every language costs the same. Part of bench/run.py, over the lake of its other questions."""

import http.client
import statistics
import time

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
