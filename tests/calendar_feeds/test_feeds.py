"""Feeds over HTTP: what stands in them, and that they are right at the next request."""

from tests import make
from tests.booking.conftest import Town

TUESDAY = make.next_weekday(2)
EVENING = make.at(TUESDAY, 18)
LATER = make.at(TUESDAY, 20)


async def test_a_change_is_in_the_feed_at_the_next_request(town: Town) -> None:
    hall = await town.hall()
    kari = await town.person()
    path = f"/ical/{town.tenant.slug}/resources/{hall.whole}.ics"
    empty = await town.http.get(path)
    assert empty.status_code == 200, empty.text

    booking = await town.booked(kari, hall.parts[0], EVENING, title="Trening", public=True)
    first = await town.http.get(path, headers={"If-None-Match": empty.headers["etag"]})
    same = await town.http.get(path, headers={"If-None-Match": first.headers["etag"]})
    await town.post(f"/bookings/{booking}/cancel", kari, {})
    last = await town.http.get(path, headers={"If-None-Match": first.headers["etag"]})

    assert f"UID:booking-{booking}@ledig\r\n" in first.text, first.text
    assert "SUMMARY:Trening\r\n" in first.text
    assert (same.status_code, same.content) == (304, b"")
    assert "STATUS:CANCELLED\r\n" in last.text
