"""What people read: the right language, and dates, times and money as they are written in it."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from core.page import language_links, link
from core.spans import Span
from core.texts import pick_language, texts, wishes

NB, NN, EN = texts("nb"), texts("nn"), texts("en")
TUESDAY = Span(datetime(2026, 11, 24, 17, tzinfo=UTC), datetime(2026, 11, 24, 18, tzinfo=UTC))


def until(hours: float, minutes: int = 0) -> Span:
    return Span(TUESDAY.start, TUESDAY.start + timedelta(hours=hours, minutes=minutes))


@pytest.mark.parametrize(
    ("asked", "cookie", "header", "offered", "picked"),
    [
        ("nn", "nb", "en", ["nb", "nn", "en"], "nn"),
        (None, "en", "nn", ["nb", "nn", "en"], "en"),
        (None, None, "fr, nn;q=0.8, en;q=0.9", ["nb", "nn", "en"], "en"),
        (None, None, "no", ["nn", "nb"], "nb"),
        (None, None, "nb-NO,nb;q=0.9", ["nn", "nb"], "nb"),
        (None, None, None, ["nn", "nb", "en"], "nn"),
        ("klingon", "", "*;q=nonsense", ["nn", "nb"], "nn"),
        ("en", None, None, ["nb", "nn"], "nb"),
        (None, None, None, [], "nb"),
    ],
)
def test_the_language_is_the_first_wish_that_the_municipality_offers(
    asked: str | None, cookie: str | None, header: str | None, offered: list[str], picked: str
) -> None:
    assert pick_language(asked, cookie, header, offered) == picked


def test_a_language_refused_with_zero_is_no_wish() -> None:
    assert wishes("nb;q=0, nn;q=0.5, en") == ["en", "nn"]


def test_a_span_within_a_day() -> None:
    assert NB.span(TUESDAY) == "tirsdag 24. november kl. 18–19"
    assert NN.span(TUESDAY) == "tysdag 24. november kl. 18–19"
    assert EN.span(TUESDAY) == "Tuesday 24 November, 18:00–19:00"
    assert NB.span(until(1, 30), year=True) == "tirsdag 24. november 2026 kl. 18–19.30"


def test_midnight_is_24_and_a_span_over_it_names_both_days() -> None:
    assert NB.times(until(6)) == "kl. 18–24"
    assert EN.times(until(6)) == "18:00–24:00"
    assert NB.span(until(8)) == "tirsdag 24. november kl. 18 – onsdag 25. november kl. 2"


def test_an_hour_that_comes_twice_says_which_it_is() -> None:
    before = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert NB.times(Span(before, before + timedelta(hours=1))) == "kl. 2.30 (sommertid)–2.30 (vintertid)"
    assert NN.instant(before) == "søndag 25. oktober kl. 2.30 (sommartid)"


def test_the_days_of_a_week() -> None:
    assert NB.days(date(2026, 11, 23), date(2026, 11, 29)) == "23.–29. november 2026"
    assert NB.days(date(2026, 11, 30), date(2026, 12, 6)) == "30. november – 6. desember 2026"
    assert EN.days(date(2026, 12, 28), date(2027, 1, 3)) == "28 December 2026 – 3 January 2027"


def test_opening_hours_end_at_24() -> None:
    assert NB.wall(time(8), time(22, 30)) == "8–22.30"
    assert NB.wall(time(8), time(0)) == "8–24"


def test_lengths() -> None:
    assert NB.length(90) == "1 time 30 minutter"
    assert NN.length(timedelta(hours=26)) == "1 døgn 2 timar"
    assert NN.length(30) == "30 minutt"
    assert EN.length(0) == "0 minutes"


def test_money_shows_the_ore_only_when_there_are_any() -> None:
    assert NB.money(65500) == "655 kr"
    assert NB.money(65550) == "655,50 kr"
    assert NB.money(123456700) == "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567 kr"
    assert EN.money(65550) == "NOK 655.50"


def test_things_listed() -> None:
    assert NB.listed([]) == ""
    assert NB.listed(["a"]) == "a"
    assert NN.listed(["a", "b", "c"]) == "a, b og c"


def test_refusals_are_said_in_both_norwegians() -> None:
    assert NB.gettext("The time is taken.") == "Tiden er opptatt."
    assert NN.gettext("The time is taken.") == "Tida er oppteken."
    assert NN.ngettext("%(n)d hour", "%(n)d hours", 2) == "2 timar"


def test_nynorsk_is_no_bokmaal() -> None:
    catalogue = Path("web/locale/nn/LC_MESSAGES/ledig.po").read_text(encoding="utf-8")
    told = " ".join(line for line in catalogue.splitlines() if not line.startswith(("#", "msgid"))).lower()
    words = {word.strip('".,:;!?()«»') for word in told.split()}
    bokmaal = "ikke jeg hva hvor hvem hvilken fra noe mye uke uken bare flere kommuner begynner svarer velg"
    assert not words & set(bokmaal.split())


def test_the_language_links_keep_the_page() -> None:
    links = language_links("/sandnes/search", "text=hall&lang=en&people=", ["nb", "nn"], "nb")
    assert [one.url for one in links] == [
        "/sandnes/search?text=hall&people=&lang=nb",
        "/sandnes/search?text=hall&people=&lang=nn",
    ]
    assert [one.is_current for one in links] == [True, False]


def test_a_link_leaves_out_what_is_empty() -> None:
    assert link("/search", text="hall & bane", people=None, activity="") == "/search?text=hall+%26+bane"
    assert link("/search") == "/search"
