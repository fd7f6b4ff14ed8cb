"""Something to show in the templates of paying, receipts, giving back, differences and revenue."""

from typing import Any, Final
from uuid import UUID

from core.texts import texts
from payments.paper import paper_of
from payments.plots import bars
from payments.reading_schemas import Back, Credit, Full, Line, Party, Taken
from tests.web.contexts import NOW, Sample, at

ID: Final = UUID(int=1)
SPAN: Final = at(24, "18:00")


def line(text: str, gross: int, *, rate: int = 0, code: str = "exempt", reason: str = "") -> Line:
    vat = gross * rate // (10_000 + rate)
    return Line(
        booking_id=ID,
        kind="hire",
        key="",
        text=f"Solvikhallen, Sal A: {text}",
        unit="started_hour",
        quantity_milli=1500,
        unit_ore=gross * 2 // 3,
        vat_code=code,
        vat_rate=rate,
        vat_reason=reason,
        net_ore=gross - vat,
        vat_ore=vat,
        gross_ore=gross,
        starts_at=SPAN.start,
        ends_at=SPAN.end,
    )


def order(**more: Any) -> Full:
    lines = (
        line("Leie", 60_000, reason="mval. § 3-11 første ledd"),
        line("Stoler", 12_500, rate=2500, code="full"),
    )
    values: dict[str, Any] = {
        "id": ID,
        "kind": "receipt",
        "state": "issued",
        "number": 12,
        "payment": "online",
        "application_id": ID,
        "person_id": ID,
        "association_id": None,
        "credits_id": None,
        "credits_kind": None,
        "credits_number": None,
        "net_ore": 70_000,
        "vat_ore": 2_500,
        "gross_ore": 72_500,
        "credited_ore": 12_500,
        "language": "nb",
        "seller": Party(
            name="Solvik kommune", organisation_number="964965226", vat_registered=True, town="Solvik"
        ),
        "customer": Party(name="Solvik IL", organisation_number="974760673", address="Idrettsveien 1"),
        "reference": "Dame 2",
        "reason": "",
        "kid": None,
        "due_on": None,
        "created_at": NOW,
        "issued_at": NOW,
        "version": 1,
        "person": "Kari Nordmann",
        "association": "Solvik IL",
        "payments": [
            Taken(id=ID, provider="stripe", amount_ore=72_500, refunded_ore=12_500, captured_at=NOW)
        ],
        "refunds": [
            Back(
                id=ID,
                payment_id=ID,
                credit_id=ID,
                amount_ore=12_500,
                state="sent",
                why="officer",
                reason="",
                error="",
                created_at=NOW,
                done_at=None,
            )
        ],
        "credits": [Credit(id=ID, number=3, gross_ore=12_500, reason="", issued_at=NOW)],
        "lines": lines,
        **more,
    }
    return Full(**values)


def paper(**more: Any) -> dict[str, Any]:
    return {
        "paper": paper_of(order(**more), texts("nb"), "Solvik"),
        "is_issued": True,
        "is_open": False,
        "pdf_url": "/x/receipt.pdf",
        "application_url": "/x",
        "credited_url": None,
        "credit_urls": [("3", "/y")],
        "refund_url": "/x/refund",
        "deposit_url": "/x/deposit",
        "trail": [("Mine betalinger", "/solvik/orders")],
    }


