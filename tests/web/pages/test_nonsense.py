"""Nonsense in addresses and forms is never a fault of ours."""

from typing import Any

import pytest

from tests.web.village import TUESDAY, WISH, Reader, Village, links_of

NONSENSE = [
    "",
    "\0",
    "%",
    "😀",
    "-1",
    "1e309",
    "9" * 400,
    "0001-01-01",
    "9999-12-31T23:59:59Z",
    "2026-11-24T18:00:00",
    "2026-W99",
    "0000-W01",
    "' OR 1=1 --",
    "<b>",
    "../../etc/passwd",
    "x" * 5000,
    "01a2076e-1c61-7935-b75a-9ca51501f8ce",
]


@pytest.mark.parametrize("value", NONSENSE, ids=range(len(NONSENSE)))
async def test_nonsense_is_never_a_fault_of_ours(
    village: Village, kari: Reader, ingrid: Reader, value: str
) -> None:
    await kari.book(village.hall.parts[0])
    await kari.book(village.room, accepted_terms="2026-1")
    mine = await kari.get(village.url("/bookings"))
    case = links_of(await ingrid.get(village.url("/requests")), "/requests/")[0]
    fields = [
        *WISH,
        "to_on",
        "second_time",
        "association_id",
        "team",
        "people",
        "every_weeks",
        "until",
        "except",
    ]
    asked: list[tuple[Reader, str, list[str]]] = [
        (
            kari,
            "/search",
            ["text", "from_on", "to_time", "minutes", "people", "activity", "municipality", "page"],
        ),
        (
            kari,
            village.url("/search"),
            ["text", "from_on", "to_on", "from_time", "accessible", "facility", "page"],
        ),
        (kari, village.url(f"/resources/{village.pool}"), ["week", "lang"]),
        (kari, village.book(village.pool), [*fields, "start"]),
        (kari, village.url(f"/resources/{village.pool}/quote"), fields),
        (kari, village.url("/bookings"), ["cursor", "done"]),
        (ingrid, village.url("/requests"), ["cursor", "facility"]),
        (kari, village.url("/sign-in"), ["next"]),
        (kari, links_of(mine, "/applications/")[0], ["new", "missed"]),
        (kari, links_of(mine, "/move$")[0], ["start", "end"]),
    ]
    for reader, path, names in asked:
        for name in names:
            wish = WISH if path.endswith(("/book", "/quote")) else {}
            more = (
                {"end": str(TUESDAY)} if name == "start" else {"start": str(TUESDAY)} if name == "end" else {}
            )
            answer = await reader.get(path, **{**wish, **more, name: value})
            assert answer.status_code < 500, f"{path}?{name}="
    sent: list[tuple[Reader, str, dict[str, str], list[str]]] = [
        (kari, village.book(village.hall.parts[1]), WISH, [*fields, "idempotency_key"]),
        (kari, links_of(mine, "/cancel$")[0], {"version": "99"}, ["version", "reason"]),
        (
            kari,
            links_of(mine, "/move$")[0],
            {**WISH, "version": "99"},
            ["version", "on", "from_time", "to_on"],
        ),
        (ingrid, case, {"version": "99"}, ["version", "reason", "decision-x"]),
        (kari, village.url("/sign-in"), {"persona": "citizen"}, ["persona", "next"]),
    ]
    for reader, path, form, names in sent:
        for name in names:
            answer = await reader.post(path, {**form, name: value})
            assert answer.status_code < 500, f"{path} {name}="
            assert answer.headers.get("location", "/").startswith("/"), f"{path} {name}="


async def test_a_body_that_is_no_form_is_a_form_left_empty(village: Village, kari: Reader, http: Any) -> None:
    cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in kari.cookies.items())}
    path = village.book(village.hall.parts[0])
    bodies: list[tuple[dict[str, Any], dict[str, str]]] = [
        ({"json": {"title": "x"}}, {}),
        ({"content": b"\xff\xfe\x00"}, {}),
        ({"files": {"title": ("a.txt", b"x")}, "data": {"on": str(TUESDAY)}}, {}),
        ({"content": b"title=%ff&on=%00"}, {"Content-Type": "application/x-www-form-urlencoded"}),
        ({"content": b"x"}, {"Content-Type": "multipart/form-data"}),
    ]
    for sent, headers in bodies:
        answer = await http.post(path, headers={**cookie, **headers}, **sent)
        assert answer.status_code in {400, 415, 422}, sent  # files are taken where they are asked for
