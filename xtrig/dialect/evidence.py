"""What is said about a vendor, and how it is known: seen on a server, documented, or neither."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

Version = tuple[int, ...]
"""A server version, such as ``(17,)`` or ``(2, 0, 14, 15, 31, 0)``."""

Value = TypeVar("Value", str, bool)


class Verified(StrEnum):
    """How it is known."""

    SERVER = "server"
    """Seen on a real server by this project's tests."""
    DOCUMENTED = "documented"
    """Said by the vendor's documentation."""
    UNVERIFIED = "unverified"
    """Neither: plausible, and marked so."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How something is known: a test of this project, a page of the vendor's, or a reason to think so.

    ``versions`` are those it holds for, and whatever begins with one of them; empty means every one.
    On another version ``otherwise`` is what is left. Make one with :func:`seen`, :func:`documented` or
    :func:`unverified`.
    """

    source: str = ""
    verified: Verified = Verified.UNVERIFIED
    versions: tuple[Version, ...] = ()
    otherwise: Evidence | None = None

    def __str__(self) -> str:
        return f"{self.verified}: {self.source}" if self.source else str(self.verified)

    def at(self, version: Version) -> Evidence:
        """Return what is known on one version."""
        if not self.versions or any(version[: len(each)] == each for each in self.versions):
            return Evidence(self.source, self.verified)
        if self.otherwise is not None:
            return self.otherwise.at(version)
        return unverified(f"not known for this version; for others: {self.source}")

    def to_dict(self) -> dict[str, str]:
        """Return it as JSON-able data."""
        return {"verified": str(self.verified), "source": self.source}


def seen(test: str, *versions: int | Version, otherwise: Evidence | None = None) -> Evidence:
    """Return the evidence of a test that ran on servers of ``versions``: ``tests/server/test_x.py::test_y``."""
    return Evidence(test, Verified.SERVER, _versions(versions), otherwise)


def documented(page: str, *versions: int | Version) -> Evidence:
    """Return the evidence of a page of the vendor's, which is about ``versions``."""
    return Evidence(page, Verified.DOCUMENTED, _versions(versions))


def unverified(why: str) -> Evidence:
    """Return what stands in for evidence: why it is believed all the same, or what leaves it open."""
    return Evidence(why)


def _versions(versions: tuple[int | Version, ...]) -> tuple[Version, ...]:
    return tuple((each,) if isinstance(each, int) else each for each in versions)


@dataclass(frozen=True, slots=True)
class Claim(Generic[Value]):
    """One thing said about a vendor, with how it is known. It is true where its value is, and reads as its value."""

    value: Value
    evidence: Evidence = field(default_factory=Evidence)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __str__(self) -> str:
        return str(self.value)

    @property
    def source(self) -> str:
        """What it is known from."""
        return self.evidence.source

    @property
    def verified(self) -> Verified:
        """How it is known."""
        return self.evidence.verified

    def at(self, version: Version) -> Claim[Value]:
        """Return the claim with what is known of it on one version."""
        return Claim(self.value, self.evidence.at(version))

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON-able data."""
        return {"value": self.value, **self.evidence.to_dict()}
