"""The guards around the steps of a body, as xtrig renders them and as others write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from xtrig.model import GrantRole, RevokeRole, Step
from xtrig.plugin import layout
from xtrig_pgfamily.plpgsql.steps import GRANT, REVOKE, membership_guard
from xtrig_pgfamily.reading.parser import Tree, Unparsed
from xtrig_pgfamily.reading.tokens import Tokens, call, string, template, tokens, unwrapped, words

LOG, ERROR = 15, 21
"""Levels of RAISE, as elog.h numbers them."""

_RECOVERY = frozenset(("pg_is_in_recovery ( )", "pg_is_in_recovery ( ) = true", "pg_is_in_recovery ( ) is true"))
_READ_ONLY = frozenset(
    f"{recovery} or {setting}"
    for recovery in _RECOVERY
    for setting in (
        "current_setting ( 'transaction_read_only' ) :: boolean",
        "current_setting ( 'transaction_read_only' ) = 'on'",
    )
)
_NEGATED = frozenset(("pg_is_in_recovery ( ) = false", "pg_is_in_recovery ( ) is false"))
_MEMBER = "the_member"
_FORMAT_OF_OUR_LINES = "xtrig %"


def kind_of(node: Tree) -> tuple[str, Tree]:
    """Return a statement's kind, without the parser's prefix, and its fields."""
    kind, fields = next(iter(node.items()))
    return kind.removeprefix("PLpgSQL_stmt_"), fields


def outermost(tree: Any, kind: str) -> Iterator[Tree]:
    """Yield the fields of every node of a parser's kind, in order; none that is inside another one."""
    if isinstance(tree, list):
        for each in tree:
            yield from outermost(each, kind)
    elif isinstance(tree, dict):
        for name, fields in tree.items():
            if name == kind:
                yield fields
            else:
                yield from outermost(fields, kind)


def query(node: Tree) -> str:
    """Return the text of an expression."""
    return str(node["PLpgSQL_expr"]["query"])


def on_standby(condition: Tokens) -> bool | None:
    """Return True for a condition that holds on a standby, False for one that holds on a primary, else None."""
    condition = unwrapped(condition)
    if words(condition) in _RECOVERY | _READ_ONLY:
        return True
    if words(condition) in _NEGATED:
        return False
    if condition and condition[0].word == "not":
        inner = on_standby(condition[1:])
        return None if inner is None else not inner
    return None


def is_return(statements: Sequence[Tree]) -> bool:
    """Whether statements are a RETURN alone; a log line of xtrig may come before it."""
    rest = [node for node in statements if not is_our_line(node)]
    return len(rest) == 1 and kind_of(rest[0])[0] == "return"


def is_our_line(node: Tree) -> bool:
    """Whether a statement is a log line that xtrig renders with a guard."""
    kind, fields = kind_of(node)
    return kind == "raise" and fields.get("elog_level") == LOG and fields.get("message") == _FORMAT_OF_OUR_LINES


def exempt_roles(condition: Tokens) -> tuple[str, ...] | None:
    """Return the roles of a condition such as ``${login_user} IN (...)``; None for any other."""
    condition = unwrapped(condition)
    if not condition or condition[0].word != "${login_user}" or len(condition) < 3:
        return None
    if condition[1].word == "=" and len(condition) == 3:
        role = string(condition[2:])
        return None if role is None else (role,)
    listed = call(condition[1:], "in")
    roles = [string(each) for each in listed or ()]
    return tuple(str(role) for role in roles) if roles and None not in roles else None


def negated_exempt_roles(condition: Tokens) -> tuple[str, ...] | None:
    """Return the roles of a condition such as ``${login_user} NOT IN (...)``; None for any other."""
    condition = unwrapped(condition)
    if len(condition) > 3 and [token.word for token in condition[:3]] == ["${login_user}", "not", "in"]:
        return exempt_roles((condition[0], *condition[2:]))
    return None


def catches_all(fields: Tree) -> bool | None:
    """Return True if a block catches every error, None if it has no handler.

    Raises :class:`Unparsed` for handlers that do more than RAISE LOG, and for those of some errors alone.
    """
    handlers = fields.get("exceptions", {}).get("PLpgSQL_exception_block", {}).get("exc_list", [])
    if not handlers:
        return None
    for handler in handlers:
        for node in handler["PLpgSQL_exception"].get("action", []):
            kind, said = kind_of(node)
            if kind != "raise" or said.get("elog_level", ERROR) >= ERROR:
                raise Unparsed("an exception handler does more than write a line")
    conditions = [
        condition["PLpgSQL_condition"]["condname"]
        for handler in handlers
        for condition in handler["PLpgSQL_exception"]["conditions"]
    ]
    if "others" not in conditions:
        raise Unparsed(f"only some errors are caught: {', '.join(conditions)}")
    return True


def is_our_handler(fields: Tree) -> bool:
    """Whether the handlers of a block are those that xtrig renders."""
    handlers = fields["exceptions"]["PLpgSQL_exception_block"]["exc_list"]
    actions = [node for handler in handlers for node in handler["PLpgSQL_exception"].get("action", [])]
    return bool(actions) and all(is_our_line(node) for node in actions)


def tells_client(fields: Tree) -> bool:
    """Whether a handler of a block sends the client a message."""
    handlers = fields["exceptions"]["PLpgSQL_exception_block"]["exc_list"]
    actions = [node for handler in handlers for node in handler["PLpgSQL_exception"].get("action", [])]
    return any(kind_of(node)[1].get("elog_level", LOG) > LOG for node in actions)


def is_membership(condition: Tokens, then: Sequence[Step]) -> bool:
    """Whether a condition is the look at memberships that xtrig writes around a GRANT or REVOKE, and nothing more."""
    match then:
        case [GrantRole(role=role, to=member, when=None)]:
            command = GRANT
        case [RevokeRole(role=role, from_=member, when=None)]:
            command = REVOKE
        case _:
            return False
    look = template(tokens(layout(membership_guard(role, _MEMBER, command)))[1:-1])
    return template(condition) in (look.replace(_MEMBER, each) for each in (member, f"({member})"))


def setting(found: Tokens) -> tuple[str, Tokens, bool] | None:
    """Return the parameter, the value and ``is_local`` of a call of set_config()."""
    arguments = call(found, "set_config")
    if arguments is None or len(arguments) != 3:
        return None
    parameter, local = string(arguments[0]), words(arguments[2])
    if parameter is None or local not in ("true", "false"):
        return None
    return parameter, arguments[1], local == "true"
