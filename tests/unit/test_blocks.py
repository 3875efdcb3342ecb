"""Bodies as nested statements."""

from __future__ import annotations

from xtrig.sqltokens import Tokens, tokens
from xtrig_pgfamily.bodies.blocks import Block, Choice, Loop, Node, Simple, read_body, read_statements


def said(found: Tokens) -> str:
    return " ".join(token.text for token in found)


def shape(nodes: tuple[Node, ...]) -> list[object]:
    return [_shape(node) for node in nodes]


def _shape(node: Node) -> object:
    match node:
        case Simple(tokens=found):
            return said(found)
        case Choice(head=head, clauses=clauses):
            return {"head": said(head), **{said(each.condition): shape(each.body) for each in clauses}}
        case Loop(head=head, body=body):
            return {f"{said(head)} LOOP": shape(body)}
        case Block(declarations=declared, body=body, handlers=handlers):
            caught = {f"WHEN {said(each.condition)}": shape(each.body) for each in handlers}
            return [[said(each) for each in declared], shape(body), caught]


def body(text: str, *, plsql: bool = False) -> list[object]:
    return shape(read_body(tokens(text, plsql=plsql)))


def test_a_block_has_declarations_statements_and_handlers():
    text = "<<b>> DECLARE x int := 1; y text; BEGIN a; b(1, 2); EXCEPTION WHEN c OR d THEN e; WHEN others THEN END b;"
    assert body(text) == [[["x int := 1", "y text"], ["a", "b ( 1 , 2 )"], {"WHEN c OR d": ["e"], "WHEN others": []}]]


def test_branches_of_if():
    text = "BEGIN IF a THEN b; ELSIF c THEN d; ELSEIF e THEN f; ELSE g; END IF; h; END"
    assert body(text) == [[[], [{"head": "", "a": ["b"], "c": ["d"], "e": ["f"], "": ["g"]}, "h"], {}]]


def test_a_case_of_an_expression_is_none_of_statements():
    text = "BEGIN IF CASE WHEN a THEN b END THEN c; END IF; x := CASE WHEN a THEN b ELSE c END; d; END"
    condition = "CASE WHEN a THEN b END"
    assert body(text) == [[[], [{"head": "", condition: ["c"]}, "x := CASE WHEN a THEN b ELSE c END", "d"], {}]]


def test_case_as_a_statement():
    text = "BEGIN CASE x WHEN 1 THEN a; WHEN 2, 3 THEN b; ELSE c; END CASE; d; END"
    assert body(text) == [[[], [{"head": "x", "1": ["a"], "2 , 3": ["b"], "": ["c"]}, "d"], {}]]


def test_loops():
    text = "BEGIN FOR r IN SELECT 1 LOOP a; END LOOP l; WHILE b LOOP c; END LOOP; LOOP EXIT; END LOOP; d; END"
    assert body(text) == [
        [[], [{"FOR r IN SELECT 1 LOOP": ["a"]}, {"WHILE b LOOP": ["c"]}, {" LOOP": ["EXIT"]}, "d"], {}]
    ]


def test_blocks_in_blocks():
    assert body("BEGIN BEGIN a; END; DECLARE x int; BEGIN b; END; c; END") == [
        [[], [[[], ["a"], {}], [["x int"], ["b"], {}], "c"], {}]
    ]


def test_plsql_declares_without_the_word_and_routines_too():
    text = "x integer; PROCEDURE p(a integer) IS y integer; BEGIN b; END p; BEGIN p(1); END"
    assert body(text, plsql=True) == [
        [["x integer", "PROCEDURE p ( a integer )"], [[["y integer"], ["b"], {}], "p ( 1 )"], {}]
    ]


def test_semicolons_and_keywords_in_quotes_end_nothing():
    assert body("BEGIN a('; END'); \"END\" := $$ END; $$; -- END;\nb; /* END; */ c; END") == [
        [[], ["a ( '; END' )", '"END" := $$ END; $$', "b", "c"], {}]
    ]


def test_begin_of_a_transaction_is_a_statement():
    assert shape(read_statements(tokens("BEGIN; a; COMMIT"))) == ["BEGIN", "a", "COMMIT"]
    assert shape(read_statements(tokens("begin transaction read only; b"))) == ["begin transaction read only", "b"]


def test_what_is_wrong_is_read_as_far_as_it_goes():
    assert body("BEGIN a; IF b THEN c;") == [[[], ["a", {"head": "", "b": ["c"]}], {}]]
    assert body("END; a; THEN b") == [[["END", "a", "THEN b"], [], {}]]
    assert body("") == []


def test_depth_has_a_bound():
    assert body("BEGIN " * 10_000)
    assert body("IF a THEN " * 10_000)
