"""Messages inside, the municipality's own words, messages out, and ending letters, on pages."""

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import func, select, update

from booking.telling.service import News, post_of, tell
from booking.telling.unsubscribing import token_of
from booking.telling_models import Notice, NoticeText
from core.db import Database
from core.mail import write
from core.mail_models import Letter
from core.outbox_models import OutboxMessage
from core.spans import utc_now
from core.tenants import Tenant
from people.contact import Notice as Wish
from people.models import Person
from tests.booking.telling.reading import SETTINGS
from tests.web.village import Reader, Village, field_of, text_of

FILL = {"title": "Trening", "times": "i morgen, Hall A", "before": "i dag, Hall A", "day": "i morgen"}


@pytest.fixture
async def siri(http: httpx.AsyncClient, village: Village) -> Reader:
    """The administrator, signed in."""
    reader = Reader(http, village)
    await reader.sign_in("admin")
    return reader


async def told(database: Database, village: Village, kind: str = "moved", part: str = "citizen") -> Notice:
    """A message to a figure, who reads English."""
    async with database.transaction(village.tenant.id) as db:
        person_id = village.person(part)
        values = {"email": f"{part}@example.org", "language": "en"}
        await db.execute(update(Person).where(Person.id == person_id).values(**values))
        db.info["settings"] = SETTINGS
        news = News(kind=kind, fill=lambda _: FILL, path="/bookings")
        assert await tell(db, await post_of(db), person_id, news, utc_now())
        latest = select(Notice).where(Notice.person_id == person_id).order_by(Notice.created_at.desc())
        return (await db.scalars(latest.limit(1))).one()


async def unread(database: Database, village: Village) -> int:
    async with database.transaction(village.tenant.id) as db:
        return await db.scalar(select(func.count()).where(Notice.read_at.is_(None))) or 0


# --- messages inside


async def test_the_menu_counts_what_is_new_and_opening_it_reads_it(
    village: Village, kari: Reader, database: Database
) -> None:
    first, _ = await told(database, village), await told(database, village, "reminder")
    await told(database, village, part="neighbour")
    menu = await kari.get(village.url("/"))
    assert "2 unread" in text_of(menu)

    listed = await kari.get(village.url("/messages"))
    assert "Moved: Trening" in text_of(listed)
    assert "Reminder: Trening, i morgen" in text_of(listed)
    opened = await kari.get(village.url(f"/messages/{first.id}"))

    assert "Before, it was:" in text_of(opened)
    assert f'href="{village.url("/bookings")}"' in opened.text
    assert "1 unread" in text_of(opened)
    assert "1 unread" in text_of(await kari.get(village.url(f"/messages/{first.id}")))


async def test_all_can_be_marked_as_read_and_those_of_others_stay(
    village: Village, kari: Reader, database: Database
) -> None:
    await told(database, village)
    hers = await told(database, village, part="neighbour")
    answer = await kari.post(village.url("/messages/read"), {})
    assert answer.headers["location"] == village.url("/messages?done=read")
    page = await kari.get(village.url("/messages"), done="read")
    assert "All messages are marked as read." in text_of(page)
    assert "unread" not in text_of(page)
    assert await unread(database, village) == 1
    assert (await kari.get(village.url(f"/messages/{hers.id}"))).status_code == 404


async def test_many_messages_are_paged(village: Village, kari: Reader, database: Database) -> None:
    for _ in range(26):
        await told(database, village)
    page = await kari.get(village.url("/messages"))
    assert page.text.count("Moved: Trening") == 25
    [url] = re.findall(r'href="([^"]*cursor=[^"]*)"', page.text)
    rest = await kari.get(url.replace("&amp;", "&"))
    assert rest.text.count("Moved: Trening") == 1


async def test_nobody_has_no_messages(village: Village, nobody: Reader) -> None:
    answer = await nobody.get(village.url("/messages"))
    assert answer.status_code == 401
    assert "unread" not in answer.text


# --- the municipality's own words


