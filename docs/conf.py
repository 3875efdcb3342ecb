"""Sphinx: strict, offline, Markdown."""

from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

import xtrig

project = "xtrig"
author = "the xtrig authors"
version = release = xtrig.__version__
html_title = f"xtrig {version}"

extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "_text", "_generate", "model_cases"]
language = "en"
smartquotes = False  # --option is no dash
suppress_warnings = ["misc.highlighting_failure"]  # no lexer knows PolarDB's PL/SQL
highlight_language = "text"

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["xtrig.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_type_aliases = {"Step": "Step"}  # else the union of all steps is written out, with all that pydantic adds
python_display_short_literal_types = True


def _is_model(what: str, thing: Any) -> bool:
    return what == "class" and isinstance(thing, type) and issubclass(thing, BaseModel)


def _hide_signature(app: Any, what: str, name: str, thing: Any, *_: Any) -> tuple[str, str] | None:
    # It would repeat every annotation; the list of fields, or of attributes, says it once.
    listed = what == "class" and getattr(thing, "__module__", "") == "xtrig.resolve"
    return ("", "") if listed or _is_model(what, thing) else None


def _list_model_fields(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    if not _is_model(what, thing):
        return
    lines.append("")
    for field, info in thing.model_fields.items():
        said = [info.description or ""]
        if info.validation_alias not in (None, field):
            said.append(f"In a file: ``{info.validation_alias}``.")
        if info.default is not PydanticUndefined and info.default not in (None, (), {}):
            said.append(f"Default: ``{info.default!r}``.")
        elif not info.is_required():
            said.append("Optional.")
        lines.append(f":param {field}: {' '.join(filter(None, said))}")


def setup(app: Any) -> None:
    app.connect("autodoc-process-signature", _hide_signature)
    app.connect("autodoc-process-docstring", _list_model_fields)
