// Parses PL/SQL. One JSON object a line: {"sql": "..."} in, {"errors": [...], "units": [...]} out.
import { createInterface } from "node:readline";
import { PlSqlLexer, PlSqlParser } from "@griffithswaite/ts-plsql-parser";
import { CharStream, CommonTokenStream, ErrorListener } from "antlr4";

// The list of expected tokens names thousands of keywords where any identifier may stand.
const LONGEST_MESSAGE = 200;

// ANTLR repairs what it can't parse and goes on; only a listener hears of it.
class Recorder extends ErrorListener {
  errors = [];

  syntaxError(_recognizer, _symbol, line, column, message) {
    this.errors.push({ line, column, message: message.slice(0, LONGEST_MESSAGE) });
  }
}

function listenTo(recognizer, recorder) {
  recognizer.removeErrorListeners();
  recognizer.addErrorListener(recorder);
  return recognizer;
}

function parse(sql) {
  const recorder = new Recorder();
  const stream = new CharStream(sql, true); // code points, as Python counts columns
  const lexer = listenTo(new PlSqlLexer(stream), recorder);
  const tokens = new CommonTokenStream(lexer);
  const parser = listenTo(new PlSqlParser(tokens), recorder);
  const children = parser.sql_script().children ?? [];
  const units = children.filter((child) => child.ruleIndex !== undefined);
  const errors = recorder.errors.length ? recorder.errors : [...remarks(tokens), ...unendedUnits(children)];
  return { errors, units: units.map((unit) => describe(unit, stream)) };
}

// To this lexer a line that starts with REM is a SQL*Plus remark, which it hides from the parser.
function remarks(tokens) {
  return tokens.tokens
    .filter(({ type }) => type === PlSqlLexer.REMARK_COMMENT)
    .map(({ line, column, text }) => ({ line, column, message: `not parsed: '${text.trim()}'` }));
}

// The grammar makes the semicolon after END optional, and so would take a second unit right behind it.
function unendedUnits(children) {
  return children
    .filter((child, at) => isBlock(child) && children[at + 1].symbol?.type !== PlSqlParser.SEMICOLON)
    .map(({ stop: { line, column, text } }) => ({ line, column, message: `missing ';' after '${text}'` }));
}

function isBlock(child) {
  const unit = child.children?.[0];
  return Boolean(unit?.body?.() ?? unit?.trigger_body?.()?.trigger_block());
}

function describe(child, stream) {
  const inner = child.ruleIndex === PlSqlParser.RULE_unit_statement ? child.children?.[0] : undefined;
  const unit = inner?.ruleIndex === undefined ? child : inner; // a repaired unit may hold a token alone
  const rule = PlSqlParser.ruleNames[unit.ruleIndex];
  if (rule === "create_function_body") return describeFunction(unit, stream);
  if (rule === "create_trigger") return describeTrigger(unit);
  return { kind: rule };
}

function describeFunction(unit, stream) {
  return {
    kind: "create_function",
    name: unit.function_name()?.getText(),
    replace: Boolean(unit.REPLACE()),
    returns: written(unit.type_spec(), stream),
    authid: unit.invoker_rights_clause_list().map(authid).join(" "),
  };
}

function authid(clause) {
  return (clause.DEFINER() ?? clause.CURRENT_USER())?.getText().toUpperCase();
}

function describeTrigger(unit) {
  const head = unit.non_dml_trigger();
  return {
    kind: "create_trigger",
    name: unit.trigger_name()?.getText(),
    replace: Boolean(unit.REPLACE()),
    timing: (head?.BEFORE() ?? head?.AFTER())?.getText().toUpperCase(),
    events: head?.non_dml_event_list().map((event) => event.getText().toUpperCase()),
    scope: (head?.DATABASE() ?? head?.SCHEMA())?.getText().toUpperCase(),
    schema: head?.schema_name()?.getText(),
  };
}

function written(context, stream) {
  return context?.stop ? stream.getText(context.start.start, context.stop.stop) : undefined;
}

function answer(line) {
  try {
    return parse(JSON.parse(line).sql);
  } catch (error) {
    return { errors: [{ line: 0, column: 0, message: `the parser failed: ${error.stack}` }], units: [] };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answer(line))}\n`);
}
