#!/bin/sh
# Makes $VENV from a bare Python and installs xtrig into it, editable, with all that tests and demo need.
set -eu

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "xtrig needs Python 3.11 or newer; this is $("$PYTHON" --version). Try: make PYTHON=/path/to/python3.11" >&2
    exit 1
}
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    packages=$(grep -v '^#' scripts/debian-packages)
    missing=$(for package in $packages; do dpkg -s "$package" >/dev/null 2>&1 || echo "$package"; done)
    [ -z "$missing" ] || apt-get update -qq || true
    # One by one: not every Debian and Ubuntu has them all.
    for package in $missing; do
        apt-get install -y -qq "$package" >/dev/null ||
            echo "could not install: $package; the tests that need it will be skipped with that reason" >&2
    done
fi
[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV"
# pip 25.1 is the first that reads [dependency-groups].
"$VENV/bin/python" -m pip install -q --disable-pip-version-check --upgrade 'pip>=25.1'
"$VENV/bin/python" -m pip install -q --disable-pip-version-check -e '.[embedded,import,testing]' --group dev
