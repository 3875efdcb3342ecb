"""What a client is told when it is refused."""

from __future__ import annotations

import psycopg

from xtrig.trial.report import ClientError
from xtrig_pgfamily.driver.errors import login_answer

CONNECT_SECONDS = 15
"""Bounds a login, so that a trigger without a bound of its own cannot hold the trial up."""


def refusal(error: psycopg.Error) -> ClientError:
    """Return what the server said to a login, without the driver's words on where it had tried to connect."""
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        return ClientError(f"no answer for {CONNECT_SECONDS} s, and the client gave up", None)
    return ClientError(_tidy(login_answer(error)), error.sqlstate)


def said(error: psycopg.Error) -> ClientError:
    """Return what the server said to a command."""
    severity = f"{error.diag.severity}:  " if error.diag.severity else ""
    return ClientError(_tidy(f"{severity}{error}"), error.sqlstate)


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
