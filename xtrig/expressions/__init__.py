"""Expressions and messages of a definition: templates with facts, and the language that expressions are read in."""

from xtrig.expressions.templates import (
    Placeholder,
    Template,
    check_expression,
    check_message,
    check_statement,
    has_vendor_literal,
    parse_template,
    spelled,
)

__all__ = [
    "Placeholder",
    "Template",
    "check_expression",
    "check_message",
    "check_statement",
    "has_vendor_literal",
    "parse_template",
    "spelled",
]
