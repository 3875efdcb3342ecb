"""Templates and the expressions that a definition may hold."""

from __future__ import annotations

import pytest

from xtrig.expressions import check_expression, check_message, check_statement, parse_template
from xtrig.facts import Fact, FactCall


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("plain", ("plain",)),
        ("", ()),
        ("${tag}", (Fact.TAG,)),
        ("${ tag }", (Fact.TAG,)),
        ("${tag}${now}", (Fact.TAG, Fact.NOW)),
        ("a ${tag} b", ("a ", Fact.TAG, " b")),
        ("$${tag}", ("${tag}",)),
        ("a $${b} ${tag}", ("a ${b} ", Fact.TAG)),
        ("$5 and {x} cost $", ("$5 and {x} cost $",)),
    ],
)
def test_a_template_is_cut_at_its_placeholders(text: str, parts: tuple[str | Fact, ...]):
    assert parse_template(text).parts == parts


def test_facts_are_listed_in_order_of_appearance():
    assert parse_template("${now} ${tag} ${now}").facts == (Fact.NOW, Fact.TAG, Fact.NOW)


def test_filling_replaces_facts_and_nothing_else():
    assert parse_template("a ${tag} $${tag}").fill(lambda fact: f"<{fact}>") == "a <tag> ${tag}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("${login_usr}", "unknown fact 'login_usr'; did you mean 'login_user'"),
        ("${LOGIN_USER}", "unknown fact"),
        ("${}", "unknown fact"),
        ("${tag", r"not closed: write \$\{fact\}, or \$\$\{"),
        ("a ${b {tag}", "not closed"),
    ],
)
@pytest.mark.parametrize("check", [check_expression, check_message, check_statement])
def test_what_is_no_placeholder_is_refused_everywhere(check, text: str, said: str):
    with pytest.raises(ValueError, match=said):
        check(text)


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "${login_user}",
        "lower(${login_user}) || '@' || ${database}",
        "'it''s'",
        "'semi; -- /* ) ] ( $$ text'",
        '"odd ""name"" ; --"',
        "E'a\\'b'",
        "e'\\\\'",
        "E'a''b'",
        "coalesce(${client_ip}, 'local') in ('a', 'b')",
        "(array[1, 2])[1]",
        "extract(hour from ${now}) between 2 and 4",
        "case when ${tag} = 'x' then 1 else 2 end",
        "a$b",
        "'a'''",
        "x'ff'",
        "U&'d\\0061t'",
        "'100% $5'",
        "'zeile 1\nzeile 2'",
        "5 - -3",
        "${now} at time zone 'UTC'",
    ],
)
def test_a_self_contained_expression_is_accepted_as_it_is(text: str):
    assert check_expression(text) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "may not be empty; write null"),
        (" \n", "may not be empty"),
        ("a; b", "semicolon"),
        ("a -- b", "comment"),
        ("a /* b */", "comment"),
        ("a */* b", "comment"),
        ("(a", "not closed"),
        ("[a", "not closed"),
        ("a)", "did not open"),
        ("(a]", "did not open"),
        (")(", "did not open"),
        ("'a", "quote ' is not closed"),
        ('"a', 'quote " is not closed'),
        ("E'a\\'", "is not closed"),
        ("$$a$$", "dollar-quoted"),
        ("$tag$a$tag$", "dollar-quoted"),
        ("a\0b", "NUL"),
        ("'a ${tag}'", r"inside quotes is text.*'text ' \|\| \$\{fact\}"),
        ("E'a ${tag}'", "inside quotes"),
        ('"a ${tag}"', "inside quotes"),
    ],
)
def test_what_reaches_beyond_its_place_is_refused(text: str, said: str):
    with pytest.raises(ValueError, match=said):
        check_expression(text)


def test_a_name_that_ends_in_e_begins_no_escape_literal():
    # The server reads the name typE and the literal '\', and then a statement of its own.
    with pytest.raises(ValueError, match=r"semicolon|not closed|backslash"):
        check_expression("typE'\\'; drop table t; --'")


