#!/usr/bin/env bash
# The corpora beside the project: how many of how many, and a failure where a figure falls below the one on record.
# Usage: scripts/conformance.sh path/to/trailhound
set -euo pipefail
cd "$(dirname "$0")/.."
python3 scripts/conformance.py "$1" "${TRAILHOUND_SHARED:-../shared}" ${VERBOSE:+-v}
python3 scripts/ecs_documents.py "$1" "${TRAILHOUND_SHARED:-../shared}"
python3 scripts/sigma_pairs.py "$1" "${TRAILHOUND_SHARED:-../shared}"
python3 scripts/controls.py "$1" "${TRAILHOUND_SHARED:-../shared}"
