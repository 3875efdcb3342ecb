"""Session facts as AcmeDB expressions; a fact that is not named here is refused by xtrig itself."""

from __future__ import annotations

from collections.abc import Mapping

from xtrig.plugin import DDL_EVENTS, Fact, Spelling, documented

_MANUAL = documented("AcmeDB 5 Reference, SESSION_INFO")


def _info(key: str, note: str = "") -> tuple[Spelling, ...]:
    return (Spelling(f"SESSION_INFO('{key}')", note=note, evidence=_MANUAL),)


SPELLINGS: Mapping[Fact, tuple[Spelling, ...]] = {
    Fact.LOGIN_USER: _info("login"),
    Fact.DATABASE: _info("database"),
    Fact.CLIENT_IP: _info("address"),
    Fact.APPLICATION: _info("program", "chosen by the client"),
    Fact.SESSION_ID: _info("session"),
    Fact.INSTANCE: _info("node"),
    Fact.SERVER_VERSION: _info("version"),
    Fact.NATIVE_EVENT: _info("event"),
    Fact.TAG: _info("command", "empty at logon and logoff"),
    Fact.COMMAND_TAG: (Spelling("SESSION_INFO('command')", DDL_EVENTS, evidence=_MANUAL),),
    Fact.NOW: (Spelling("CURRENT_TIMESTAMP", evidence=_MANUAL),),
}
