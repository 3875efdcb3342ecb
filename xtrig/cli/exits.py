"""How a command ends: exit codes, errors as the lines a user reads, and interrupts."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import IntEnum
from types import FrameType
from typing import Any

import click

from xtrig.errors import DatabaseError, FindingsError, PluginError, UsageError, XtrigError
from xtrig.findings import Finding
from xtrig.sqltext import one_line


class Exit(IntEnum):
    """The exit codes of xtrig."""

    OK = 0
    FINDINGS = 1
    DIFFERS = 2
    DATABASE = 3
    USAGE = 64
    """EX_USAGE of sysexits.h; click's 2 would mean that a database differs."""
    INTERRUPTED = 130


class UnwrittenError(Exception):
    """The output could not be written. A plain OSError would get click's own exit code."""

    def __init__(self, reason: OSError) -> None:
        self.reason = reason
        super().__init__(str(reason))


def explain(error: BaseException) -> int:
    """Print an error to stderr and return its exit code. Raises an error of an unexpected type."""
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        click.echo("xtrig: interrupted", err=True)
        return Exit.INTERRUPTED
    if isinstance(error, UnwrittenError):
        return explain(error.reason)
    if isinstance(error, OSError):
        return _unwritten(error)
    if isinstance(error, click.ClickException):
        return _usage(error)
    if isinstance(error, FindingsError):
        print_findings(error.findings)
        return Exit.FINDINGS
    if isinstance(error, XtrigError):
        for reason in getattr(error, "reasons", (str(error),)):
            click.echo(f"xtrig: {one_line(reason)}", err=True)
        return code_of(error)
    raise error


def print_findings(findings: tuple[Finding, ...] | list[Finding]) -> None:
    """Print findings to stderr, a line each."""
    for finding in findings:
        click.echo(one_line(str(finding)), err=True)


def _unwritten(error: OSError) -> int:
    # Drops what is still buffered, which Python would fail to write at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):  # the reader closed the pipe, as head does
        return Exit.OK
    click.echo(f"xtrig: the output cannot be written: {error.strerror}; write it elsewhere", err=True)
    return Exit.FINDINGS


def code_of(error: XtrigError) -> Exit:
    """Return the exit code of an error."""
    if isinstance(error, (UsageError, PluginError)):
        return Exit.USAGE
    return Exit.DATABASE if isinstance(error, DatabaseError) else Exit.FINDINGS


def _usage(error: click.ClickException) -> int:
    context = getattr(error, "ctx", None)
    hint = f"; see: {context.command_path} --help" if context is not None else "; see: xtrig --help"
    click.echo(f"xtrig: {one_line(error.format_message()).rstrip('.')}{hint}", err=True)
    return Exit.USAGE


_SIGNALS = [number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None))]


@contextmanager
def one_interrupt() -> Iterator[None]:
    """Turn the first SIGINT, SIGTERM or SIGHUP into KeyboardInterrupt, and ignore later ones.

    A second Ctrl-C would otherwise interrupt the clean-up.
    """
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def interrupt(number: int, frame: FrameType | None) -> None:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in _SIGNALS:
        if before[number] is not signal.SIG_IGN:  # as nohup sets it
            signal.signal(number, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        raise  # signals stay ignored: the process is about to exit
    except BaseException:
        _restore(before)
        raise
    _restore(before)


def _restore(handlers: Mapping[int, Any]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)
