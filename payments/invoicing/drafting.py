"""What a draft says of each booking: its price, or the fee or the difference that is left to bill. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from core.money import RATES, share, vat_in
from core.texts import N_, texts
from payments.documents import Delivered, Line, by_rate, lines_of, totals, with_vat
from resources.prices import Price, read_price

WORDS: Final = {
    "fee": N_("%(place)s: fee for a late cancellation"),
    "difference": N_("%(place)s: difference in price"),
}
"""Kind of a line that stands for part of a price → its text."""
UNTAXED: Final = "exempt"


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """A booking of which something is left to bill."""

    booking_id: UUID
    price: Price
    place: str
    starts_at: datetime
    ends_at: datetime
    left_ore: int
    """What it owes beyond what is billed."""
    is_whole: bool
    """Nothing is billed yet, and it owes its whole price."""
    is_cancelled: bool


def left_of(row: Any) -> Left | None:
    """Of a row of `invoice_queries.standing`; None: nothing is left to bill."""
    left = row.owed_ore - row.billed_ore
    if left <= 0:
        return None
    price = read_price(row.price)
    return Left(
        booking_id=row.id,
        price=price,
        place=row.place,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        left_ore=left,
        is_whole=row.billed_ore == 0 and row.owed_ore == price.gross_ore,
        is_cancelled=row.state == "cancelled",
    )


def draft_lines(bookings: Iterable[Left], language: str) -> list[Line]:
    """In the order given; of each rate, VAT is rounded once for all of them."""
    lines: list[Line] = []
    for each in bookings:
        if each.is_whole:
            lines += lines_of([_delivered(each)], language)
        else:
            lines += _parts(each, language)
    return with_vat(lines, {code: vat_in(gross, RATES[code]) for code, gross in by_rate(lines).items()})


def _delivered(left: Left) -> Delivered:
    return Delivered(
        booking_id=left.booking_id,
        price=left.price,
        place=left.place,
        starts_at=left.starts_at,
        ends_at=left.ends_at,
    )


def _parts(left: Left, language: str) -> list[Line]:
    """A line for each rate of the price, in proportion to what is priced there; a deposit has no part in it."""
    weights: dict[tuple[Any, str], int] = {}
    for line in left.price.lines:
        if line.kind != "deposit":
            key = (line.vat_code, line.vat_reason)
            weights[key] = weights.get(key, 0) + line.gross_ore
    weights = {key: max(0, gross) for key, gross in weights.items()} or {(UNTAXED, ""): 1}
    kind = "fee" if left.is_cancelled else "difference"
    words = texts(language).gettext(WORDS[kind], place=left.place)
    parts = share(left.left_ore, list(weights.values()))
    return [
        Line(
            booking_id=left.booking_id,
            kind=kind,
            key="",
            text=words,
            unit="occasion",
            quantity_milli=1000,
            unit_ore=part,
            vat_code=code,
            vat_rate=RATES[code],
            vat_reason=reason,
            net_ore=part,
            vat_ore=0,
            gross_ore=part,
            starts_at=left.starts_at,
            ends_at=left.ends_at,
        )
        for (code, reason), part in zip(weights, parts, strict=True)
        if part
    ]


def line_rows(order_id: UUID, lines: Sequence[Line], ids: Iterable[UUID]) -> list[dict[str, Any]]:
    """As `invoice_queries.add_lines` takes them. NUL is in no name, but a row that has one is not lost for it."""
    return [
        {
            "id": line_id,
            "order_id": order_id,
            "position": position,
            **msgspec.structs.asdict(line),
            "text": line.text.replace("\0", ""),
        }
        for position, (line, line_id) in enumerate(zip(lines, ids, strict=False), start=1)
    ]


def sums(lines: Sequence[Line]) -> dict[str, int]:
    net, vat, gross = totals(lines)
    return {"net_ore": net, "vat_ore": vat, "gross_ore": gross}


def line_of(row: Any) -> Line:
    """Of a row of `invoice_queries.order_lines`."""
    return Line(
        **{name: getattr(row, name) for name in Line.__struct_fields__}  # pyright: ignore[reportArgumentType]  # columns have the members' names
    )


def language_of(asked: str | None, offered: Sequence[str]) -> str:
    return asked if asked is not None and asked in offered else offered[0]


def by_customer(rows: Iterable[Any]) -> Mapping[tuple[UUID | None, UUID | None, bool], list[Any]]:
    """Rows of `invoice_queries.standing` by association or person, and whether it is internal."""
    found: dict[tuple[UUID | None, UUID | None, bool], list[Any]] = {}
    for row in rows:
        found.setdefault((row.association_id, row.person_id, row.is_internal), []).append(row)
    return found
