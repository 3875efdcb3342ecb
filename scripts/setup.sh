#!/bin/sh
# Makes $VENV from a bare Python and installs xtrig into it, editable, with all that demo, tests and docs need:
# what requirements.lock names, or with DEPENDENCIES=newest the newest that pyproject.toml allows.
set -eu

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "xtrig needs Python 3.11 or newer; this is $("$PYTHON" --version). Try: make PYTHON=/path/to/python3.11" >&2
    exit 1
}
[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV"
install() {
    "$VENV/bin/python" -m pip install -q --disable-pip-version-check "$@"
}
if [ "${DEPENDENCIES:-locked}" = newest ]; then
    install --upgrade 'pip>=25.1' # the first that reads [dependency-groups]
    install --upgrade --upgrade-strategy eager -e '.[alembic,embedded,firebird,import,mariadb,testing]' --group dev --group docs
else
    install --require-hashes -r requirements.lock
    # Isolated, the build would fetch a hatchling that nobody locked.
    install --no-deps --no-build-isolation -e .
fi
# As pip does with what it installs; an editable install is compiled at every start where Python may not write.
"$VENV/bin/python" -m compileall -q xtrig dialects
