"""What DDL was run."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from xtrig.audit.page.elements import Child, foreign, h
from xtrig.audit.page.tables import Column, bar, table
from xtrig.audit.page.view import View, section
from xtrig.audit.page.words import moment
from xtrig.audit.records import Ddl


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
