#!/usr/bin/env bash
# Runs scripts/senders/check.py with the libraries that people send to Splunk with, as their registries have them, in folders of their
# own. What can't be installed is skipped with a message and is no failure.
#
#     scripts/real_senders.sh TRAILHOUND
set -euo pipefail
cd "$(dirname "$0")"
place="${XDG_CACHE_HOME:-$HOME/.cache}/trailhound/real-senders"
# Versions are pinned: what a test proves shall not change by itself.
python=("splunk-handler==3.0.0" "splunk-hec-handler==1.2.0" "splunk-hec-ftf==1.0.3")
node=("splunk-logging@0.11.1" "splunk-bunyan-logger@0.11.0" "bunyan@1.8.15" "winston@3.19.0" "winston-splunk-httplogger@3.1.8")

# installed NAME WANTED COMMAND: runs COMMAND unless what it installs is there.
installed() {
    [ "$(cat "$place/$1.installed" 2>/dev/null || true)" = "$2" ] && return 0
    "$3" >&2 || { echo "skipped: senders in $1 (the packages could not be installed)" >&2; return 1; }
    printf '%s' "$2" >"$place/$1.installed"
}
of_python() { python3 -m venv "$place/python" && "$place/python/bin/pip" install --quiet --disable-pip-version-check "${python[@]}"; }
of_node() { npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$place/node" "${node[@]}"; }

mkdir -p "$place/node"
exec 9>"$place/.lock"
flock 9
languages=()
installed python "${python[*]}" of_python && languages+=(python)
installed node "${node[*]}" of_node && languages+=(node)
flock -u 9
[ ${#languages[@]} -gt 0 ] || exit 0
export PYTHONDONTWRITEBYTECODE=1
exec python3 senders/check.py "$1" "$place" "${languages[@]}"
