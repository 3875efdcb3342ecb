"""A report's page as a browser's parser would read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from xtrig.audit.page import report_page
from xtrig.audit.records import AuditData

VOID = {"meta"}


@dataclass
class Node:
    """An element: its tag, its attributes, and what is in it."""

    tag: str
    attributes: dict[str, str | None]
    inside: list[Node | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text within."""
        return "".join(part if isinstance(part, str) else part.text for part in self.inside)

    def all(self, *tags: str) -> list[Node]:
        """The elements within that have one of the tags; all elements if there are no tags."""
        found = []
        for part in self.inside:
            if isinstance(part, Node):
                found += [part] if not tags or part.tag in tags else []
                found += part.all(*tags)
        return found

    def by_id(self, name: str) -> Node:
        """The one element within that has an id."""
        (found,) = [node for node in self.all() if node.attributes.get("id") == name]
        return found

    def rows(self, table: int = 0) -> list[list[str]]:
        """The texts of a table's body."""
        (body,) = self.all("table")[table].all("tbody")
        return [[cell.text for cell in row.all("th", "td")] for row in body.all("tr")]


class Reader(HTMLParser):
    """It fails where elements are not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open = [Node("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, dict(attrs))
        self.open[-1].inside.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def read(text: str) -> Node:
    """Return the root of a document."""
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert len(reader.open) == 1
    return reader.open[0]


def page_of(data: AuditData) -> Node:
    """Return the page of a report, read."""
    return read(report_page(data))


def key_numbers(page: Node) -> dict[str, str]:
    """Return the key numbers of a page by their names."""
    numbers = page.by_id("keys")
    return dict(zip([n.text for n in numbers.all("dt")], [n.text for n in numbers.all("dd")], strict=True))
