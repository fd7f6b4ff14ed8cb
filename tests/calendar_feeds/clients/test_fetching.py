"""Over a real socket: what is new is sent once, plainly or compressed, and always the same."""

import gzip

from tests import make
from tests.booking.conftest import Town
from tests.calendar_feeds.clients.story import TUESDAY


async def test_a_calendar_is_the_same_in_every_way_of_fetching_it(served: Town) -> None:
    hall, kari = await served.hall(), await served.person()
    path = f"/ical/{served.tenant.slug}/resources/{hall.whole}.ics"
    for hour in range(8, 20):
        await served.book(kari, hall.whole, make.at(TUESDAY, hour), title="Øving 🏐", public=True)
    get = served.http.get

    plain = await get(path, headers={"Accept-Encoding": "identity"})
    again = await get(path, headers={"Accept-Encoding": "identity"})
    assert plain.status_code == 200
    assert plain.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "content-encoding" not in plain.headers
    assert (again.content, again.headers["etag"]) == (plain.content, plain.headers["etag"])

    async with served.http.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as zipped:
        raw = b"".join([part async for part in zipped.aiter_raw()])
    assert zipped.headers["content-encoding"] == "gzip"
    assert len(raw) < len(plain.content) / 2
    assert gzip.decompress(raw) == plain.content

    for answer in (plain, zipped):
        same = await get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")
    head = await served.http.head(path, headers={"Accept-Encoding": "identity"})
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-type", "last-modified", "cache-control"):
        assert head.headers[name] == plain.headers[name]

    await served.book(kari, hall.whole, make.at(TUESDAY, 20))
    new = await get(path, headers={"If-None-Match": plain.headers["etag"]})
    assert (new.status_code, new.content.count(b"BEGIN:VEVENT")) == (200, 13)
