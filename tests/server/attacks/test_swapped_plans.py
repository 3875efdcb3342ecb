"""Attack 6: what the reviewer of a saved plan has read is not what is applied."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.server.attacks.mallory import LOG, SETTINGS, Target, holds
from xtrig_pgfamily.embedded.server import EmbeddedServer

GOOD = LOG
EVIL = LOG.replace('who: "${login_user}"', 'who: "nobody"').replace('"nobody"', "\"'nobody'\"")
Edit = Callable[[dict[str, Any]], None]


def _plan(target: Target, definition: str, name: str) -> dict[str, Any]:
    path = target.folder / name
    said = target.xtrig("plan", definition, "--out", str(path))
    assert said.code == 2, said.err
    data: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return data


def _apply(target: Target, data: dict[str, Any], url: str | None = None) -> int:
    path = target.folder / "swapped.json"
    path.write_text(json.dumps(data), "utf-8")
    return target.say("apply", "--plan", str(path), "--url", url or target.url, "--no-canary").code


def _find(value: Any, wanted: str) -> Iterator[tuple[Any, Any]]:
    """Yield the places of texts that hold a word: container and key."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        if isinstance(inner, str) and wanted in inner:
            yield value, key
        else:
            yield from _find(inner, wanted)


def _emptied(data: dict[str, Any]) -> None:
    data["plan"] = {}


def _no_changes(data: dict[str, Any]) -> None:
    data["plan"]["changes"] = []


def _one_less(data: dict[str, Any]) -> None:
    data["plan"]["changes"].pop()


def _other_words(data: dict[str, Any]) -> None:
    places = list(_find(data["plan"], "log"))
    assert places
    container, key = places[0]
    container[key] = container[key].replace("log", "harmless")


def _other_order(data: dict[str, Any]) -> None:
    data["plan"]["changes"].reverse()


def _no_plan(data: dict[str, Any]) -> None:
    del data["plan"]


def _no_warnings(data: dict[str, Any]) -> None:
    data["plan"] = {key: value for key, value in data["plan"].items() if key in ("changes", "set")}


def _other_server(data: dict[str, Any]) -> None:
    data["plan"]["server"] += " (staging)"


def _no_server(data: dict[str, Any]) -> None:
    del data["plan"]["server"]


def _server_of_other_kind(data: dict[str, Any]) -> None:
    data["plan"]["server"] = {"PostgreSQL": data["plan"]["server"]}


def _other_database(data: dict[str, Any]) -> None:
    data["plan"]["database"] = "staging"


def _more(data: dict[str, Any]) -> None:
    data["approved"] = True


def _more_shown(data: dict[str, Any]) -> None:
    data["plan"]["approved"] = True


def _look_alike(data: dict[str, Any]) -> None:
    container, key = next(_find(data["plan"], "log"))
    container[key] = container[key].replace("log", "l\u043eg")


def _no_number(data: dict[str, Any]) -> None:
    data["plan"]["changes"][0]["hazards"] = float("nan")


def _huge(data: dict[str, Any]) -> None:
    data["xtrig_plan"] = 2 * 10**4000


def _float(data: dict[str, Any]) -> None:
    data["adopt"] = 0.0


EDITS = [
    *(_emptied, _no_changes, _one_less, _other_words, _other_order, _no_plan, _no_warnings, _other_server, _no_server),
    *(_server_of_other_kind, _other_database, _more, _more_shown, _look_alike, _no_number, _huge, _float),
]


@pytest.mark.parametrize("edit", EDITS)
def test_what_is_shown_is_edited(target: Target, edit: Edit) -> None:
    """mallory edits what the reviewer reads, and leaves the rest: apply looks at the rest alone."""
    data = _plan(target, GOOD, "good.json")
    edit(data)
    holds(_apply(target, data) != 0, "it was applied")


def test_what_is_shown_is_another_plan_s(target: Target) -> None:
    """mallory makes a plan of hers and shows, in its file, the changes of a plan that is harmless.

    The fingerprint is that of her own plan, and so holds.
    """
    good, evil = _plan(target, GOOD, "good.json"), _plan(target, EVIL, "evil.json")
    assert good["fingerprint"] != evil["fingerprint"]
    holds(_apply(target, {**evil, "plan": good["plan"]}) != 0, "her plan was applied under the words of another")


SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "a key twice": lambda text: text.replace('"adopt": false', '"adopt": true, "adopt": false'),
    "a key twice, once in escapes": lambda text: text.replace('"adopt": false', '"\\u0061dopt": true, "adopt": false'),
    "a statement twice": lambda text: text.replace('"direct": [', '"direct": [], "direct": [', 1),
    "a number that is none": lambda text: text.replace('"adopt": false', '"adopt": NaN'),
    "half a character": lambda text: text.replace('"set": "first"', '"set": "first\\ud800"'),
    "something behind it": lambda text: text + "{}",
    "a comment": lambda text: "// approved\n" + text,
    "another encoding": lambda text: "\ufeff" + text,
    "nested too deeply": lambda text: text.replace('"notes": []', '"notes": ' + "[" * 100_000 + "]" * 100_000),
    "digits without end": lambda text: text.replace('"xtrig_plan": 2', '"xtrig_plan": ' + "2" * 100_000),
}
"""The same file in other words of JSON, or in what is none."""


