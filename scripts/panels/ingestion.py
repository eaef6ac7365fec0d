"""Ingestion health. What a panel counts of records is computed here; files are not known to these tests."""

from .answers import Panels
from .logs import KINDS, table

panels = Panels()
kinds = lambda logs: sorted({kind for _, kind in KINDS if getattr(logs, kind, [])})

panels.of("records")(lambda logs: [(sum(len(getattr(logs, kind)) for kind in kinds(logs)),)])
panels.of("types-count")(lambda logs: [(len({table(kind) for kind in kinds(logs)}),)])
for panel in ("files", "bytes", "types", "status", "lag", "recent"):
    panels.skip(panel, "files and times of ingest")
