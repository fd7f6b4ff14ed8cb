"""What `make bench` measures on is a possible world, and what it writes has one form. Nothing here takes time."""

from collections import defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path

import msgspec

from bench.report import at_most, grown, write
from bench.shape import UNTAKEN_MINUTES, UNTAKEN_STARTS, Shape, places, scale_for, series, sizes

SHAPE = Shape(23, 2000, 1_300_000, date(2026, 11, 2))
CLEANING = 15


def test_two_thousand_resources_in_twenty_three_municipalities() -> None:
    assert len(sizes(SHAPE)) == 23
    assert sum(sizes(SHAPE)) == 2000
    assert sizes(SHAPE)[:2] == [100, 90]


def test_nothing_overlaps_and_the_measured_hours_are_free() -> None:
    here = places(1, 90)
    units = {place.resource_id: place.unit_ids for place in here}
    taken: dict[object, list[tuple[int, int]]] = defaultdict(list)
    for each in series(SHAPE, here, scale_for(SHAPE, here) * 20):
        for unit in units[each.resource_id]:
            until = each.starts_minute + each.minutes + CLEANING
            taken[unit, each.first_on].append((each.starts_minute, until))
    assert taken
    measured = [(minute, minute + UNTAKEN_MINUTES + CLEANING) for minute in UNTAKEN_STARTS]
    for spans in taken.values():
        ordered = sorted([*spans, *measured])
        assert all(end <= start for (_, end), (start, _) in pairwise(ordered)), ordered


def test_rows_have_one_form(tmp_path: Path) -> None:
    rows = [
        at_most("free", 3.0, "ms", factor=4, limit=1.0),
        at_most("slow", 5.0, "ms", factor=4, limit=1.0),
        grown("more", 1.2, "ms", small=1.0),
    ]
    write(rows, tmp_path / "bench.json")
    found = msgspec.json.decode((tmp_path / "bench.json").read_bytes())
    assert [row["aim_met"] for row in found] == [True, False, True]
    for row in found:
        assert set(row) == {"name", "figure", "unit", "limit", "peer", "ratio", "aim", "aim_met"}
