"""Who logged in, from where, who was refused, and what DDL they ran."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from xtrig.audit.counting import Account, Attempt, Presence
from xtrig.audit.formats import counted, lasted, span
from xtrig.audit.page.elements import Child, Column, bar, foreign, h, moment, table
from xtrig.audit.page.view import View, section
from xtrig.audit.records import Ddl, Session


def users(view: View) -> Element:
    """Return the section of users."""
    accounts = view.counts.accounts
    if not accounts:
        return section("users", "Users", h("p", "No login was recorded.", class_="nothing"))
    order = sorted(accounts, key=lambda key: (-accounts[key].sessions, key[1], str(key[0])))
    columns = [
        *(Column("User"), *view.source_column, Column("Sessions", "number"), Column("First seen", "time")),
        *(Column("Last seen", "time"), Column("Addresses", "number"), Column("Refused", "number")),
        Column("Time connected", "number"),
    ]
    caption = "Users by number of sessions"
    if view.names.column:
        caption += "; whoever logged in on several sources has a row for each"
    return section("users", "Users", table(caption, columns, order, lambda key: _user(view, key)), _at_least())


def addresses(view: View) -> Element:
    """Return the section of addresses."""
    found = view.counts.addresses
    if not found:
        return section("addresses", "Addresses", h("p", "No login was recorded.", class_="nothing"))
    order = sorted(found, key=lambda key: (-found[key].sessions, key or ""))
    columns = [
        *(Column("Address", "address"), *view.source_column, Column("Sessions", "number"), Column("Users", "number")),
        *(Column("Refused", "number"), Column("First seen", "time"), Column("Last seen", "time")),
    ]
    rows = table("Addresses by number of sessions", columns, order, lambda key: _address(view, key))
    return section("addresses", "Addresses", rows)


def sessions(view: View) -> Element | None:
    """Return the section of the latest sessions, if there are sessions."""
    if not view.data.sessions:
        return None
    latest = sorted(view.data.sessions, key=lambda session: session.logon_at, reverse=True)
    columns = [
        *(
            Column("Logon", "time"),
            Column("User"),
            *view.source_column,
            Column("Database"),
            Column("Address", "address"),
        ),
        *(Column("Application"), Column("Auth method"), Column("End"), Column("Lasted")),
    ]
    rows = table("The latest sessions, newest first", columns, latest, lambda session: _session(view, session))
    return section("sessions", "Latest sessions", rows)


def refusals(view: View) -> Element:
    """Return the section of refused logins."""
    attempts = view.counts.attempts
    if not attempts:
        return section("refused", "Refused logins", h("p", "No refused login was recorded.", class_="nothing"))
    order = sorted(attempts, key=lambda key: (attempts[key].number, attempts[key].last, str(key)), reverse=True)
    columns = [
        *(
            Column("User"),
            *view.source_column,
            Column("Database"),
            Column("Address", "address"),
            Column("Reason", "wide"),
        ),
        *(Column("Attempts", "number"), Column("First", "time"), Column("Last", "time")),
    ]
    said = f"{counted(len(view.data.refusals), 'refused login')}; those that are alike share a row, most attempts first"
    return section("refused", "Refused logins", table(said, columns, order, lambda key: _attempt(view, key)))


def _user(view: View, key: Account) -> list[Child]:
    seen = view.counts.accounts[key]
    return [
        *(foreign(key[1]), *view.names.cells(key[0]), f"{seen.sessions:,}", moment(seen.first), moment(seen.last)),
        *(f"{len(seen.others):,}", f"{view.counts.refused_accounts[key]:,}", _connected(seen)),
    ]


def _address(view: View, key: str | None) -> list[Child]:
    seen = view.counts.addresses[key]
    return [
        *(_place(key), *view.names.cells(*seen.sources), f"{seen.sessions:,}", f"{len(seen.others):,}"),
        *(f"{view.counts.refused_addresses[key]:,}", moment(seen.first), moment(seen.last)),
    ]


def _session(view: View, session: Session) -> list[Child]:
    return [
        *(moment(session.logon_at), foreign(session.login_user), *view.names.cells(session.source)),
        *(foreign(session.database), _place(session.client_ip), foreign(session.application)),
        *(foreign(session.auth_method), session.ended_by or h("span", "open", class_="mark"), lasted(session)),
    ]


def _attempt(view: View, key: Attempt) -> list[Child]:
    source, user, database, address, reason = key
    alike = view.counts.attempts[key]
    return [
        *(foreign(user), *view.names.cells(source), foreign(database), _place(address), foreign(reason)),
        *(f"{alike.number:,}", moment(alike.first), moment(alike.last)),
    ]


def _connected(seen: Presence) -> str:
    return span(seen.time) if seen.exact else f"≥ {span(seen.time)}"


def _place(address: str | None) -> Element:
    return h("span", "no address", class_="none") if address is None else foreign(address)


def _at_least() -> Element:
    said = "“≥”: some sessions are open or have no exact end; they count as long as they were seen alive."
    return h("p", said, class_="note")


def ddl(view: View) -> Element:
    """Return the section of DDL commands."""
    if not view.data.ddl:
        return section("ddl", "DDL commands", h("p", "No DDL command was recorded.", class_="nothing"))
    return section("ddl", "DDL commands", h("h3", "By type"), _types(view), h("h3", "Latest commands"), _latest(view))


def _types(view: View) -> Element:
    tags = view.counts.tags
    order = sorted(tags, key=lambda tag: (-tags[tag], tag))
    columns = [Column("Command"), Column("Number", "number"), Column("", "bar")]
    most = tags[order[0]]
    rows = table(
        "DDL commands by type", columns, order, lambda tag: [foreign(tag), f"{tags[tag]:,}", bar(tags[tag], most)]
    )
    rows.set("class", "table types")
    return rows


def _latest(view: View) -> Element:
    latest = sorted(view.data.ddl, key=lambda command: command.at, reverse=True)
    columns = [
        *(Column("Time", "time"), Column("User"), *view.source_column, Column("Command")),
        *(Column("Object type"), Column("Object", "wide")),
    ]
    return table("The latest DDL commands, newest first", columns, latest, lambda command: _command(view, command))


def _command(view: View, command: Ddl) -> list[Child]:
    return [
        *(moment(command.at), foreign(command.login_user), *view.names.cells(command.source)),
        *(foreign(command.command_tag), foreign(command.object_type), foreign(command.object_identity)),
    ]
