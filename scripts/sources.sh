#!/usr/bin/env bash
# Runs scripts/aws/sources.py in its environment. Where that can't be made, it says so and is no failure.
set -euo pipefail
cd "$(dirname "$0")"
programs="$(./aws-servers.sh)" || { [ $? -eq 3 ] && echo "skipped: sources (no Python packages)" && exit 0; exit 1; }
export PYTHONDONTWRITEBYTECODE=1
exec "$programs/python" aws/sources.py "$@"
