"""How a run ends when what is around it is broken: in a process of its own, as a user's shell starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_bad_input import GOOD, Answer


@pytest.fixture
def shell(tmp_path: Path):
    """Run a shell command in an empty folder that holds a.yaml; $X is the command line."""
    (tmp_path / "a.yaml").write_text(GOOD)

    def shell(command: str, **variables: str) -> Answer:
        environment = {**os.environ, "X": f"{sys.executable} -m xtrig", **variables}
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, timeout=60, check=False
        )
        return Answer(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))

    return shell


def test_a_reader_that_leaves_is_no_error(shell):
    answer = shell("$X render a.yaml | head -1; exit ${PIPESTATUS[0]}")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("-- Rendered by xtrig")


def test_a_reader_that_was_never_there_is_no_error(shell):
    answer = shell("$X render a.yaml | true; exit ${PIPESTATUS[0]}")
    assert (answer.code, answer.err) == (0, "")


@pytest.mark.parametrize(
    "command",
    [
        "$X render - < /dev/null",
        "$X render - <&-",
        "$X render a.yaml > /dev/full",
        "$X render $'\\xff.yaml'",
        "mkdir gone; cd gone; rmdir ../gone; $X render",
        "$X render /dev/zero",
    ],
)
def test_broken_surroundings_are_one_line(shell, command: str):
    answer = shell(command)
    assert answer.code in (1, 64)
    assert answer.out == ""
    assert "Traceback" not in answer.err
    assert len(answer.lines) == 1


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_sql_is_utf_8_whatever_the_terminal_speaks(shell, encoding: str):
    text = GOOD.replace("x:", "表:")
    answer = shell(f"printf '%s' '{text}' > b.yaml; $X render b.yaml", PYTHONIOENCODING=encoding)
    assert (answer.code, answer.err) == (0, "")
    assert 'CREATE EVENT TRIGGER "表"' in answer.out
