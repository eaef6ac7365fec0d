#!/usr/bin/env bash
# Holds the invariants of ARCHITECTURE.md: which crate may name which, and which may name the heavy libraries.
set -euo pipefail
cd "$(dirname "$0")/.."
python3 - <<'PY'
import json, subprocess, sys
allowed = {
    "event": set(), "query": set(), "assets": set(), "generate": set(), "workspace-hack": set(), "aws": set(),
    "enrich": {"event"}, "lake": {"event"},
    "engine": {"query", "lake", "event"},
    "ingest": {"lake", "enrich", "event", "aws"},
    "detect": {"engine", "query", "event", "aws"},
    "serve": {"detect", "ingest", "engine", "query", "assets"},
    "trailhound": {
        "event", "enrich", "query", "lake", "engine", "aws", "ingest", "detect", "serve", "assets", "generate",
    },
}
# Libraries that one crate alone may name.
owners = {
    "datafusion": {"engine"}, "deltalake": {"lake"}, "object_store": {"lake"}, "axum": {"serve"}, "utoipa": {"serve"},
    "rusqlite": {"serve", "detect"}, "maxminddb": {"enrich"}, "lettre": {"detect"}, "clap": {"trailhound"},
    "aws-config": {"aws"}, "aws-sigv4": {"aws"},
}
pure = {"event": {"tokio"}, "query": {"tokio", "arrow", "datafusion"}, "enrich": {"tokio"}, "generate": {"tokio"}}
meta = json.loads(subprocess.check_output(["cargo", "metadata", "--format-version", "1", "--no-deps", "--locked"]))
names = {p["name"] for p in meta["packages"]}
bad = []
for package in meta["packages"]:
    name = package["name"]
    if name not in allowed:
        bad.append(f"{name}: a crate that ARCHITECTURE.md does not know")
        continue
    for dep in package["dependencies"]:
        if dep["kind"] == "dev":
            continue
        target = dep["name"]
        if target in names and target != "workspace-hack" and target not in allowed[name]:
            bad.append(f"{name} -> {target}: not an arrow of ARCHITECTURE.md")
        if name == "workspace-hack":
            continue
        if target in owners and name not in owners[target]:
            bad.append(f"{name} names {target}, which is {', '.join(owners[target])}'s alone")
        if target in pure.get(name, ()):
            bad.append(f"{name} is pure and names {target}")
print("\n".join(bad) or f"architecture: {len(names)} crates, every arrow allowed")
sys.exit(bool(bad))
PY