@pytest.mark.parametrize("newline", ["\n", "\r", "\r\n", " \n ", "\t\f\n"])
def test_a_literal_on_the_next_line_does_not_continue_an_escape_literal(newline: str):
    # SQL joins them into one E'' literal, in which \' closes nothing.
    with pytest.raises(ValueError):  # noqa: PT011
        check_expression(f"E'a'{newline}'\\''; drop table t; --'")


@pytest.mark.parametrize("tag", ["é", "a€", "_é1", "\u00a0", "😀"])
def test_a_dollar_quote_with_a_tag_beyond_ascii_is_refused(tag: str):
    with pytest.raises(ValueError, match=r"dollar-quoted|semicolon|not closed"):
        check_expression(f"${tag}$ ' ${tag}$; drop table t; -- '")


def test_an_escaped_placeholder_may_stand_inside_a_literal():
    assert check_expression("'costs $${price}'") == "'costs $${price}'"


@pytest.mark.parametrize("text", ["1, 2", "now(), now()"])
def test_a_comma_outside_parentheses_is_refused(text: str):
    # In a column's default it would begin the next column.
    with pytest.raises(ValueError, match="comma"):
        check_expression(text)


@pytest.mark.parametrize("text", ["it's ; -- fine", "100%", "a\nb", "(", "'${tag}'"])
def test_a_message_is_text_in_which_only_placeholders_count(text: str):
    assert check_message(text) == text


@pytest.mark.parametrize("check", [check_message, check_statement])
def test_no_text_holds_a_nul(check):
    with pytest.raises(ValueError, match="NUL"):
        check("a\0b")


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_statement_is_not_empty(text: str):
    with pytest.raises(ValueError, match="may not be empty"):
        check_statement(text)


def test_a_statement_may_hold_several_and_comments():
    text = "select 1; -- ${tag}\nselect $$2$$;"
    assert check_statement(text) == text


@pytest.mark.parametrize(
    ("text", "argument"),
    [
        ("${hour('Asia/Seoul')}", "Asia/Seoul"),
        ("${ weekday ( 'America/Argentina/Buenos_Aires' ) }", "America/Argentina/Buenos_Aires"),
        ("${hour('Etc/GMT+5')}", "Etc/GMT+5"),
        ("${member_of('it''s odd')}", "it's odd"),
        ("${client_in('10.0.0.0/8')}", "10.0.0.0/8"),
        ("${client_in('192.168.1.7')}", "192.168.1.7/32"),
        ("${client_in('FD00::/8')}", "fd00::/8"),
    ],
)
def test_a_fact_is_asked_about_something(text: str, argument: str):
    (part,) = parse_template(text).parts
    assert isinstance(part, FactCall)
    assert part.argument == argument
    filled = parse_template(text).fill(lambda fact: f"{fact}({{}})")
    quoted = argument.replace("'", "''")
    assert filled == f"{part.fact}('{quoted}')"
    assert parse_template(text).facts == (part.fact,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("${hour('Asia/Soul')}", "no time zone 'Asia/Soul'; did you mean 'Asia/Seoul'"),
        ("${hour('EST')}", "by its place"),
        ("${hour('UTC+5')}", "by its place"),
        ("${hour('../etc/passwd')}", "by its place"),
        ("${hour('Asia/../Asia/Seoul')}", "by its place"),
        ("${hour('<ASIA/SEOUL>+5')}", "by its place"),
        ("${hour}", r"write \$\{hour\('Asia/Seoul'\)\}"),
        ("${hour()}", "not written so"),
        ("${hour(Asia/Seoul)}", "not written so"),
        ("${hour('a', 'b')}", "not written so"),
        ("${now('x')}", r"takes no argument; write \$\{now\}"),
        ("${hours('Asia/Seoul')}", "unknown fact 'hours'; did you mean 'hour'"),
        ("${client_in('10.0.0.1/8')}", "no network"),
        ("${client_in('10.0.0.0/33')}", "no network"),
        ("${client_in('localhost')}", "no network"),
        ("${client_in('')}", "no network"),
        ("${member_of('')}", "cannot be asked for"),
        ("${member_of('a\\\\b')}", "backslash"),
    ],
)
def test_an_argument_that_is_wrong_is_refused(text: str, said: str):
    with pytest.raises(ValueError, match=said):
        check_expression(text)