def form(**other: str) -> dict[str, str]:
    return {
        "kind": "moved",
        "language": "en",
        "version": "0",
        "subject": "New time for {title}",
        "text": "Dear {name},\n\nNow: {times}\n\n{link}",
        "action": "save",
        **other,
    }


async def test_own_words_hold_from_the_next_message_until_they_are_taken_back(
    village: Village, siri: Reader, database: Database
) -> None:
    url = village.url("/staff/texts/edit")
    page = await siri.get(url, kind="moved", language="en")
    assert field_of(page, "subject") == "Moved: {title}"
    saved = await siri.post(url, form())
    assert saved.headers["location"] == village.url("/staff/texts?done=saved")
    assert "own words" in text_of(await siri.get(village.url("/staff/texts")))

    notice = await told(database, village)
    assert notice.subject == "New time for Trening"
    assert notice.text == "Dear Kari Nordmann,\n\nNow: i morgen, Hall A\n"
    assert (await told(database, village, "reminder")).subject == "Reminder: Trening, i morgen"

    again = await siri.get(url, kind="moved", language="en")
    assert field_of(again, "version") == "1"
    assert "Our text" in text_of(again)
    await siri.post(url, form(version="1", action="reset"))
    assert (await told(database, village)).subject == "Moved: Trening"


async def test_a_preview_shows_made_up_data_and_saves_nothing(
    village: Village, siri: Reader, database: Database
) -> None:
    shown = await siri.post(
        village.url("/staff/texts/edit"), form(action="preview", text="{name} & <b>{times}</b>")
    )
    assert shown.status_code == 200
    assert "New time for Training, girls 14" in text_of(shown)
    assert "Kari Nordmann &amp; &lt;b&gt;" in shown.text
    assert field_of(shown, "subject") == "New time for {title}"
    async with database.transaction(village.tenant.id) as db:
        assert await db.scalar(select(func.count(NoticeText.id))) == 0


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("text", "Hei {navn} {deadline}", "{navn}, {deadline} means nothing here"),
        ("subject", "Hei {", "{ means nothing here"),
        ("subject", " ", "at most 200 letters"),
        ("text", "x" * 5001, "at most 5000 letters"),
    ],
)
@pytest.mark.parametrize("action", ["save", "preview"])
async def test_what_means_nothing_is_refused_by_name(
    village: Village, siri: Reader, field: str, text: str, said: str, action: str
) -> None:
    answer = await siri.post(village.url("/staff/texts/edit"), form(**{field: text, "action": action}))
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert f'id="{field}-error"' in answer.text


async def test_a_lost_update_is_told_and_loses_nothing(village: Village, siri: Reader) -> None:
    url = village.url("/staff/texts/edit")
    await siri.post(url, form())
    late = await siri.post(url, form(subject="Another {title}"))
    assert late.status_code == 412
    assert field_of(late, "subject") == "Another {title}"
    assert (await siri.post(url, form(action="reset", version="7"))).status_code == 412
    assert (await siri.post(url, form(kind="nothing"))).status_code == 404
    assert (await siri.get(url, language="sv")).status_code == 404


async def test_of_two_who_write_the_first_words_at_once_one_is_told(village: Village, siri: Reader) -> None:
    url = village.url("/staff/texts/edit")
    sent = [siri.post(url, form(subject=f"{number} {{title}}")) for number in range(4)]
    answers = await asyncio.gather(*sent)
    assert sorted(answer.status_code for answer in answers) == [303, 412, 412, 412]


async def test_only_administrators_write_them(village: Village, ingrid: Reader, kari: Reader) -> None:
    for reader in (ingrid, kari):
        assert (await reader.get(village.url("/staff/texts"))).status_code == 403
        assert (await reader.post(village.url("/staff/texts/edit"), form())).status_code == 403


# --- ending letters


def link(app: Litestar, village: Village, wish: Wish, part: str = "citizen") -> str:
    token = token_of(app.state.vault, village.tenant.id, village.person(part), wish)
    return village.url(f"/unsubscribe/{token}")


