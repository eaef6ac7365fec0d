#!/usr/bin/env bash
# The servers that tests of AWS's protocols and of mail run against: ministack, moto and aiosmtpd, in an environment of their own. Prints
# the folder of its programs. Exit code 3: the package index can't be reached, and nothing was there before.
set -euo pipefail
place="${XDG_CACHE_HOME:-$HOME/.cache}/trailhound/aws-servers"
# Versions are pinned: what a test proves shall not change by itself.
packages=("ministack==1.5.33" "moto[server]==5.2.5" "awscli==1.46.3" "cfn-lint==1.58.0" "pyiceberg[pyarrow,sql-sqlite]==0.12.0" "aiosmtpd==1.4.6")
wanted="$(printf '%s\n' "${packages[@]}")"
mkdir -p "$place"
exec 9>"$place/.lock"
flock 9
if [ "$(cat "$place/.installed" 2>/dev/null || true)" != "$wanted" ]; then
    {
        python3 -m venv "$place/venv" && "$place/venv/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}"
    } >&2 || { echo "aws-servers: the Python packages could not be installed" >&2; exit 3; }
    printf '%s' "$wanted" >"$place/.installed"
fi
echo "$place/venv/bin"
