"""Which databases a command is about: --url, --targets and --database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from xtrig.cli.parameters import URL_HELP, load_definition
from xtrig.dialect.driver import Address, Where
from xtrig.errors import DatabaseError, UsageError, XtrigError, suggest
from xtrig.model import TriggerSet
from xtrig.sqltext import one_line

Command = TypeVar("Command", bound=Callable[..., Any])

ALL = "all"
_KEYS = ("url", "service", "databases", "vars")
_MOST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Target:
    """One database, with the values of the definition's variables; ``error``: why it could not even be found."""

    name: str
    where: Where = None
    server: str = ""
    database: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    patterns: tuple[str, ...] = ()
    error: XtrigError | None = None
    triggers: TriggerSet | None = None
    """The definition with these values."""

    @property
    def definition(self) -> TriggerSet:
        """The definition, of a target that has one."""
        assert self.triggers is not None  # noqa: S101  # for mypy: defined() has seen to it
        return self.triggers


@dataclass(frozen=True, slots=True)
class Selection:
    """The options of a command, as they were given."""

    urls: tuple[str, ...] = ()
    file: str | None = None
    patterns: tuple[str, ...] = ()
    jobs: int = 1
    first: int = 0
    keep_going: bool = True

    @property
    def is_one(self) -> bool:
        """Whether a single database is meant, and no list that happens to have one entry."""
        return self.file is None and not self.patterns and len(set(self.urls)) < 2

    @property
    def url(self) -> str | None:
        """The URL of the single database; None: the environment names it."""
        return self.urls[0] if self.urls else None

    def alone(self, option: str) -> None:
        """Refuse an option that goes with a single database."""
        if not self.is_one:
            raise click.UsageError(f"{option} is for one database; name one by --url", click.get_current_context())

    def targets(self, dialect: str | None = None) -> list[Target]:
        """Return the databases, in the order in which they were named; servers are asked for theirs.

        Raises :class:`~xtrig.errors.UsageError` for what cannot be read, before any server is asked.
        """
        if self.file is not None and self.urls:
            raise click.UsageError("--url does not go with --targets", click.get_current_context())
        if self.file is not None:
            named = list(read_targets(self.file, dialect))
        else:
            named = [_target("", url, dialect) for url in dict.fromkeys(self.urls or (None,))]
        if self.patterns:
            named = [replace(each, patterns=self.patterns) for each in named]
        is_single = len(named) == 1
        found = [one for each in named for one in _expanded(each, dialect, is_single=is_single)]
        if not found:
            raise UsageError(f"no database has a name like {', '.join(self.patterns)}; see: psql --list")
        return list(_unlike(found))


def defined(files: tuple[str, ...], targets: Sequence[Target]) -> list[Target]:
    """Return the targets, each with its definition.

    What is wrong with the values that one has for the variables is that one's error. Raises the errors of
    :func:`xtrig.cli.parameters.load_definition` where no database has a definition.
    """
    if "-" in files and any(each.variables for each in targets):
        raise UsageError("a definition on stdin can be read once, and databases have their own variables; name a file")
    loaded: dict[str, TriggerSet | XtrigError] = {}
    for each in targets:
        key = repr(sorted(each.variables.items()))
        if key not in loaded:
            try:
                loaded[key] = load_definition(files, each.variables)
            except XtrigError as error:
                loaded[key] = error
    errors = [each for each in loaded.values() if isinstance(each, XtrigError)]
    if len(errors) == len(loaded):
        raise errors[0]
    found = [(each, loaded[repr(sorted(each.variables.items()))]) for each in targets]
    return [
        replace(each, error=each.error or one) if isinstance(one, XtrigError) else replace(each, triggers=one)
        for each, one in found
    ]


def database_options(*, changes: bool = False) -> Callable[[Command], Command]:
    """Return what adds the options, and gives the command ``on``, a :class:`Selection`.

    ``changes``: the command changes something, so that it can stop after the first database that fails.
    """

    def decorate(command: Command) -> Command:
        @wraps(command)
        def run(
            *arguments: Any,
            given: tuple[str, ...],
            file: str | None,
            patterns: tuple[str, ...],
            jobs: int,
            first: int = 0,
            keep_going: bool = not changes,
            **options: Any,
        ) -> Any:
            return command(*arguments, on=Selection(given, file, patterns, jobs, first, keep_going), **options)

        decorated: Any = run
        for option in reversed(_options(changes)):
            decorated = option(decorated)
        return decorated  # type: ignore[no-any-return]

    return decorate


def _options(changes: bool) -> list[Callable[[Any], Any]]:
    chosen = [
        click.option("--url", "given", metavar="URL", multiple=True, help=f"{URL_HELP} Repeatable."),
        click.option("--targets", "file", metavar="FILE", help="Databases in a YAML file: names, URLs, variables."),
        click.option(
            "--database",
            "patterns",
            metavar="NAME",
            multiple=True,
            help="Databases of the server: all, a name, or a pattern such as 'shop_*'; '!name' leaves one out.",
        ),
        click.option(
            "--jobs",
            metavar="NUMBER",
            type=click.IntRange(1, 64),
            default=8,
            show_default=True,
            help="How many databases at the same time.",
        ),
    ]
    if changes:
        chosen += [
            click.option(
                "--first",
                metavar="NUMBER",
                type=click.IntRange(0),
                default=0,
                help="Do so many databases first, and the others only if all went well.",
            ),
            click.option("--keep-going", is_flag=True, help="Begin with further databases after one has failed."),
        ]
    return chosen


