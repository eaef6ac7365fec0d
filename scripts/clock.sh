#!/usr/bin/env bash
# Runs scripts/aws/clock.py in its environment, with Debian's package faketime. Where one of both is missing, it says so and is no failure.
set -euo pipefail
cd "$(dirname "$0")"
command -v faketime >/dev/null || { echo "skipped: clock (no faketime: apt-get install faketime)"; exit 0; }
programs="$(./aws-servers.sh)" || { [ $? -eq 3 ] && echo "skipped: clock (no Python packages)" && exit 0; exit 1; }
export PYTHONDONTWRITEBYTECODE=1
exec "$programs/python" aws/clock.py "$@"
