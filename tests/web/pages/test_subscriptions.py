"""Subscribing on pages: to what is open without signing in, to the rest at an address that is shown once."""

import re

import httpx
import pytest

from tests.web.village import Reader, Village, field_of, links_of, text_of

SECRET = re.compile(r"http://[^\"\s]*/ical/t/[\w-]+\.([\w-]{22})\.ics")
FORM = {"kind": "person", "variant": "full", "label": "Telephone", "idempotency_key": "k"}


def addresses(page: httpx.Response) -> list[str]:
    """Those in fields to copy from."""
    return [each.replace("&amp;", "&") for each in re.findall(r'value="(http[^"]*/ical/[^"]*)"', page.text)]


async def made(reader: Reader, **fields: str) -> tuple[httpx.Response, str]:
    """The page that shows the address, and the address."""
    page = await reader.post(reader.village.url("/me/subscriptions"), {**FORM, **fields})
    found = SECRET.search(page.text)
    return page, found[0] if found else ""


async def test_a_calendar_is_subscribed_to_from_wherever_it_is_shown(
    village: Village, nobody: Reader
) -> None:
    """What everybody may know needs no sign-in and no secret, and the address that is shown is one that answers."""
    facility = f"/facilities/{village.hall.facility_id}"
    for path in (
        facility,
        f"{facility}/board",
        f"/resources/{village.hall.whole}",
        f"/associations/{village.association}",
    ):
        page = await nobody.get(village.url(path))
        ways = links_of(page, "/subscribe$")
        assert ways, path
        for way in ways:
            shown = await nobody.get(way)
            assert shown.status_code == 200, way
            assert len(addresses(shown)) == 2, way
            for address in addresses(shown):
                url = httpx.URL(address)
                answer = await nobody.http.get(url.raw_path.decode())
                assert answer.text.startswith("BEGIN:VCALENDAR\r\n"), address
            assert "webcal://" in shown.text
            assert "Make an address" not in text_of(shown)


async def test_the_links_to_programs_hold_the_address_and_tell_them_nothing_else(
    village: Village, nobody: Reader
) -> None:
    page = await nobody.get(village.url(f"/resources/{village.hall.whole}/subscribe"))
    address = addresses(page)[0]
    google, outlook = (
        next(each for each in re.findall(r'href="([^"]+)" rel="noreferrer"', page.text) if host in each)
        for host in ("calendar.google.com", "outlook.live.com")
    )
    assert httpx.URL(google).params["cid"] == address.replace("http://", "webcal://")
    assert httpx.URL(outlook.replace("&amp;", "&")).params["url"] == address
    assert httpx.URL(outlook.replace("&amp;", "&")).params["name"] == "Idrettshallen – Hele hallen"


async def test_ones_own_calendar_is_made_shown_once_used_renewed_and_taken_away(
    village: Village, kari: Reader, nobody: Reader
) -> None:
    mine = await kari.get(village.url("/bookings"))
    (way,) = links_of(mine, "/bookings/subscribe$")
    form = await kari.get(way)
    assert "An address for you alone" in text_of(form)
    assert addresses(form) == []

    page, address = await made(kari)
    assert "shown this once" in text_of(page)
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")
    again, other = await made(kari)  # the same form, sent twice
    assert (again.status_code, other) == (303, "")
    path = httpx.URL(address).path
    used = await nobody.http.get(path, headers={"User-Agent": "Google-Calendar-Importer"})
    assert used.status_code == 200

    listed = await kari.get(village.url("/me/subscriptions"))
    assert SECRET.search(listed.text) is None
    assert path not in listed.text
    assert "Google Calendar" in text_of(listed)
    assert "Telephone" in text_of(listed)

    (renew,) = re.findall(r'action="([^"]*/rotate)"', listed.text)
    key = {"idempotency_key": field_of(listed, "idempotency_key") or ""}
    renewed = await kari.post(renew, key)
    new = SECRET.search(renewed.text)
    assert new is not None
    assert (await kari.post(renew, key)).status_code == 303  # the same form, sent twice
    assert (await nobody.http.get(path)).status_code == 410
    assert (await nobody.http.get(httpx.URL(new[0]).path)).status_code == 200

    (revoke,) = re.findall(r'action="([^"]*/revoke)"', listed.text)
    revoked = await kari.post(revoke, {})
    assert revoked.status_code == 303
    told = await kari.get(revoked.headers["location"])
    assert "The address is gone." in text_of(told)
    assert "You have made no address yet." in text_of(told)
    assert (await nobody.http.get(httpx.URL(new[0]).path)).status_code == 410


async def test_who_acts_for_an_association_has_all_of_it_and_others_are_asked_to_sign_in(
    village: Village, nobody: Reader, kari: Reader
) -> None:
    path = village.url(f"/associations/{village.association}/subscribe")
    assert "Sign in to subscribe to all its bookings" in text_of(await nobody.get(path))
    assert "An address for you alone" not in text_of(await kari.get(path))
    anne = Reader(kari.http, village)
    await anne.sign_in("delegate")
    assert "An address for you alone" in text_of(await anne.get(path))
    thing = {"kind": "association", "thing_id": str(village.association)}
    assert (await made(anne, **thing))[1]
    assert (await made(kari, **thing))[0].status_code == 403


async def test_staff_choose_how_much_a_place_tells(village: Village, kari: Reader, ingrid: Reader) -> None:
    path = village.url(f"/facilities/{village.hall.facility_id}/subscribe")
    page = text_of(await ingrid.get(path))
    assert "Everything about the bookings" in page
    assert "For staff: with set-up, clean-up and telephone" in page
    thing = {"kind": "facility", "thing_id": str(village.hall.facility_id), "variant": "staff"}
    assert (await made(ingrid, **thing))[1]
    assert (await made(kari, **thing))[0].status_code == 403
    assert (await kari.get(village.url("/bookings/subscribe"))).status_code == 200


async def test_nobody_is_sent_to_sign_in(village: Village, nobody: Reader) -> None:
    for path in ("/bookings/subscribe", "/me/subscriptions"):
        assert (await nobody.get(village.url(path))).status_code == 401
    assert (await made(nobody))[0].status_code == 401


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"label": " "}, "Write where you will use it, in at most 80 letters."),
        ({"label": "x" * 81}, "Write where you will use it, in at most 80 letters."),
        ({"variant": "all"}, "Choose what the calendar shall show."),
        ({"variant": "staff"}, "full / busy"),
    ],
)
async def test_a_wrong_form_is_shown_again(kari: Reader, fields: dict[str, str], said: str) -> None:
    page, secret = await made(kari, **fields)
    assert (page.status_code, secret) == (422, "")
    assert said in text_of(page)
    assert "An address for you alone" in text_of(page)


async def test_an_end_to_everything_is_an_end_to_addresses(village: Village, kari: Reader) -> None:
    """Who is erased reads nothing any more."""
    _, address = await made(kari)
    path = httpx.URL(address).path
    assert (await kari.http.get(path)).status_code == 200
    page = await kari.get(village.url("/me/erasure"))
    assert "Calendars you subscribe to by a secret address" in text_of(page)
    done = await kari.post(village.url("/me/erasure"), {"confirm": "yes"})
    assert done.status_code in {200, 303}
    assert (await kari.http.get(path)).status_code == 410
