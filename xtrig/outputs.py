"""What commands print with ``--format json``: the shape of each output, and its JSON Schema.

The methods ``to_dict`` return these types, so mypy holds data and schema together. Within one format
keys may be added; that a key goes, or means something else, makes a new number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from typing_extensions import TypedDict  # pydantic refuses that of typing before Python 3.12


class FindingOutput(TypedDict):
    """A finding; ``severity`` is error, warning or note, and ``path`` leads to the entry of the definition.

    ``file`` and ``line`` are None for a set that was made in Python.
    """

    code: str
    severity: str
    subject: str
    message: str
    remedy: str
    path: list[str | int]
    file: str | None
    line: int | None


class DifferenceOutput(TypedDict):
    """An attribute that is not as the definition has it; ``live`` is None where the server has none."""

    attribute: str
    live: str | None
    wanted: str | None


class ChangeOutput(TypedDict):
    """An object and what is to be done to it."""

    action: str
    kind: str
    name: str
    differences: list[DifferenceOutput]
    hazards: list[str]


class StageOutput(TypedDict):
    """A stage of a deployment: its statements, the proof after them, and the statements that take it back."""

    name: str
    purpose: str
    proof: str
    statements: list[str]
    undo: list[str]


class PlanOutput(TypedDict):
    """What ``xtrig plan`` prints, and ``xtrig apply --dry-run``."""

    dialect: str
    server: str
    database: str
    set: str
    verified: str
    fingerprint: str
    changes: list[ChangeOutput]
    surplus: list[str]
    disabled: list[str]
    refusals: list[str]
    notes: list[str]
    stages: list[StageOutput]
    direct: list[str]
    findings: list[FindingOutput]


class DropStagesOutput(TypedDict):
    """What ``xtrig drop --dry-run`` prints."""

    stages: list[StageOutput]


class LoginOutput(TypedDict):
    """One login that had to succeed; ``refusal`` is what the client was told, None if it came in."""

    who: str
    proof: str
    ms: float
    refusal: str | None


class LatencyOutput(TypedDict):
    """Median time of a login in milliseconds, with the triggers and without."""

    rounds: int
    with_ms: float
    without_ms: float
    ratio: float


class ReportOutput(TypedDict):
    """What ``xtrig apply`` and ``xtrig drop`` print; ``failed`` is the stage that failed, None if all went well."""

    server: str
    database: str
    changes: list[str]
    done: list[str]
    logins: list[LoginOutput]
    latency: LatencyOutput | None
    notes: list[str]
    proved: list[str]
    unproved: list[str]
    surplus: list[str]
    disabled: list[str]
    failed: str | None
    reason: str | None
    taken_back: list[str]
    ended: list[int]
    restored: bool | None


class EntryOutput(TypedDict):
    """A deployment in the history of a database: when and by which role, from what to what, and what was proved.

    ``before`` and ``after`` are hashes of what the set had there, "" for nothing.
    """

    at: str
    role: str
    command: str
    xtrig: str
    before: str
    after: str
    changes: list[str]
    proofs: list[str]
    unproved: list[str]


class ObjectOutput(TypedDict):
    """One object and its condition, such as ``in sync``, ``missing`` or ``tampered``."""

    kind: str
    name: str
    condition: str
    differences: list[DifferenceOutput]


class StatusOutput(TypedDict):
    """What ``xtrig status`` prints."""

    in_sync: bool
    dialect: str
    server: str
    database: str
    set: str
    objects: list[ObjectOutput]
    problems: list[str]
    notes: list[str]
    last_deployment: EntryOutput | None


class ServerOutput(TypedDict):
    """The server that the doctor looked at, and the role that asked."""

    title: str
    database: str
    role: str


class ProblemOutput(TypedDict):
    """A problem of a server; ``name`` is stable."""

    name: str
    severity: str
    subject: str
    message: str
    remedy: str


class CommandOutput(TypedDict):
    """A shell command for emergency access; ``afterwards`` reverts it."""

    purpose: str
    text: str
    afterwards: str


class DoctorOutput(TypedDict):
    """What ``xtrig doctor`` prints. ``ailments`` are the problems."""

    dialect: str
    server: ServerOutput
    ailments: list[ProblemOutput]
    commands: list[CommandOutput]


class CheckOutput(TypedDict):
    """What ``xtrig check`` prints."""

    findings: list[FindingOutput]


class TamperOutput(TypedDict):
    """A sign of tampering with records; ``at`` is the time of the record, None where it has none."""

    subject: str
    message: str
    at: str | None


class GapOutput(TypedDict):
    """A time in which nothing was recorded; ``until`` is None while it lasts."""

    since: str | None
    until: str | None
    reason: str


class VerificationOutput(TypedDict):
    """What ``xtrig audit verify`` found in one database."""

    clean: bool
    status: StatusOutput
    tamper_findings: list[TamperOutput]
    coverage_gaps: list[GapOutput]
    cannot_see: list[str]


class VerifyOutput(TypedDict):
    """What ``xtrig audit verify`` prints."""

    databases: list[VerificationOutput]


class TargetOutput(TypedDict):
    """One database of several; ``result`` is what a call for it alone prints, None if it came to none.

    ``exit_code`` is None for a database that was not begun, as another one had failed.
    """

    name: str
    server: str
    database: str
    exit_code: int | None
    summary: str
    errors: list[str]
    seconds: float
    result: PlanOutput | ReportOutput | StatusOutput | DoctorOutput | None


class ManyOutput(TypedDict):
    """What a command prints that is given several databases; ``exit_code`` is that of the worst."""

    command: str
    exit_code: int
    targets: list[TargetOutput]


class AuditOutput(TypedDict):
    """What ``xtrig audit sessions``, ``who``, ``failed``, ``ddl`` and ``report`` print.

    A record is flat; its keys are the columns of the CSV form, and ``xtrig audit report`` says in ``record`` which
    kind it is.
    """

    records: list[dict[str, str | int | float | None]]


class Output(NamedTuple):
    """The number of an output's format, and its shape."""

    format: int
    shape: type[Any]


OUTPUTS: Mapping[str, Output] = {
    "apply": Output(1, ReportOutput),  # that of `xtrig drop`, too
    "audit": Output(1, AuditOutput),
    "check": Output(1, CheckOutput),
    "doctor": Output(1, DoctorOutput),
    "drop-stages": Output(1, DropStagesOutput),
    "many": Output(1, ManyOutput),  # that of each command that takes several databases
    "plan": Output(1, PlanOutput),
    "status": Output(1, StatusOutput),
    "verify": Output(1, VerifyOutput),
}


def schema(output: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of an output, one of ``OUTPUTS``."""
    from pydantic import TypeAdapter  # noqa: PLC0415  # only here, and dear at start-up

    number, shape = OUTPUTS[output]
    found = TypeAdapter(shape).json_schema(mode="serialization")
    own = {
        "output": {"const": output, "type": "string"},
        "format": {"const": number, "type": "integer"},
        "xtrig": {"type": "string", "description": "The version of xtrig that printed it."},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **found,
        "properties": {**own, **found["properties"]},
        "required": [*own, *found["required"]],
    }