BRIEF: Final[dict[str, Any]] = {
    "name": "Kvittering 12",
    "state": "issued",
    "told": "Utstedt",
    "made_at": NOW,
    "customer": "Solvik IL",
    "what": "Solvikhallen, Sal A: Leie",
    "more": 2,
    "starts_at": SPAN.start,
    "gross_ore": 72_550,
    "credited_ore": 12_500,
    "paid_ore": 72_550,
    "refunded_ore": 12_500,
    "due_on": None,
    "url": "/solvik/orders/1",
    "pdf_url": "/solvik/orders/1/receipt.pdf",
}
OPEN: Final = {
    **BRIEF,
    "name": "Kvittering",
    "state": "open",
    "told": "Ikke utstedt ennå",
    "pdf_url": None,
    "more": 0,
}
DUE: Final = {**BRIEF, "name": "Faktura 4", "due_on": NOW.date(), "credited_ore": 0, "refunded_ore": 0}
ORDERS: Final[dict[str, Any]] = {"orders": [BRIEF, DUE], "previous_url": None, "next_url": "?next"}
FOUND: Final[dict[str, Any]] = {
    "form": dict.fromkeys(("number", "who", "booking", "kind", "state", "from", "until"), ""),
    "errors": {},
    "kinds": [("receipt", "Kvittering")],
    "states": [("issued", "Utstedt")],
    "orders": [BRIEF, OPEN, DUE],
    "action_url": "/solvik/staff/payments",
    "previous_url": None,
    "next_url": "?next",
}
DIFFERENCE: Final[dict[str, Any]] = {
    "what": "Beløpene er ikke like.",
    "ref": "pi_3Qx",
    "order": "Kvittering 12",
    "order_url": "/solvik/orders/1",
    "customer": "Solvik IL",
    "ours_ore": 72_500,
    "theirs_ore": 70_000,
    "found_at": NOW,
    "settled_at": None,
    "explanation": "",
    "url": "/solvik/staff/payments/differences/1",
}
SETTLED: Final = {**DIFFERENCE, "settled_at": NOW, "explanation": "Gebyr.", "order": None, "order_url": None}
LIST: Final[dict[str, Any]] = {
    "differences": [DIFFERENCE, {**DIFFERENCE, "ref": "pi_4"}],
    "is_settled": False,
    "open_url": "/x",
    "settled_url": "/x?settled=yes",
    "previous_url": None,
    "next_url": None,
}
ONE: Final[dict[str, Any]] = {
    "difference": DIFFERENCE,
    "may_explain": True,
    "form": {"explanation": ""},
    "errors": {},
    "refused": None,
    "post_url": "/x",
    "again_url": "/x/again",
    "back_url": "/y",
}
REFUSED: Final[dict[str, Any]] = {
    "title": "Dette går ikke lenger.",
    "explanation": None,
    "conflicts": [],
    "alternatives": [],
}
PAID: Final[dict[str, Any]] = {
    "name": "amount-1",
    "title": "Trening",
    "place": "Solvikhallen, Sal A",
    "state": "confirmed",
    "span": SPAN,
    "billed_ore": 72_500,
    "left_ore": 60_000,
    "value": "100,50",
    "ore": 10_050,
    "gross_ore": 72_500,
}
ABOUT: Final[dict[str, Any]] = {
    "name": "Kvittering 12",
    "customer": "Solvik IL",
    "paid_ore": 72_500,
    "refunded_ore": 12_500,
    "post_url": "/x",
    "back_url": "/y",
}
REFUND: Final[dict[str, Any]] = {
    **ABOUT,
    "bookings": [PAID, {**PAID, "name": "amount-2", "left_ore": 0, "state": "cancelled"}],
    "form": {"amount-1": "", "amount-2": "", "reason": ""},
    "errors": {},
    "refused": None,
}
DEPOSITED: Final[dict[str, Any]] = {
    "booking_id": str(ID),
    "kept_name": "kept-1",
    "reason_name": "reason-1",
    "title": "Trening",
    "place": "Solvikhallen, Sal A",
    "state": "confirmed",
    "span": SPAN,
    "most_ore": 20_000,
    "is_over": True,
    "is_settled": False,
    "kept_ore": 0,
    "given_ore": 0,
    "reason": "",
}
KEPT: Final = {**DEPOSITED, "most_ore": 0, "is_settled": True, "kept_ore": 5_000, "given_ore": 15_000}
DEPOSIT: Final[dict[str, Any]] = {
    "name": "Kvittering 12",
    "customer": "Solvik IL",
    "bookings": [
        DEPOSITED,
        {**KEPT, "reason": "Knust rute"},
        {**DEPOSITED, "most_ore": 0, "is_over": False},
        {**DEPOSITED, "most_ore": 0},
    ],
    "form": {"kept-1": "", "reason-1": ""},
    "errors": {},
    "refused": None,
    "post_url": "/x",
    "back_url": "/y",
}
PAY: Final[dict[str, Any]] = {
    "has_turned_back": False,
    "refused": None,
    "bookings": [PAID],
    "sum_ore": 72_500,
    "vat_ore": 2_500,
    "pay_by": NOW,
    "can_pay": True,
    "post_url": "/x",
    "back_url": "/y",
}
BACK: Final[dict[str, Any]] = {
    "outcome": "paid",
    "name": "Kvittering 12",
    "spans": [SPAN],
    "gross_ore": 72_500,
    "back": [],
    "receipt_url": "/solvik/orders/1",
    "pdf_url": "/solvik/orders/1/receipt.pdf",
    "again_url": None,
    "look_url": "/solvik/orders/1/return",
    "application_url": "/solvik/applications/1",
}
NOT_YET: Final[dict[str, Any]] = {**BACK, "receipt_url": None, "pdf_url": None}
REVENUE: Final[dict[str, Any]] = {
    "form": {"by": "facility", "from": "2026-01-01", "until": "2026-12-31", "facility": ""},
    "errors": {},
    "ways": [("facility", "Anlegg")],
    "facilities": [("1", "Solvikhallen")],
    "title": "Inntekt uten mva. etter anlegg",
    "period": "1. januar – 31. desember 2026",
    "heading": "Anlegg",
    "plot": bars([("Solvikhallen", 90_000, "900 kr"), ("Strandhallen", -5_000, "-50 kr")]),
    "rows": [{"name": "Solvikhallen", "net": "900,00", "vat": "0,00", "gross": "900,00", "documents": 3}],
    "total": {"net": "850,00", "vat": "0,00", "gross": "850,00"},
    "action_url": "/x",
    "sheet_url": "/x.csv",
}


