"""The engine of Firebird 5.0 from the wheel ``firebird-embedded``: it opens files in this process, without a server."""

from __future__ import annotations

import atexit
import ctypes
import os
import shutil
import sys
import tempfile
from typing import Any

from xtrig.errors import UsageError

VERSION = "5.0"
WHEEL = "firebird-embedded>=5.0.4,<6"


def load_engine() -> Any:
    """Return firebird.driver with the client library of the wheel, which is the engine as well.

    A client library that the driver has been given already is kept: a process can have one. Raises
    :class:`~xtrig.errors.UsageError` if something is not installed.
    """
    try:
        import firebird.driver  # noqa: PLC0415  # a server needs no engine
        from firebird.embedded.provider import FirebirdProvider  # noqa: PLC0415
    except ImportError:
        raise UsageError(
            f"trying a definition without a server needs the engine of Firebird {VERSION}; "
            f"install it: pip install 'xtrig[firebird]' '{WHEEL}'; or name a server with --url"
        ) from None
    config = firebird.driver.driver_config
    if config.fb_client_library.value is None:
        provider = FirebirdProvider()
        # Seen on 5.0.4.4: the engine looks for these by name, and the wheel does not bring the first.
        if sys.platform.startswith("linux"):
            try:
                ctypes.CDLL("libtommath.so.1", mode=ctypes.RTLD_GLOBAL)
            except OSError:
                raise UsageError(
                    "the engine of the wheel firebird-embedded needs libtommath.so.1 of the system; install it: "
                    "apt-get install libtommath1; or name a server with --url"
                ) from None
            ctypes.CDLL(str(provider.root / "libtomcrypt.so.1"), mode=ctypes.RTLD_GLOBAL)
        # Without FIREBIRD the client looks for a server on localhost; the lock files would be shared with other users.
        os.environ["FIREBIRD"] = str(provider.root)
        if "FIREBIRD_LOCK" not in os.environ:
            os.environ["FIREBIRD_LOCK"] = locks = tempfile.mkdtemp(prefix="xtrig_firebird_")
            atexit.register(shutil.rmtree, locks, ignore_errors=True)
        config.db_defaults.forced_writes.value = False  # what is made in this process is thrown away
        config.fb_client_library.value = str(provider.client_library)
    return firebird.driver
