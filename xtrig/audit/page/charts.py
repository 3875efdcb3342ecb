"""Charts as inline SVG, without scripts.

They have no viewBox: horizontal positions are in percent, so that a chart fills its column and its text stays as large
as that of the page, on a phone too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from xtrig.audit.formats import WEEKDAYS, counted
from xtrig.audit.page.elements import Child, add, foreign, h

HEIGHT = 180
_ABOVE, _BELOW, _LOW = 20, 26, 12
_ROW = 24
_LEVELS = 5


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart: its label (None: there is no room), its tooltip, and its parts by series.

    Narrow screens leave out ``minor`` labels; ``low`` labels are set lower, to have more room.
    """

    label: str | None
    tip: str
    parts: tuple[int, ...]
    minor: bool = False
    low: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """A part of the axis in which nothing was recorded, from 0 to 1, and its tooltip."""

    since: float
    until: float
    tip: str


def bar_chart(
    name: str, title: str, description: str, bars: Sequence[Bar], *, bands: Sequence[Band] = (), numbers: bool = False
) -> Element:
    """Return a chart of stacked bars.

    ``name`` is unique in the page; ``title`` and ``description`` are read by screen readers. ``numbers`` writes the
    value above each bar.
    """
    ticks = ticks_to(max((sum(bar.parts) for bar in bars), default=0))
    below = _BELOW + _LOW * any(bar.low for bar in bars)
    plot = h("g", transform=f"translate(0 {_ABOVE})")
    add(plot, *(_tick(value, ticks[-1]) for value in ticks), *(_band(band) for band in bands))
    for index, each in enumerate(bars):
        add(plot, _bar(each, index, len(bars), ticks[-1], numbers=numbers))
    return _svg(name, title, description, _ABOVE + HEIGHT + below, plot)


def heat_map(name: str, title: str, description: str, hours: Mapping[tuple[int, int], int]) -> Element:
    """Return a heat map by weekday (0 is Monday) and hour, darker for more sessions."""
    most = max(hours.values(), default=0)
    labels = [h("text", day, x=-8, y=_ROW * row + 16, class_="tick end") for row, day in enumerate(WEEKDAYS)]
    for hour in range(0, 24, 3):
        labels.append(h("text", f"{hour:02}", x=_percent(hour + 0.5, 24), y=_ROW * 7 + 18, class_="tick middle"))
    fields = [_field(day, hour, hours.get((day, hour), 0), most) for day in range(7) for hour in range(24)]
    return _svg(name, title, description, _ROW * 7 + _BELOW, *labels, *fields)


def heat_legend(most: int) -> Element:
    """Return the legend of a heat map."""
    keys: list[Child] = []
    for shade in range(_LEVELS + 1):
        first, last = (most * (shade - 1) // _LEVELS + 1, most * shade // _LEVELS) if shade else (0, 0)
        if first <= last:
            keys.append(_key(f"h{shade}", f"{first:,}" if first == last else f"{first:,} to {last:,}"))
    return h("ul", *keys, class_="legend")


def legend(titles: Sequence[str], *, bands: bool) -> Element | None:
    """Return the legend of a bar chart; None for a chart of one colour without bands."""
    keys: list[Child] = [_key(f"s{index}", title) for index, title in enumerate(titles)] if len(titles) > 1 else []
    if bands:
        keys.append(_key("gap", "gap in coverage"))
    return h("ul", *keys, class_="legend") if keys else None


def ticks_to(most: int) -> list[int]:
    """Return round numbers from 0 to at least ``most``, few enough for an axis."""
    step = 1
    while most > 4 * step:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return [step * index for index in range(max(1, -(-most // step)) + 1)]


def level(number: int, most: int) -> int:
    """Return the shade for a number: 0 for none, then 1 to 5."""
    return -(-number * _LEVELS // most) if number else 0


def _svg(name: str, title: str, description: str, height: int, *children: Child) -> Element:
    heads = (h("title", title, id=f"{name}-title"), h("desc", description, id=f"{name}-desc"))
    svg = h("svg", *heads, *children, class_="plot", height=height, role="img", aria_labelledby=f"{name}-title")
    svg.set("aria-describedby", f"{name}-desc")
    return svg


def _tick(value: int, most: int) -> Element:
    y = HEIGHT - HEIGHT * value / most
    line = h("line", x1="0", x2="100%", y1=f"{y:.1f}", y2=f"{y:.1f}", class_="rule" if value else "base")
    return h("g", line, h("text", f"{value:,}", x=-8, y=f"{y + 4:.1f}", class_="tick end"))


def _bar(each: Bar, index: int, number: int, most: int, *, numbers: bool) -> Element:
    group = h("g", h("title", each.tip), h("rect", x=_percent(index, number), width=_percent(1, number), height=HEIGHT))
    group[-1].set("class", "hover")
    inner = 0.62 if numbers else 0.8
    below = 0
    for series, part in enumerate(each.parts):
        if part:
            top, tall = HEIGHT - HEIGHT * (below + part) / most, HEIGHT * part / most
            across = {"x": _percent(index + (1 - inner) / 2, number), "width": _percent(inner, number)}
            add(group, h("rect", **across, y=f"{top:.2f}", height=f"{tall:.2f}", class_=f"s{series}"))
            below += part
    middle = _percent(index + 0.5, number)
    if numbers:
        y = f"{HEIGHT - HEIGHT * below / most - 6:.1f}"
        add(group, h("text", f"{below:,}", x=middle, y=y, class_="value middle"))
    if each.label is not None:
        kind = "tick middle" + " minor" * each.minor + " low" * each.low
        add(group, h("text", each.label, x=middle, y=HEIGHT + 18, class_=kind))
    return group


def _band(band: Band) -> Element:
    # A gap of minutes in a period of months would be too narrow to see.
    across = {"x": _percent(band.since, 1), "width": _percent(max(band.until - band.since, 0.003), 1)}
    return h("g", h("title", band.tip), h("rect", **across, y="0", height=HEIGHT, class_="gap"))


def _field(day: int, hour: int, number: int, most: int) -> Element:
    tip = f"{WEEKDAYS[day]} {hour:02}:00 to {hour:02}:59: {counted(number, 'session')}"
    field = h("rect", x=_percent(hour, 24), y=_ROW * day, width=_percent(1, 24), height=_ROW)
    field.set("class", f"field h{level(number, most)}")
    return add(h("g", h("title", tip)), field)


def _key(kind: str, words: str) -> Element:
    swatch = h("svg", h("rect", width=12, height=12, class_=kind), width=12, height=12, aria_hidden="true")
    return h("li", swatch, foreign(words))


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.3f}%"