def test_what_a_reader_sees_and_json_does_not(target: Target) -> None:
    """Of two keys with one name a reader sees the one, a parser takes the other; nothing of it ends in a traceback."""
    text = json.dumps(_plan(target, GOOD, "good.json"))
    path = target.folder / "odd.json"
    for spelling, write in SPELLINGS.items():
        odd = write(text)
        assert odd != text
        path.write_text(odd, "utf-8")
        said = target.say("apply", "--plan", str(path), "--url", target.url, "--no-canary")
        holds(said.code in (1, 64), f"{spelling}: it left with {said.code}: {said.err[-300:]}")
        assert said.err.strip().count("\n") <= 1, said.err


def test_a_plan_that_was_applied_is_applied_again(target: Target) -> None:
    """After the set has been dropped the database is as it was; but who approved it once has not approved it twice."""
    data = _plan(target, GOOD, "good.json")
    assert _apply(target, data) == 0
    holds(_apply(target, data) == 1, "it was applied a second time")


SIGNED = {
    "no key": (None, 64),
    "an empty key": ("", 64),
    "a short key": ("k" * 31, 64),
    "another key": ("j" * 32, 1),
    "a key and a space": ("k" * 32 + " ", 1),
    "the key": ("k" * 32, 0),
}


def test_a_signature_is_asked_for(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """mallory has another key, or hopes for none; and takes the signature out, or puts an odd one in."""
    monkeypatch.setenv("XTRIG_PLAN_KEY", "k" * 32)
    path = target.folder / "signed.json"
    assert target.xtrig("plan", GOOD, "--out", str(path), "--sign").code == 2
    apply = ("apply", "--plan", str(path), "--url", target.url, "--no-canary", "--verify", "--dry-run")
    data = json.loads(path.read_text("utf-8"))
    for odd in ({}, {"signature": None}, {"signature": ""}, {"signature": ["x"]}, {"signature": "\u00e9" * 64}):
        path.write_text(json.dumps({**{name: data[name] for name in data if name != "signature"}, **odd}), "utf-8")
        assert target.say(*apply).code == 1, odd
    path.write_text(json.dumps(data), "utf-8")
    for key, (value, code) in SIGNED.items():
        if value is None:
            monkeypatch.delenv("XTRIG_PLAN_KEY")
        else:
            monkeypatch.setenv("XTRIG_PLAN_KEY", value)
        assert target.say(*apply).code == code, key


@pytest.mark.parametrize("flag", ["adopt", "prune"])
def test_a_flag_is_changed(target: Target, flag: str) -> None:
    """mallory lets the plan take over, or drop, what the reviewer has not seen."""
    data = _plan(target, GOOD, "good.json")
    data[flag] = True
    holds(_apply(target, data) != 0, f"it was applied with {flag}")


def test_the_definition_is_changed(target: Target) -> None:
    """mallory changes the definition in the file, and not the fingerprint."""
    good, evil = _plan(target, GOOD, "good.json"), _plan(target, EVIL, "evil.json")
    holds(_apply(target, {**good, "definition": evil["definition"]}) != 0, "another definition was applied")


@pytest.fixture(scope="module")
def other(attacked: EmbeddedServer) -> Iterator[EmbeddedServer]:
    with EmbeddedServer(attacked.version, settings=SETTINGS) as server:
        yield server


@pytest.mark.parametrize("same_oid", [True, False])
def test_a_plan_for_another_server(target: Target, other: EmbeddedServer, same_oid: bool) -> None:
    """A plan that was reviewed for one server is applied to another, whose database has the same name and oid."""
    data = _plan(target, GOOD, "good.json")
    name = target.database.name
    oid = target.value("SELECT oid FROM pg_database WHERE datname = current_database()")
    with other.connect() as root:
        root.execute(f"CREATE DATABASE {name} TEMPLATE template0" + (f" OID {oid}" if same_oid else ""))
    try:
        holds(_apply(target, data, other.url(database=name)) != 0, "it was applied to another server")
    finally:
        with other.connect() as root:
            root.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_whoever_writes_the_file_writes_the_fingerprint(target: Target) -> None:
    """The fingerprint is no signature: mallory makes a whole plan of hers. Only a key could tell it from another's.

    What the product can do is to say so where plans are described, and to offer a signature.
    """
    said = target.say("plan", "--help")
    pages = Path(__file__).parents[3] / "docs"
    words = said.out + "".join(page.read_text("utf-8") for page in pages.glob("*.md") if page.name != "security.md")
    holds("--sign" in words or "HMAC" in words, "nothing says how to tell whose a plan is")