def read_targets(file: str, dialect: str | None) -> Iterator[Target]:
    """Yield the databases of a YAML file. Raises :class:`~xtrig.errors.UsageError`."""
    from xtrig.connect import find_driver
    from xtrig.load.yaml12 import read_document

    try:
        with Path(file).open("rb") as stream:
            content = stream.read(_MOST + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"{file}: cannot be read: {why}; check the name and its permissions") from None
    if len(content) > _MOST:
        raise UsageError(f"{file}: is larger than 1 MiB; a list of databases is a small file")
    document = read_document(content, file)
    if document.findings:
        raise UsageError(str(document.findings[0]))
    reader = _Reader(file, document.locations)
    data = reader.mapping(document.data, (), ("targets", "vars"))
    common = reader.variables(data.get("vars"), ("vars",))
    named = reader.mapping(data.get("targets"), ("targets",))
    if not named:
        raise reader.error(("targets",), "names no database", "write under targets: NAME: {url: URL}")
    for name, entry in named.items():
        path = ("targets", name)
        given = {"url": entry} if isinstance(entry, str) else reader.mapping(entry, path, _KEYS)
        if ("url" in given) == ("service" in given):
            raise reader.error(path, "has to name either url or service", "write url: URL, or service: NAME")
        where = reader.text(given["url"] if "url" in given else given["service"], path)
        listed: Any = given.get("databases", [])
        databases = tuple(reader.text(each, path) for each in (listed if isinstance(listed, list) else [listed]))
        variables = {**common, **reader.variables(given.get("vars"), (*path, "vars"))}
        try:
            target = _target(name, where if "url" in given else find_driver(None, dialect)[0].service(where), dialect)
        except UsageError as error:
            raise reader.error(path, str(error)) from None
        yield replace(target, variables=variables, patterns=databases)


@dataclass(frozen=True, slots=True)
class _Reader:
    file: str
    locations: Mapping[Any, Any]

    def error(self, path: tuple[str, ...], message: str, remedy: str = "") -> UsageError:
        at = path
        while at and at not in self.locations:
            at = at[:-1]
        where = self.locations.get(at) or self.file
        named = f"{'.'.join(path)} " if path else ""
        return UsageError(f"{where}: {named}{message}{f'; {remedy}' if remedy else ''}")

    def mapping(self, data: Any, path: tuple[str, ...], legal: tuple[str, ...] = ()) -> dict[str, Any]:
        if not isinstance(data, dict):
            remedy = f"write {', '.join(legal)} as keys" if legal else "write one entry for each name"
            raise self.error(path, "is not a mapping of keys", remedy)
        for key in data if legal else ():
            if key not in legal:
                raise self.error((*path, key), "is an unknown key", suggest(key, legal, "legal keys"))
        return data

    def variables(self, data: Any, path: tuple[str, ...]) -> dict[str, Any]:
        return {} if data is None else self.mapping(data, path)

    def text(self, data: Any, path: tuple[str, ...]) -> str:
        if not isinstance(data, str) or not data.strip():
            raise self.error(path, "has a value that is no text", "write a text")
        return data


def _target(name: str, where: Where, dialect: str | None) -> Target:
    from xtrig.connect import find_driver

    driver, wanted = find_driver(where, dialect)
    address = driver.address(wanted)
    # Without a URL what is asked is what the environment names, with a message that says how to name another.
    return Target(name, wanted if where is None else address, address.server, address.database)


def _expanded(target: Target, dialect: str | None, *, is_single: bool) -> Iterator[Target]:
    """Yield the databases of a server whose names fit the patterns of a target, or the target itself."""
    if not target.patterns:
        yield target if target.name else replace(target, name=f"{target.server}/{target.database}")
        return
    prefix = "" if is_single else f"{target.name or target.server}/"
    try:
        names, address = _databases(target, dialect)
    except DatabaseError as error:
        yield replace(target, name=target.name or target.server, error=error)
        return
    for name in names:
        if _fits(name, target.patterns):
            at = address.in_database(name)
            yield replace(target, name=f"{prefix}{name}", where=at, server=at.server, database=name)


def _databases(target: Target, dialect: str | None) -> tuple[list[str], Address]:
    from xtrig.connect import READING, database_errors, find_driver, open_place
    from xtrig.deploy.target import recognised

    with open_place(target.where, dialect) as place, database_errors(READING), place.session.reading():
        query = recognised(place.session, dialect).platform.databases
        if not query or place.address is None:
            raise UsageError("servers of this kind have one database; leave --database out")
        rows = place.session.rows(query)
    for row in rows:
        if not row["may_connect"] and _fits(row["name"], target.patterns):
            click.echo(f"xtrig: note: left out: {one_line(row['name'])}, to which this role may not connect", err=True)
    driver, wanted = find_driver(target.where, dialect)
    return [row["name"] for row in rows if row["may_connect"]], driver.address(wanted)


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    wanted = [each for each in patterns if not each.startswith("!")] or [ALL]
    left_out = [each[1:] for each in patterns if each.startswith("!")]
    return any(each == ALL or fnmatchcase(name, each) for each in wanted) and not any(
        fnmatchcase(name, each) for each in left_out
    )


def _unlike(targets: list[Target]) -> Iterator[Target]:
    """Yield the targets, those of one name told apart by a number."""
    often = Counter(each.name for each in targets)
    seen: Counter[str] = Counter()
    for each in targets:
        seen[each.name] += 1
        yield replace(each, name=f"{each.name} #{seen[each.name]}") if often[each.name] > 1 else each
