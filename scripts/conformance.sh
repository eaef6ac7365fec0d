#!/usr/bin/env bash
# The corpora beside the project: how many of how many, and a failure where a figure falls below the one on record.
# Usage: scripts/conformance.sh path/to/trailhound
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 scripts/conformance.py "$1" "${TRAILHOUND_SHARED:-../shared}" ${VERBOSE:+-v}
