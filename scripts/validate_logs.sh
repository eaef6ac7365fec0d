#!/usr/bin/env bash
# Runs scripts/aws/validate.py: awscli and trailhound over the digest chain of the corpora. Where the corpora or the Python packages
# are missing, it says so and is no failure.
set -euo pipefail
cd "$(dirname "$0")"
chain="${TRAILHOUND_SHARED:-../../shared}/corpora/digest-chain"
[ -d "$chain" ] || { echo "skipped: validate-logs ($chain is not there)"; exit 0; }
programs="$(./aws-servers.sh)" || { [ $? -eq 3 ] && echo "skipped: validate-logs (no Python packages)" && exit 0; exit 1; }
export PYTHONDONTWRITEBYTECODE=1
exec "$programs/python" aws/validate.py "$1" "$chain"
