"""The language of expressions: what can be read, with its precedence, and what is a vendor's own text."""

from __future__ import annotations

import pytest

from xtrig.expressions.parser import MAX_DEPTH, Unread, read
from xtrig.expressions.tree import Call, Case, Cast, Column, FactNode, Literal, Node, Operation, Query, Table


def written(node: Node) -> str:
    """Return the tree with parentheses round everything."""
    match node:
        case Literal():
            return repr(node.text)
        case FactNode():
            return f"${node.fact}"
        case Column() | Table():
            return ".".join(node.name)
        case Call():
            return f"{'.'.join(node.name)}({', '.join(map(written, node.arguments))})"
        case Operation():
            return f"({node.operator}: {', '.join(map(written, node.operands))})"
        case Cast():
            return f"({written(node.operand)} as {node.type})"
        case Case():
            return f"case({', '.join(map(written, node.parts))})"
        case Query():
            return f"select({', '.join(map(written, node.parts))})"
        case _:
            raise TypeError(node)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a or b and not c = d", "(or: a, (and: b, (not: (=: c, d))))"),
        ("1 + 2 * 3 ^ 4 - 5", "(-: (+: '1', (*: '2', (^: '3', '4'))), '5')"),
        ("a || b = c", "(=: (||: a, b), c)"),
        ("a between 1 and 2 and b", "(and: (between: a, '1', '2'), b)"),
        ("a not in (1, 2) or b", "(or: (not in: a, '1', '2'), b)"),
        ("a is not null = b", "(=: (is not null: a), b)"),
        ("a is not distinct from b", "(is not distinct from: a, b)"),
        ("a not like 'x' escape '!'", "(not like: a, (escape: 'x', '!'))"),
        ("- a::int + 1", "(+: (unary -: (a as int)), '1')"),
        ("${now} at time zone 'utc' > b", "(>: (at time zone: $now, 'utc'), b)"),
        ("a + b at time zone 'x'", "(+: a, (at time zone: b, 'x'))"),
        ("case a when 1 then 2 else 3 end", "case(a, '1', '2', '3')"),
        ("cast(a as varchar(10))", "(a as varchar)"),
        ("double precision '1'", "('1' as double precision)"),
        ("timestamp with time zone '2026-01-01'", "('2026-01-01' as timestamptz)"),
        ("a::text[]", "(a as text[])"),
        ("extract(hour from ${now})", "extract('hour', $now)"),
        ("substring(a from 2 for 3)", "substring(a, '2', '3')"),
        ("trim(both 'x' from a)", "trim('x', a)"),
        ("count(*)", "count()"),
        ("exists (select 1 from a.b as c where d)", "(exists: select('1', a.b, d))"),
        ("x in (select y from z left join w on v = u)", "(in: x, select(y, z, w, (=: v, u)))"),
        ('"A"."b c"', "A.b c"),
        ("${hour('Asia/Seoul')} = 3", "(=: $hour('Asia/Seoul'), '3')"),
        ("a operator(pg_catalog.=) b", "(=: a, b)"),
        ("(a, b) = (1, 2)", "(=: (row: a, b), (row: '1', '2'))"),
        ("a = any (array[1, 2])", "(=: a, (any: (array: '1', '2')))"),
        ("interval '1' day", "('1' as interval)"),
    ],
)
def test_an_expression_is_read_with_the_precedence_of_sql(text: str, tree: str):
    assert written(read(text)) == tree


@pytest.mark.parametrize(
    "text",
    [
        "a b",
        "a = = b",
        "(a",
        "a in b",
        "a is b",
        "case when a then b",
        "f(a b)",
        "sum(a) over ()",
        "exists (with x as (select 1) select 1 from x)",
        "f(a := 1)",
        "select 1",
        "a between 1",
        "",
        "::int",
        ".a",
        "a.",
        "exists (select 1 from a natural join b)",
        "f(",
        "array[1",
        "cast(a as)",
        "a[1",
        "a not",
        "case",
        "exists",
        "(" * (MAX_DEPTH + 1) + "1" + ")" * (MAX_DEPTH + 1),
        "not " * 5000 + "a",
        "- " * 5000 + "1",
        "1 + " * 5000 + "1",
        "a" + "::int" * 5000,
        "(select 1 " + "union select 1 " * 3000 + ")",
    ],
)
def test_what_is_not_of_the_language_is_a_vendors_own(text: str):
    with pytest.raises(Unread):
        read(text)


def test_reading_takes_no_longer_than_the_text_is_long():
    """Each call was read twice, so that 40 of them inside one another were never done."""
    text = "f(1, " * 40 + "1" + ")" * 40
    assert len(list(read(text).walk())) == 40 * 2 + 1


def test_a_long_list_is_no_chain():
    assert len(list(read(f"a in ({', '.join(map(str, range(3000)))})").walk())) == 3002
    assert len(list(read(" or ".join(f"a = {number}" for number in range(500))).walk())) == 1501
