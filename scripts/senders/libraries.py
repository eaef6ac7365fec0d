"""Sends EVENTS events with a library of Python's, as its own documentation says to: `libraries.py SENDER`."""

import json
import logging
import os
import sys

HOST, PORT = os.environ["HEC"].split(":")
PLAIN, ACK = os.environ["PLAIN"], os.environ["ACK"]


def logger(handler: logging.Handler) -> logging.Logger:
    """A logger that writes to a handler alone."""
    log = logging.getLogger("sender")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.addHandler(handler)
    return log


def splunk_handler(events: list) -> None:
    """Events in batches, sent by a timer and at the end."""
    from splunk_handler import SplunkHandler, force_flush

    log = logger(SplunkHandler(HOST, int(PORT), PLAIN, "main", protocol="http", verify=False, flush_interval=0.5, sourcetype="_json"))
    for event in events:
        log.info(json.dumps(event))
    force_flush()


def splunk_hec_handler(events: list) -> None:
    """A request an event."""
    from splunk_hec_handler import SplunkHecHandler

    log = logger(SplunkHecHandler(HOST, PLAIN, port=PORT, proto="http", sourcetype="_json", source="app"))
    for event in events:
        log.info(event)


def acknowledged(kind: str, events: list) -> None:
    """A batch, and questions until it is acknowledged; else the library sends it again, and then gives up."""
    import splunk_hec

    sender = splunk_hec.splunk_hec(ACK, HOST, PORT, input_type=kind, use_hec_tls=False, use_ack=True, ack_interval=1, max_events_per_batch=50)
    for event in events:
        sender.send_event(json.dumps(event) if kind == "raw" else {"event": event, "sourcetype": "_json"})
    assert sender.force_flush_events() is not False, "not acknowledged"


SENDERS = {
    "splunk-handler": splunk_handler,
    "splunk-hec-handler": splunk_hec_handler,
    "splunk-hec-ftf-event": lambda events: acknowledged("json", events),
    "splunk-hec-ftf-raw": lambda events: acknowledged("raw", events),
}

if __name__ == "__main__":
    name = sys.argv[1]
    SENDERS[name]([{"mark": f"event-{name}/{n}-"} for n in range(int(os.environ["EVENTS"]))])
