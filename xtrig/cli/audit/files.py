"""A file that is there whole or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from xtrig.errors import UsageError


def check_target(file: Path) -> None:
    """Raise :class:`~xtrig.errors.UsageError` for a name under which no file could be written in the end."""
    try:
        if file.is_dir():
            raise UsageError(f"{file}: is a folder; name a file in it")
        if file.exists() and not file.is_file():
            raise UsageError(f"{file}: is not a regular file; name another, or '-' for stdout")
        if not file.parent.is_dir():
            raise UsageError(f"{file}: there is no folder {file.parent}; make it first")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise _unwritable(file, error) from None


def write_whole(file: Path, text: str) -> None:
    """Write a file beside ``file`` and put it in its place, so that nobody ever sees half of it.

    Raises :class:`~xtrig.errors.UsageError` if that cannot be done; what was there then stays.
    """
    try:
        target = file.resolve()  # a link stays a link
        beside = target.with_name(f".{target.name[:200]}.{os.getpid()}.tmp")
        try:
            with beside.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            if target.exists():
                shutil.copymode(target, beside)
            beside.replace(target)
        except FileExistsError:
            raise
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        raise _unwritable(file, error) from None


def _unwritable(file: Path, error: OSError | ValueError) -> UsageError:
    return UsageError(f"{file}: cannot be written: {getattr(error, 'strerror', None) or error}; name another file")
