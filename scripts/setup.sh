#!/bin/sh
# Makes $VENV from a bare Python and installs xtrig into it, editable, with all that tests and demo need.
set -eu

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "xtrig needs Python 3.11 or newer; this is $("$PYTHON" --version). Try: make PYTHON=/path/to/python3.11" >&2
    exit 1
}
[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV"
# pip 25.1 is the first that reads [dependency-groups].
"$VENV/bin/python" -m pip install -q --disable-pip-version-check --upgrade 'pip>=25.1'
"$VENV/bin/python" -m pip install -q --disable-pip-version-check -e '.[embedded,import,testing]' --group dev
