"""The charts of sessions by time, weekday and hour, and duration, each with its numbers."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from xtrig.audit.counting import BUCKETS, OPEN, UNCERTAIN
from xtrig.audit.formats import WEEKDAYS, at_text, counted, share
from xtrig.audit.page.charts import Band, Bar, bar_chart, heat_legend, heat_map, legend
from xtrig.audit.page.elements import Child, Column, h, table
from xtrig.audit.page.view import View, section

_LABELS = 12


def activity(view: View) -> Element:
    """Return the section of the charts."""
    if not view.data.sessions:
        return section("activity", "Activity", h("p", "No sessions recorded in this period.", class_="nothing"))
    pair = h("div", _hours(view), _durations(view), class_="pair")
    return section("activity", "Activity", _steps(view), pair)


def _steps(view: View) -> Element:
    axis, series = view.counts.axis, view.names.series()
    titles = [title for title, _ in series]
    parts = [
        tuple(sum(view.counts.steps[step, vendor] for vendor in vendors) for _, vendors in series)
        for step in range(len(axis.starts))
    ]
    bars = [
        Bar(_step_label(view, step), _tooltip(axis.name(step), titles, part), part, minor=_is_minor(view, step))
        for step, part in enumerate(parts)
    ]
    bands = _bands(view)
    chart = bar_chart("steps", f"Sessions per {axis.unit}", _steps_description(view, parts), bars, bands=bands)
    columns = [Column(axis.unit.capitalize()), *(Column(title, "number") for title in titles)]
    if len(titles) > 1:
        columns.append(Column("All", "number"))
    numbers = table(
        f"Sessions by {axis.unit} of logon, in UTC",
        columns,
        list(enumerate(parts)),
        lambda item: _step_cells(axis.name(item[0]), item[1]),
        limit=len(parts),
    )
    return _figure(f"Sessions per {axis.unit}", legend(titles, bands=bool(bands)), chart, _outside(view), numbers)


def _step_cells(name: str, part: tuple[int, ...]) -> list[Child]:
    return [name, *(f"{number:,}" for number in part), *([f"{sum(part):,}"] if len(part) > 1 else [])]


def _every(view: View) -> int:
    steps = len(view.counts.axis.starts)
    return next(every for every in (1, 2, 7, 14, 28, steps) if steps <= every * _LABELS or every == steps)


def _step_label(view: View, step: int) -> str | None:
    # A label near the end would be wider than the page.
    past = step > 0.95 * len(view.counts.axis.starts)
    return None if step % _every(view) or past else view.counts.axis.label(step)


def _is_minor(view: View, step: int) -> bool:
    return step // _every(view) % 3 != 0


def _steps_description(view: View, parts: list[tuple[int, ...]]) -> str:
    totals = [sum(part) for part in parts]
    if not any(totals):
        return "No session began on any step of the axis."
    most = max(totals)
    when = view.counts.axis.name(totals.index(most))
    return f"{counted(sum(totals), 'session')}; most on {when}: {most:,}."


def _tooltip(name: str, titles: list[str], part: tuple[int, ...]) -> str:
    description = f"{name}: {counted(sum(part), 'session')}"
    if len(titles) == 1:
        return description
    return f"{description} ({', '.join(f'{title}: {number:,}' for title, number in zip(titles, part, strict=True))})"


def _outside(view: View) -> Element | None:
    if not view.counts.outside:
        return None
    began = counted(view.counts.outside, "session")
    return h("p", f"Not drawn: {began} with a logon outside of the period.", class_="note")


def _bands(view: View) -> list[Band]:
    axis, bands = view.counts.axis, []
    for gap in view.data.gaps:
        until = gap.until or view.data.until
        if axis.starts and gap.since < axis.end and until > axis.starts[0]:
            end = at_text(gap.until) if gap.until else "now"
            tip = f"Not recorded on {gap.source.vendor}: {at_text(gap.since)} to {end} UTC"
            bands.append(Band(axis.position(gap.since), axis.position(until), tip))
    return bands


def _hours(view: View) -> Element:
    hours = view.counts.hours
    most = max(hours.values())
    day, hour = min(key for key, number in hours.items() if number == most)
    description = f"Most logons on {WEEKDAYS[day]} from {hour:02}:00 to {hour:02}:59 UTC: {most:,}."
    chart = heat_map("hours", "Logons by weekday and hour", description, hours)
    numbers = table(
        "Logons by weekday and hour in UTC",
        [Column("Day"), *(Column(f"{hour:02}", "number") for hour in range(24))],
        range(7),
        lambda day: [WEEKDAYS[day], *(f"{hours[day, hour]:,}" for hour in range(24))],
    )
    return _figure("Logons by weekday and hour (UTC)", heat_legend(most), chart, None, numbers)


def _durations(view: View) -> Element:
    found = view.counts.durations
    names = [name for name in BUCKETS if name != UNCERTAIN or found[name]]
    bars = [
        Bar(name, f"{name}: {counted(found[name], 'session')}", (found[name],), low=index % 2 == 1)
        for index, name in enumerate(names)
    ]
    description = "; ".join(f"{name}: {found[name]:,}" for name in names)
    chart = bar_chart("durations", "How long sessions lasted", description, bars, numbers=True)
    whole = len(view.data.sessions)
    numbers = table(
        "Sessions by duration",
        [Column("Duration"), Column("Sessions", "number"), Column("Share", "number")],
        names,
        lambda name: [name, f"{found[name]:,}", share(found[name], whole)],
    )
    return _figure("How long sessions lasted", None, chart, _durations_note(view), numbers)


def _durations_note(view: View) -> Element:
    said = "A session counts in the first group whose bound it does not reach. "
    said += f"“{OPEN}” has no recorded end."
    if view.counts.durations[UNCERTAIN]:
        said += f" “{UNCERTAIN}” has ended, and what is known of its end fits several groups."
    return h("p", said, class_="note")


def _figure(title: str, keys: Element | None, chart: Element, note: Element | None, numbers: Element) -> Element:
    details = h("details", h("summary", "The numbers"), numbers)
    return h("div", h("h3", title), keys, chart, note, details, class_="figure")
