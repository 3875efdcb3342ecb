"""Functions, triggers, and the set of them that one definition makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, Unpack

from pydantic import BeforeValidator, Field, PrivateAttr, field_validator, model_validator

from xtrig.facts import Event
from xtrig.findings import Location, Path
from xtrig.model.policies import Policies
from xtrig.model.sessions import Sessions
from xtrig.model.steps import KINDS, Step
from xtrig.model.tables import Table
from xtrig.model.values import BodyText, Code, Model, Name, Reason, SetName

if TYPE_CHECKING:
    from xtrig.model.arguments import FunctionArguments, TriggerArguments, TriggerSetArguments


class Function(Policies):
    """A function that triggers run: either steps, or a hand-written body for each dialect."""

    if TYPE_CHECKING:

        def __init__(self, **given: Unpack[FunctionArguments]) -> None: ...

    schema_: Annotated[Name | None, Field(validation_alias="schema", serialization_alias="schema")] = None
    """Default: the set's."""
    steps: tuple[Step, ...] = ()
    """What to do, in order."""
    body: dict[Name, BodyText] = {}
    """Instead of steps: the function's body for each dialect, used verbatim and unguarded."""
    settings: dict[Name, str] | None = None
    """Beside a body: every parameter that the function sets while it runs, in place of those that xtrig sets, such as
    a search_path that holds nobody else's objects. Default: xtrig's."""
    ignore: dict[Code, Reason] = {}
    """Findings that are accepted here: code to reason. See the page on findings."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if bool(self.steps) == bool(self.body):
            raise ValueError("a function needs either steps or a body for each dialect")
        _check_settings(self)
        return self


class Trigger(Policies):
    """An event and what runs at it: a function of the definition, or steps or a body of the trigger's own."""

    if TYPE_CHECKING:

        def __init__(self, **given: Unpack[TriggerArguments]) -> None: ...

    event: Event
    """The event that fires the trigger."""
    tags: tuple[str, ...] = ()
    """Only these command tags, such as CREATE TABLE; DDL events only."""
    run: Name | None = None
    """The function to run."""
    schema_: Annotated[Name | None, Field(validation_alias="schema", serialization_alias="schema")] = None
    """Where the function of the trigger's own steps goes. Default: the set's."""
    steps: tuple[Step, ...] = ()
    """What to do, in order, in place of a function to run."""
    body: dict[Name, BodyText] = {}
    """Instead of steps: the body of the trigger's function for each dialect, used verbatim and unguarded."""
    settings: dict[Name, str] | None = None
    """Beside a body: every parameter that the function sets while it runs, in place of those that xtrig sets, such as
    a search_path that holds nobody else's objects. Default: xtrig's."""
    enable: Literal["always", "origin", "replica", "disabled"] = "origin"
    """In which sessions it fires, after session_replication_role."""
    if_unsupported: Literal["refuse", "skip", "infer", "infer_or_skip"] = "refuse"
    """On a dialect without the event: refuse to render, leave the trigger out, infer the event from others, or infer it
    where that is possible and leave it out elsewhere. Where the trigger may be left out, so may tags of commands that
    the dialect does not have."""
    ignore: dict[Code, Reason] = {}
    """Findings that are accepted here: code to reason. See the page on findings."""

    @field_validator("tags")
    @classmethod
    def _upper(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(" ".join(tag.upper().split()) for tag in tags))

    @model_validator(mode="after")
    def _check(self) -> Self:
        given = [name for name in ("run", "steps", "body") if getattr(self, name)]
        if len(given) != 1:
            raise ValueError("a trigger needs exactly one of run, steps and body")
        _check_settings(self)
        if self.run is not None:
            extra = sorted(self.model_fields_set & {*Policies.model_fields, "schema_"})
            if extra:
                names = ", ".join(name.rstrip("_") for name in extra)
                raise ValueError(f"{names} belongs to the function {self.run!r}, not to the trigger that runs it")
        return self


def _check_settings(part: Function | Trigger) -> None:
    if part.settings is None:
        return
    if not part.body:
        raise ValueError("settings belong to a body: a function of steps has those that its policies need")
    given = sorted(policy for policy in ("lock_timeout", "timeout") if getattr(part, policy) is not None)
    if given:
        raise ValueError(f"{given[0]} beside settings; settings are all that the function sets: write it there")


def _no_boolean(value: object) -> object:
    # True equals 1 in Python.
    return repr(value) if isinstance(value, bool) else value


class TriggerSet(Model):
    """A whole definition: tables, functions and triggers, by name."""

    if TYPE_CHECKING:

        def __init__(self, **given: Unpack[TriggerSetArguments]) -> None: ...

    xtrig: Annotated[Literal[1], BeforeValidator(_no_boolean)] = 1
    """Version of the definition format."""
    schema_: Annotated[Name, Field(validation_alias="schema", serialization_alias="schema")] = "public"
    """Where tables and functions go."""
    name: SetName | None = None
    """What the set is called in the marks of what it creates. Default: its schema."""
    defaults: Policies = (
        Policies.model_construct()  # validating would build a validator at import, and there is nothing to validate
    )
    """Policies of every function that does not say otherwise."""
    sessions: Sessions | None = None
    """Record who logged in, from where, until when. Default: do not."""
    tables: dict[Name, Table] = {}
    """The tables that steps write to, by name."""
    functions: dict[Name, Function] = {}
    """The functions that several triggers run, by name."""
    triggers: dict[Name, Trigger] = {}
    """The triggers, by name."""

    _locations: dict[Path, Location] = PrivateAttr(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        """Whether both sets say the same; the files that they come from do not count."""
        return isinstance(other, TriggerSet) and self.__dict__ == other.__dict__

    @property
    def set_name(self) -> str:
        """What the set is called in the marks: ``name``, or else its schema."""
        return self.name or self.schema_

    def to_dict(self) -> dict[str, Any]:
        """Return the set as JSON-able data, of which ``TriggerSet.model_validate`` makes an equal set."""
        stated = self.model_dump(mode="json", by_alias=True, exclude_unset=True)
        if TriggerSet.model_validate(stated) != self:
            # A set of several files has the defaults of each at its parts, where they do not count as stated.
            stated = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return {"xtrig": self.xtrig, **stated}

    def to_yaml(self) -> str:
        """Return the set as the text of a definition file, which loads back equal."""
        from xtrig.model.written import ordered, yaml_of  # noqa: PLC0415  # rendering writes no YAML

        return yaml_of(ordered(self.to_dict())) + "\n"

    def located(self, locations: dict[Path, Location]) -> Self:
        """Record the file and line of each part, for :meth:`locate`, and return the set itself."""
        self._locations.update(locations)
        return self

    def locate(self, path: Path) -> Location | None:
        """Return the file and line of ``path``, or of the nearest part around it; None for a set made in Python."""
        for end in range(len(path), -1, -1):
            if (found := self._locations.get(path[:end])) is not None:
                return found
        return None


def json_schema() -> dict[str, Any]:
    """Return the schema of definition files, in the 2020-12 dialect of JSON Schema."""
    schema = TriggerSet.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "xtrig definition"
    # A file says its format version, so that a later xtrig can tell; a set made in Python need not.
    schema["required"] = ["xtrig"]
    definitions = schema["$defs"]
    # The model reads "name: text" as a column of that type, which pydantic cannot know.
    definitions["Column"] = {"anyOf": [{"type": "string"}, definitions["Column"]]}
    for key, kind in KINDS.items():
        definitions[kind.__name__].setdefault("required", [key])
    return schema
