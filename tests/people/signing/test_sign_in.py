"""From the page of ways to sign in through a certified provider and back, with a cookie of one's own."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from core.spans import utc_now
from people.identity_models import SignInAttempt
from people.models import Login, Person, RoleGrant
from tests.people.signing.world import HIGH, SUBSTANTIAL, WEAK, Browser, World, query_of

Browsers = Callable[..., Browser]


async def test_somebody_signs_in_and_comes_back_to_where_she_was(town: World, browser: Browsers) -> None:
    kari = browser()
    page = await kari.ask("GET", kari.url("/sign-in"), params={"next": f"/{town.here.slug}/bookings"})
    assert f'action="/{town.here.slug}/sign-in/id-porten"' in page.text
    assert "persona" not in page.text
    way = await kari.set_out(next=f"/{town.here.slug}/bookings")
    assert set(query_of(way)) == {"client_id", "request_uri"}
    back = await kari.follow(way)
    assert query_of(back)["iss"] == town.issuer

    answer = await kari.ask("GET", back)

    assert answer.status_code == 303
    assert answer.headers["location"] == f"/{town.here.slug}/me?next=%2F{town.here.slug}%2Fbookings"
    assert await kari.at_home()
    assert not await kari.at_home(town.there)
    login = (await town.rows(Login))[-1]
    assert (login.provider, login.acr, login.is_strong) == ("id-porten", SUBSTANTIAL, False)
    assert login.agent == "Firefox, Linux"


async def test_who_has_a_name_is_not_asked_for_it_again(town: World, browser: Browsers) -> None:
    kari = browser()
    await kari.sign_in()
    async with town.database.transaction(town.here.id) as db:
        newest = (await town.rows(Person))[-1]
        await db.execute(update(Person).where(Person.id == newest.id).values(name="Kari Nordmann"))

    answer = await kari.sign_in(next=f"/{town.here.slug}/bookings")

    assert answer.headers["location"] == f"/{town.here.slug}/bookings"
    assert [row.id for row in await town.rows(Person) if row.name == "Kari Nordmann"].count(newest.id) == 1


async def test_every_sign_in_has_a_secret_of_its_own_and_ends_the_one_before(
    town: World, browser: Browsers
) -> None:
    kari = browser()
    await kari.sign_in()
    first = kari.secret
    await kari.sign_in()
    second = kari.secret
    assert first != second
    assert second is not None
    assert len(second) >= 43

    other = browser(None)
    other.http.cookies.set(f"ledig_{town.here.slug}", first or "", domain="127.0.0.1")
    assert not await other.at_home()
    other.http.cookies.set(f"ledig_{town.here.slug}", second, domain="127.0.0.1")
    assert await other.at_home()


async def test_an_answer_of_the_provider_is_good_for_one_time(town: World, browser: Browsers) -> None:
    kari = browser()
    back = await kari.to_callback()
    assert (await kari.ask("GET", back)).status_code == 303
    logins = len(await town.rows(Login))

    again = await kari.ask("GET", back)

    assert again.status_code == 403
    assert "set-cookie" not in again.headers
    assert len(await town.rows(Login)) == logins


async def test_a_code_is_good_for_one_time_though_the_state_is_fresh(browser: Browsers) -> None:
    kari = browser()
    used = query_of(await kari.to_callback())
    other = await kari.to_callback()
    fresh = query_of(other)

    answer = await kari.ask("GET", other.replace(fresh["code"], used["code"]))

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("state", [None, "", "x" * 43, "../../etc", "\u00e6"])
async def test_a_state_that_was_made_up_is_refused(browser: Browsers, state: str | None) -> None:
    kari = browser()
    asked = query_of(await kari.to_callback())
    params = {**asked, "state": state} if state is not None else {"code": asked["code"]}

    answer = await kari.ask("GET", kari.url("/sign-in/id-porten/callback"), params=params)

    assert answer.status_code == 403
    assert kari.secret is None


async def test_another_browser_cannot_take_up_the_state_nor_use_it_up(browser: Browsers) -> None:
    """Else somebody could make others sign in as herself."""
    kari, thief = browser(), browser()
    await thief.to_callback()  # has a cookie of its own
    back = await kari.to_callback()
    for other in (browser(None), thief):
        assert (await other.ask("GET", back)).status_code == 403
        assert other.secret is None
    assert (await kari.ask("GET", back)).status_code == 303


async def test_a_state_of_one_municipality_is_nothing_in_the_other(town: World, browser: Browsers) -> None:
    kari = browser()
    back = await kari.to_callback()
    way = f"ledig_{town.there.slug}_way"
    kari.http.cookies.set(way, kari.http.cookies.get(f"ledig_{town.here.slug}_way") or "", domain="127.0.0.1")

    elsewhere = await kari.ask("GET", back.replace(town.here.slug, town.there.slug))

    assert elsewhere.status_code == 403
    assert (await kari.ask("GET", back)).status_code == 303


async def test_a_state_is_too_old_after_ten_minutes(town: World, browser: Browsers) -> None:
    kari = browser()
    back = await kari.to_callback()
    async with town.database.transaction(town.here.id) as db:
        await db.execute(update(SignInAttempt).values(expires_at=utc_now()))

    assert (await kari.ask("GET", back)).status_code == 403


async def test_an_answer_that_names_another_issuer_is_refused(town: World, browser: Browsers) -> None:
    """Mixing providers up: RFC 9207."""
    kari = browser()
    for iss in ("https://evil.example", None):
        asked = query_of(await kari.to_callback())
        params = {name: value for name, value in asked.items() if name != "iss"} | (
            {"iss": iss} if iss else {}
        )
        answer = await kari.ask("GET", kari.url("/sign-in/id-porten/callback"), params=params)
        assert answer.status_code == 403
        assert town.issuer not in answer.text


async def test_who_turns_round_at_the_provider_may_choose_again(town: World, browser: Browsers) -> None:
    nobody = browser(None)

    answer = await nobody.sign_in(next=f"/{town.here.slug}/bookings")

    assert answer.status_code == 303
    page = await nobody.ask("GET", str(answer.next_request.url if answer.next_request else ""))
    assert page.status_code == 200
    assert "id-porten" in page.text
    assert f'name="next" value="/{town.here.slug}/bookings"' in page.text


async def test_who_is_known_too_loosely_does_not_get_in(town: World, browser: Browsers) -> None:
    before = len(await town.rows(Person))
    answer = await browser(acr=WEAK).sign_in()
    assert answer.status_code == 403
    assert len(await town.rows(Person)) == before


async def test_who_is_known_more_surely_than_asked_gets_in(town: World, browser: Browsers) -> None:
    assert (await browser(acr=HIGH).sign_in()).status_code == 303
    assert (await town.rows(Login))[-1].is_strong


@pytest.mark.parametrize(
    "next_path", ["https://evil.example", "//evil.example", "/\\evil.example", "/\tx", ""]
)
async def test_no_sign_in_leads_away(town: World, browser: Browsers, next_path: str) -> None:
    answer = await browser().sign_in(next=next_path)
    assert answer.headers["location"] == f"/{town.here.slug}/me?next=%2F{town.here.slug}"


async def test_staff_step_up_before_they_use_their_roles(town: World, browser: Browsers) -> None:
    olav = browser()
    await olav.sign_in()
    first = olav.secret
    person_id = (await town.rows(Person))[-1].id
    async with town.database.transaction(town.here.id) as db:
        db.add(RoleGrant(person_id=person_id, role="administrator"))
    api = f"{town.base}/api/{town.here.slug}/facilities"

    told = await olav.ask("POST", api, json={"key": "ny", "name": "Ny hall"})
    assert (told.status_code, told.json()["type"]) == (401, "/problems/step-up-needed")
    page = await olav.ask("GET", olav.url("/requests"))
    assert page.status_code == 401
    assert (
        f'href="/{town.here.slug}/sign-in?next=%2F{town.here.slug}%2Frequests&amp;level=staff"' in page.text
    )
    again = await olav.ask("GET", olav.url("/sign-in"), params={"level": "staff"})
    assert 'name="level" value="staff"' in again.text

    pid = olav.http.cookies["who"].partition(".")[0]
    assert (await olav.sign_in(level="staff")).status_code == 403  # the provider does not know her better
    assert olav.secret == first
    olav.be(pid, HIGH)
    answer = await olav.sign_in(level="staff", next=f"/{town.here.slug}/requests")
    assert answer.status_code == 303
    assert (await olav.ask("GET", olav.url("/requests"))).status_code == 200
    assert olav.secret != first
    thief = browser(None)
    thief.http.cookies.set(f"ledig_{town.here.slug}", first or "", domain="127.0.0.1")
    assert not await thief.at_home()


@pytest.mark.parametrize(
    ("column", "ago", "lasts"),
    [
        ("used_at", timedelta(minutes=119), True),
        ("used_at", timedelta(minutes=121), False),
        ("expires_at", timedelta(minutes=-5), True),
        ("expires_at", timedelta(seconds=1), False),
    ],
)
async def test_a_login_ends_by_itself(
    town: World, browser: Browsers, column: str, ago: timedelta, lasts: bool
) -> None:
    """Two hours after it was last used, twelve after it began."""
    kari = browser()
    await kari.sign_in()
    login = (await town.rows(Login))[-1]
    assert login.expires_at - login.created_at == timedelta(hours=12)
    async with town.database.transaction(town.here.id) as db:
        await db.execute(update(Login).where(Login.id == login.id).values({column: utc_now() - ago}))
    assert await kari.at_home() is lasts


async def test_a_login_of_one_municipality_opens_nothing_in_the_other(town: World, browser: Browsers) -> None:
    kari = browser()
    await kari.sign_in()
    await kari.sign_in(town.there)
    mine = kari.secret or ""
    for secret in (mine, "x" * 43, "", mine[:-1], mine + "x", "\u00e6".encode().decode("latin-1")):
        other = browser(None)
        answer = await other.ask(
            "GET",
            other.url("/me/logins", town.there),
            headers={b"Cookie": f"ledig_{town.there.slug}={secret}".encode("latin-1")},
        )
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers


async def test_a_token_opens_no_door_that_is_for_people(town: World, browser: Browsers) -> None:
    kari = browser()
    await kari.sign_in()
    async with town.database.transaction(town.here.id) as db:
        count = await db.scalar(text("SELECT count(*) FROM login WHERE ended_at IS NULL"))
    answer = await browser(None).ask(
        "POST", kari.url("/me/logins/end-all"), headers={"Authorization": "Bearer ledig_made_up"}
    )
    assert answer.status_code == 401
    async with town.database.transaction(town.here.id) as db:
        assert await db.scalar(text("SELECT count(*) FROM login WHERE ended_at IS NULL")) == count
