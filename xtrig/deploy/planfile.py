"""A plan in a file: what somebody reviewed is what is applied, or nothing."""

from __future__ import annotations

import hmac
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from xtrig import __version__
from xtrig.deploy.plan import Plan
from xtrig.deploy.report import RefusedPlanError
from xtrig.errors import UsageError, check_type
from xtrig.model import TriggerSet
from xtrig.sqltext import as_json

FORMAT = 2
KEY_VARIABLE = "XTRIG_PLAN_KEY"
_SHORTEST_KEY = 32
_MAX_BYTES = 64 * 1024 * 1024
_ENTRIES = {"xtrig_plan", "xtrig", "definition", "dialect", "adopt", "prune", "fingerprint", "plan"}
_SIGNATURE = "signature"
_MINOR = re.compile(r"(?<=\d)(\.\d+)+$")


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """What a plan file says. The changes in it are for people: they are worked out anew, and must be the same."""

    triggers: TriggerSet
    """The definition."""
    dialect: str
    """The dialect of the server that it was made for."""
    adopt: bool
    """Whether objects are taken over that xtrig did not make."""
    prune: bool
    """Whether what the definition has no more is dropped."""
    fingerprint: str
    """That of :attr:`Plan.fingerprint`."""
    shown: Mapping[str, Any]
    """What the reviewer has read: :meth:`Plan.to_dict` as it was."""
    made_by: str
    """The version of xtrig that saved it."""


def save_plan(plan: Plan, file: str | os.PathLike[str], *, key: bytes | None = None) -> None:
    """Write a plan; with a ``key`` signed by HMAC-SHA256. Raises OSError, and UsageError for no plan."""
    check_type(plan, Plan, "what is saved", "make one with xtrig.plan(...)")
    data = {
        "xtrig_plan": FORMAT,
        "xtrig": __version__,
        "definition": plan.triggers.to_dict(),
        "dialect": plan.target.dialect.name,
        "adopt": plan.adopt,
        "prune": plan.prune,
        "fingerprint": plan.fingerprint,
        "plan": plan.to_dict(),
    }
    if key is not None:
        data[_SIGNATURE] = _signature(data, key)
    Path(file).write_text(as_json(data) + "\n", "utf-8")


def load_plan(file: str | os.PathLike[str], *, key: bytes | None = None) -> SavedPlan:
    """Read a plan. Raises :class:`~xtrig.errors.UsageError` for a file that is none.

    With a ``key``, raises :class:`~xtrig.deploy.report.RefusedPlanError` for one that was not signed with it.
    """
    try:
        with Path(file).open("rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        why = error.strerror if isinstance(error, OSError) else error
        raise UsageError(f"{file}: cannot be read: {why}; check the name and its permissions") from None
    try:
        if len(content) > _MAX_BYTES:
            raise ValueError
        data = json.loads(content.decode("utf-8"), object_pairs_hook=_each_once)
        saved = _saved(data, file)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UsageError(f"{file}: is not a saved plan; make one with: xtrig plan --out {file}") from None
    if key is not None:
        _verify(data, key, file)
    return saved


def difference(saved: Plan | SavedPlan, fresh: Plan) -> str | None:
    """Return why a plan may not be applied, given the one that is worked out now; None: it may."""
    if saved.fingerprint != fresh.fingerprint:
        made_by = (
            f" (it was made by xtrig {saved.made_by})"
            if isinstance(saved, SavedPlan) and _is_of_other_version(saved)
            else ""
        )
        return (
            f"the database {fresh.server.database!r} is not as it was when the plan was made, or is another one"
            f"{made_by}; look at what changed with a new plan: xtrig plan"
        )
    shown = saved.shown if isinstance(saved, SavedPlan) else saved.to_dict()
    if _compared(shown) != _compared(fresh.to_dict()):
        if isinstance(saved, SavedPlan) and _is_of_other_version(saved):
            return f"the plan was made by xtrig {saved.made_by}, this is {__version__}; make a new one: xtrig plan"
        return (
            "what the file shows under 'plan' is not what it would do: somebody changed it; make a new one: xtrig plan"
        )
    return None


def signing_key() -> bytes:
    """Return the key of the environment. Raises :class:`~xtrig.errors.UsageError` if there is none, or a short one."""
    key = os.environ.get(KEY_VARIABLE, "")
    if len(key) < _SHORTEST_KEY:
        what = "is too short" if key else "is not set"
        raise UsageError(
            f"{KEY_VARIABLE} {what}: signing needs a secret of {_SHORTEST_KEY} characters or more; "
            "make one with: openssl rand -hex 32"
        )
    return os.fsencode(key)


def _is_of_other_version(saved: Plan | SavedPlan) -> bool:
    return isinstance(saved, SavedPlan) and saved.made_by != __version__


def _compared(shown: Mapping[str, Any]) -> str:
    """Return what has to be the same; of the server's version the first number, and no notes about the role.

    The places of findings may be others, and their order, which is that of the places: the definition in the file has
    none.
    """
    compared = {key: value for key, value in shown.items() if key != "notes"}
    compared["server"] = _MINOR.sub("", str(shown.get("server")))
    if isinstance(findings := compared.get("findings"), list):
        compared["findings"] = sorted(json.dumps(_unplaced(each), sort_keys=True) for each in findings)
    return json.dumps(compared, sort_keys=True)


def _unplaced(finding: object) -> object:
    if not isinstance(finding, dict):
        return finding
    return {key: value for key, value in finding.items() if key not in ("file", "line")}


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object. Of a key given twice a reader may see the one and JSON the other."""
    data = dict(pairs)
    if len(data) < len(pairs):
        raise ValueError("a key is given twice")
    return data


def _signature(data: Mapping[str, Any], key: bytes) -> str:
    signed = {name: value for name, value in data.items() if name != _SIGNATURE}
    return hmac.new(key, json.dumps(signed, sort_keys=True).encode(), sha256).hexdigest()


def _verify(data: Mapping[str, Any], key: bytes, file: str | os.PathLike[str]) -> None:
    given = data.get(_SIGNATURE)
    if given is None:
        raise RefusedPlanError(f"{file}: is not signed; make it with: xtrig plan --out {file} --sign")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), _signature(data, key).encode()):
        raise RefusedPlanError(f"{file}: was changed, or signed with another key than that in {KEY_VARIABLE}")


def _saved(data: dict[str, Any], file: str | os.PathLike[str]) -> SavedPlan:
    if data["xtrig_plan"] != FORMAT or data["xtrig_plan"] is True:
        raise UsageError(f"{file}: was saved by another version of xtrig; make a new one with: xtrig plan --out {file}")
    if data.keys() - {_SIGNATURE} != _ENTRIES:
        raise ValueError
    try:
        triggers = TriggerSet.model_validate(data["definition"])
    except ValidationError:
        raise ValueError from None
    flags, words = (data["adopt"], data["prune"]), (data["dialect"], data["fingerprint"], data["xtrig"])
    if not all(isinstance(flag, bool) for flag in flags) or not all(isinstance(word, str) for word in words):
        raise ValueError
    if not isinstance(data["plan"], dict):
        raise ValueError
    return SavedPlan(triggers, words[0], *flags, words[1], data["plan"], words[2])
