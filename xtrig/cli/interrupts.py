"""Ctrl-C and its like while there is something to clear up."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

_SIGNALS = [number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None))]


@contextmanager
def one_interrupt() -> Iterator[None]:
    """Turn the first of Ctrl-C, a termination and a hang-up into KeyboardInterrupt, and ignore what follows.

    The second Ctrl-C of somebody impatient would otherwise hit the clearing up.
    """
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def interrupt(number: int, frame: FrameType | None) -> None:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in _SIGNALS:
        if before[number] is not signal.SIG_IGN:  # nohup asked for that
            signal.signal(number, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        raise  # the command is at its end, which a second signal would otherwise still hit
    except BaseException:
        _restore(before)
        raise
    _restore(before)


def _restore(handlers: Mapping[int, Any]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)
