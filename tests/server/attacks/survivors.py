"""Manipulations that `xtrig status` and `xtrig audit verify` do not report today: kind, manipulation and why.

Whoever makes one of them seen takes its line away; the test fails until then. What can never be seen stays, and is
told in the page for auditors.
"""

from __future__ import annotations

from collections.abc import Mapping

SURVIVORS: Mapping[str, Mapping[str, str]] = {}