async def wishes(database: Database, village: Village) -> list[str]:
    async with database.transaction(village.tenant.id) as db:
        return list(
            await db.scalar(select(Person.notices).where(Person.id == village.person("citizen"))) or []
        )


async def test_following_the_link_ends_nothing_and_the_button_does(
    app: Litestar, village: Village, nobody: Reader, database: Database
) -> None:
    url = link(app, village, "reminder")
    asked = await nobody.get(url)
    assert "No more of these letters?" in text_of(asked)
    assert await wishes(database, village) == ["email", "reminder", "waiting", "digest"]
    done = await nobody.post(url, {})
    assert "You get no more of these letters" in text_of(done)
    assert await wishes(database, village) == ["email", "waiting", "digest"]
    assert "You get no more of these letters" in text_of(await nobody.get(url))


@pytest.mark.parametrize("kind", ["form", "multipart"])
async def test_a_mail_program_ends_them_with_one_click_from_its_own_site(
    app: Litestar, village: Village, http: httpx.AsyncClient, database: Database, kind: str
) -> None:
    """RFC 8058 §3.1: from a server or a page of theirs, without a cookie, as either kind of form."""
    url = link(app, village, "waiting")
    headers = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
    field = {"List-Unsubscribe": "One-Click"}
    sent: dict[str, Any] = (
        {"data": field} if kind == "form" else {"files": {"List-Unsubscribe": (None, "One-Click")}}
    )
    answer = await http.post(url, headers=headers, **sent)
    assert answer.status_code == 200
    assert "waiting" not in await wishes(database, village)
    assert (await http.post(url, headers=headers, **sent)).status_code == 200, "twice is once"


async def test_a_link_that_we_have_not_sealed_ends_nothing(
    app: Litestar, village: Village, stranger: Tenant, nobody: Reader, database: Database
) -> None:
    good = link(app, village, "digest")
    others = token_of(app.state.vault, stranger.id, village.person("citizen"), "digest")
    bad = [good[:-1] + ("A" if good[-1] != "A" else "B"), village.url(f"/unsubscribe/{others}")]
    bad += [village.url(f"/unsubscribe/{text}") for text in ("x", "å" * 50, "A" * 50, good[-50:] + "AAAA")]
    for url in bad:
        assert (await nobody.get(url)).status_code == 404, url
        assert (await nobody.post(url, {})).status_code == 404, url
    assert "digest" in await wishes(database, village)


async def test_the_letter_itself_bears_the_link(village: Village, database: Database) -> None:
    await told(database, village, "reminder")
    await told(database, village, "moved")
    async with database.transaction(village.tenant.id) as db:
        reminder, moved = (await db.scalars(select(Letter).order_by(Letter.created_at, Letter.id))).all()
    assert moved.unsubscribe_url is None
    assert "unsubscribe" not in (moved.html or "") + moved.text
    assert reminder.unsubscribe_url is not None
    assert reminder.unsubscribe_url in reminder.text
    assert reminder.unsubscribe_url in (reminder.html or "")


async def test_links_of_who_has_been_forgotten_lead_nowhere(
    app: Litestar, village: Village, nobody: Reader, database: Database
) -> None:
    url = link(app, village, "reminder")
    async with database.transaction(village.tenant.id) as db:
        await db.execute(
            update(Person)
            .where(Person.id == village.person("citizen"))
            .values(erased_at=utc_now(), notices=[])
        )
    assert (await nobody.get(url)).status_code == 404
    assert (await nobody.post(url, {})).status_code == 404


# --- messages out


async def dead(database: Database, tenant: Tenant, error: str) -> UUID:
    """A letter of which the sending was given up."""
    async with database.transaction(tenant.id) as db:
        letter_id = write(
            db, address="hemmelig@example.org", language="nb", subject="Hemmelig", text="Hemmelig"
        )
        await db.flush()
        statement = (
            update(OutboxMessage)
            .where(OutboxMessage.body["letter_id"].astext == str(letter_id))
            .values(dead_at=utc_now(), last_error=error, attempts=15)
            .returning(OutboxMessage.id)
        )
        return (await db.scalars(statement)).one()