def sample(name: str, template: str, context: dict[str, Any]) -> Sample:
    return Sample(name=name, template=f"payments/{template}.html", context=context)


SAMPLES: Final[tuple[Sample, ...]] = (
    sample("orders", "orders", ORDERS),
    sample("orders-none", "orders", {**ORDERS, "orders": [], "next_url": None}),
    sample("order", "order", paper()),
    sample(
        "order-open",
        "order",
        {**paper(number=None), "is_issued": False, "is_open": True, "refund_url": None, "deposit_url": None},
    ),
    sample("order-void", "order", {**paper(credits=(), refunds=()), "is_issued": False, "credit_urls": []}),
    sample(
        "order-credit",
        "order",
        {
            **paper(
                kind="credit", credits_kind="receipt", credits_number=12, reason="Taket lekker", credits=()
            ),
            "credited_url": "/z",
        },
    ),
    sample("payments", "payments", FOUND),
    sample(
        "payments-errors",
        "payments",
        {**FOUND, "orders": [], "errors": {"number": "Skriv et helt tall.", "from": "Ingen slik dag."}},
    ),
    sample("differences", "differences", LIST),
    sample("differences-settled", "differences", {**LIST, "differences": [SETTLED], "is_settled": True}),
    sample("differences-none", "differences", {**LIST, "differences": []}),
    sample("difference", "difference", ONE),
    sample(
        "difference-errors",
        "difference",
        {**ONE, "errors": {"explanation": "Skriv hva."}, "refused": REFUSED},
    ),
    sample(
        "difference-settled",
        "difference",
        {**ONE, "difference": SETTLED, "may_explain": False, "again_url": None},
    ),
    sample("refund", "refund", REFUND),
    sample(
        "refund-errors", "refund", {**REFUND, "errors": {"amount-1": "For mye.", "reason": "Skriv hvorfor."}}
    ),
    sample("refund-refused", "refund", {**REFUND, "refused": REFUSED, "bookings": []}),
    sample(
        "refund-sure", "refund_sure", {**ABOUT, "bookings": [PAID], "sum_ore": 10_050, "reason": "Lekkasje"}
    ),
    sample("deposit", "deposit", DEPOSIT),
    sample(
        "deposit-errors",
        "deposit",
        {**DEPOSIT, "errors": {"kept-1": "For mye.", "reason-1": "Skriv hvorfor."}},
    ),
    sample("deposit-none", "deposit", {**DEPOSIT, "refused": REFUSED, "bookings": []}),
    sample("pay", "pay", PAY),
    sample("pay-turned-back", "pay", {**PAY, "has_turned_back": True, "vat_ore": 0}),
    sample(
        "pay-refused",
        "pay",
        {
            **PAY,
            "refused": REFUSED,
            "bookings": [],
            "can_pay": False,
            "pay_by": None,
            "sum_ore": 0,
            "vat_ore": 0,
        },
    ),
    sample("return-paid", "return", BACK),
    sample(
        "return-partly",
        "return",
        {**BACK, "outcome": "partly", "back": [(10_000, "Tiden var borte da pengene kom.")]},
    ),
    sample("return-lost", "return", {**BACK, "outcome": "lost", "back": [(72_500, "")]}),
    sample("return-waiting", "return", {**NOT_YET, "outcome": "waiting"}),
    sample("return-unclear", "return", {**NOT_YET, "outcome": "unclear"}),
    sample("return-unpaid", "return", {**NOT_YET, "outcome": "unpaid", "again_url": "/x"}),
    sample("return-over", "return", {**NOT_YET, "outcome": "over", "application_url": None}),
    sample("revenue", "revenue", REVENUE),
    sample(
        "revenue-errors",
        "revenue",
        {
            **REVENUE,
            "errors": {"until": "Skriv en dag som finnes."},
            "rows": [],
            "plot": bars([]),
            "sheet_url": None,
        },
    ),
)
"""Each template with what its page may hold."""
