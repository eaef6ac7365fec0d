"""The same question in every language costs the same. Part of bench/run.py, over the lake of its other questions."""

import http.client
import statistics
import time

import server

# One question a block: what each language says for it. Column names differ, figures must not. `ROUND` differs each time: nothing
# that is kept of an earlier answer serves.
QUESTIONS = {
    "count by event name": {
        "sql": "SELECT eventName, count(*) FROM cloudtrail_logs WHERE eventName IS NOT NULL AND sourceIPAddress <> 'ROUND' GROUP BY eventName",
        "spl": "sourcetype=aws:cloudtrail | where sourceIPAddress!=\"ROUND\" | stats count by eventName",
        "sumo": '_sourceCategory=*cloudtrail* | json "eventName", "sourceIPAddress" as n, r | where r != "ROUND" | count by n',
        "insights": 'filter ispresent(eventName) and sourceIPAddress != "ROUND" | stats count(*) by eventName',
        "dsl": '{"size":0,"query":{"bool":{"must_not":{"term":{"sourceIPAddress":"ROUND"}}}},"aggs":{"a":{"terms":{"field":"eventName","size":10000}}}}',
    },
    "denied calls by user": {
        "sql": "SELECT userIdentity.userName, count(*) FROM cloudtrail_logs WHERE errorCode = 'AccessDenied' AND userIdentity.userName IS NOT NULL AND sourceIPAddress <> 'ROUND' GROUP BY 1",
        "spl": "errorCode=AccessDenied userIdentity.userName=* | where sourceIPAddress!=\"ROUND\" | stats count by userIdentity.userName",
        "sumo": '_sourceCategory=*cloudtrail* | json "errorCode", "userIdentity.userName", "sourceIPAddress" as c, u, r | where c = "AccessDenied" and r != "ROUND" | count by u',
        "insights": 'filter errorCode = "AccessDenied" and ispresent(userIdentity.userName) and sourceIPAddress != "ROUND" | stats count(*) by userIdentity.userName',
        "dsl": '{"size":0,"query":{"bool":{"filter":{"term":{"errorCode":"AccessDenied"}},"must_not":{"term":{"sourceIPAddress":"ROUND"}}}},"aggs":{"a":{"terms":{"field":"userIdentity.userName","size":10000}}}}',
    },
    "by hour": {
        "sql": "SELECT date_trunc('hour', eventTime), count(*) FROM cloudtrail_logs WHERE sourceIPAddress <> 'ROUND' GROUP BY 1",
        "spl": "sourcetype=aws:cloudtrail | where sourceIPAddress!=\"ROUND\" | bin _time span=1h | stats count by _time",
        "sumo": '_sourceCategory=*cloudtrail* | json "sourceIPAddress" as r | where r != "ROUND" | timeslice 1h | count by _timeslice',
        "insights": 'filter sourceIPAddress != "ROUND" | stats count(*) by bin(1h)',
        "dsl": '{"size":0,"query":{"bool":{"must_not":{"term":{"sourceIPAddress":"ROUND"}}}},"aggs":{"h":{"date_histogram":{"field":"@timestamp","fixed_interval":"1h","min_doc_count":1}}}}',
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
        for number in range(rounds):
            for lang, text in texts.items():
                asked = text.replace("ROUND", f"round-{number}-{lang}")
                taken[lang].append(timed(lambda: server.ask(connection, asked, lang)))
        medians = {lang: statistics.median(values) for lang, values in taken.items()}
        body.append([name, f"{medians['sql']:.1f}", *(f"{medians[lang] / medians['sql']:.2f}" for lang in texts if lang != "sql")])
    return body