async def is_dead(database: Database, tenant: Tenant, message_id: UUID) -> bool:
    async with database.transaction(tenant.id) as db:
        row = (await db.scalars(select(OutboxMessage).where(OutboxMessage.id == message_id))).one()
        return row.dead_at is not None


async def test_what_was_given_up_is_listed_without_a_word_of_it_and_sent_again(
    village: Village, siri: Reader, database: Database, stranger: Tenant
) -> None:
    error = "SMTPRecipientsRefused: 550 <hemmelig@example.org> unknown, +47 91 23 45 67"
    ids = [await dead(database, village.tenant, error) for _ in range(2)]
    other = await dead(database, stranger, error)
    page = await siri.get(village.url("/staff/messages"))
    said = text_of(page)
    assert "A letter by e-mail" in said
    assert "550" in said
    assert "15 attempts." in said
    assert "emmelig" not in page.text
    assert "91 23" not in page.text
    assert str(other) not in page.text

    url = village.url("/staff/messages/resend")
    assert (await siri.post(url, {"message": str(ids[0])})).status_code == 303
    assert [await is_dead(database, village.tenant, each) for each in ids] == [False, True]
    assert (await siri.post(url, {"message": str(other)})).status_code == 404
    assert (await siri.post(url, {"message": "x"})).status_code == 404
    assert (await siri.post(url, {})).status_code == 303
    assert not await is_dead(database, village.tenant, ids[1])
    assert await is_dead(database, stranger, other), "every municipality sees to its own"


async def test_only_administrators_see_to_them(village: Village, ingrid: Reader) -> None:
    assert (await ingrid.get(village.url("/staff/messages"))).status_code == 403
    assert (await ingrid.post(village.url("/staff/messages/resend"), {})).status_code == 403


async def test_what_was_never_tried_is_sent_when_there_is_a_server(
    village: Village, siri: Reader, database: Database
) -> None:
    async with database.transaction(village.tenant.id) as db:
        await db.flush()
        now = utc_now()
        fresh, old = (
            Letter(address="a@example.org", language="nb", subject="x", text="x"),
            Letter(
                address="a@example.org",
                language="nb",
                subject="x",
                text="x",
                created_at=now - timedelta(days=8),
            ),
        )
        db.add_all([fresh, old])
        waits = write(db, address="a@example.org", language="nb", subject="x", text="x")
    url = village.url("/staff/messages/resend")
    for _ in range(2):
        assert (await siri.post(url, {"what": "left"})).status_code == 303
    async with database.transaction(village.tenant.id) as db:
        bodies = (
            await db.scalars(select(OutboxMessage.body).where(OutboxMessage.kind == "LetterWritten"))
        ).all()
    assert sorted(body["letter_id"] for body in bodies) == sorted([str(fresh.id), str(waits)]), "each once"


# --- the demo


async def test_in_the_demo_letters_are_shown_whole_and_harmless(
    village: Village, nobody: Reader, database: Database
) -> None:
    async with database.transaction(village.tenant.id) as db:
        letter_id = write(
            db,
            address="kari@example.org",
            language="nb",
            subject="Booket",
            text="Hei",
            html="<script>alert(1)</script><p>Hei</p>",
            calendar="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
            unsubscribe_url="https://ledig.example/x",
        )
    page = await nobody.get(village.url("/letters"))
    assert "Booket" in text_of(page)
    assert "alert(1)" not in page.text
    html = await nobody.get(village.url(f"/letters/{letter_id}/html"))
    policy = html.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script-src" not in policy
    assert "allow-" not in policy
    calendar = await nobody.get(village.url(f"/letters/{letter_id}/calendar"))
    assert calendar.headers["content-type"].startswith("text/calendar")
    assert calendar.headers["content-disposition"] == 'attachment; filename="booking.ics"'
    assert calendar.content == b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    assert (await nobody.get(village.url(f"/letters/{village.room}/html"))).status_code == 404
