"""What pages say about what is free, and how they look and take what people write."""

from tests.web.village import TUESDAY, Reader, Village, links_of, text_of


async def test_the_search_over_all_finds_and_leads_on(village: Village, nobody: Reader) -> None:
    wish = {"text": "idrettshallen", "from_on": str(TUESDAY), "from_time": "18:00", "to_time": "20:00"}
    first = await nobody.get("/search", **wish)
    moved = await nobody.get("/search", **wish, municipality=village.tenant.slug)
    here = await nobody.get(moved.headers["location"])

    assert first.status_code == 200
    assert "hits" in text_of(first)
    assert moved.status_code == 303
    assert moved.headers["location"].startswith(f"{village.base}/search?text=idrettshallen")
    assert "4 hits" in text_of(here)


async def test_the_pool_says_how_many_lanes_are_left(village: Village, kari: Reader) -> None:
    await kari.book(village.pool, quantity="4")
    week = f"{TUESDAY.isocalendar().year}-W{TUESDAY.isocalendar().week:02}"
    page = text_of(await kari.get(village.url(f"/resources/{village.pool}"), week=week))
    refused = await kari.book(village.pool, quantity="3")

    assert "2 of 6" in page
    assert "6 of 6" in page
    assert refused.status_code == 409


async def test_each_municipality_has_its_own_colour(village: Village, nobody: Reader) -> None:
    theme = await nobody.get(village.url("/theme.css"))
    assert theme.headers["content-type"].startswith("text/css")
    assert "--ds-color-accent-base-default:#0062ba" in theme.text


async def test_what_people_write_is_shown_as_they_wrote_it(village: Village, kari: Reader) -> None:
    nasty = "<script>alert('x')</script> & \"Ærlig\""
    booked = await kari.book(village.hall.parts[0], title=nasty)
    for path in (booked.headers["location"], village.url("/bookings")):
        answer = await kari.get(path)
        assert "<script>alert" not in answer.text
        assert nasty in text_of(answer).replace("  ", " ") or "&lt;script&gt;" in answer.text


async def test_a_search_for_a_club_leads_to_the_form_with_the_club_chosen(
    village: Village, nobody: Reader
) -> None:
    await nobody.sign_in("delegate")
    club = str(village.association)
    hits = await nobody.get(village.url("/search"), from_on=str(TUESDAY), association_id=club)
    assert "On behalf of: Øvre IL" in text_of(hits)
    (place, *_), (first, *_) = links_of(hits, r"/resources/[^/]*\?"), links_of(hits, "/book\\?")
    page = await nobody.get(place)
    weeks, booking = links_of(page, r"\?.*week="), links_of(page, "/book\\?")

    assert weeks
    assert len(booking) > 1
    assert all(f"association_id={club}" in link and link.count("?") == 1 for link in [*weeks, *booking])
    for link in (first, booking[0], booking[-1]):
        assert f'<option value="{club}" selected' in (await nobody.get(link)).text


async def test_only_who_acts_for_a_club_is_asked_for_whom_she_searches(
    village: Village, kari: Reader
) -> None:
    own = await kari.get(village.url("/search"), from_on=str(TUESDAY))
    refused = await kari.get(
        village.url("/search"), from_on=str(TUESDAY), association_id=str(village.association)
    )
    wrong = await kari.get(village.url("/search"), from_on=str(TUESDAY), association_id="x")

    assert 'name="association_id"' not in own.text
    assert (refused.status_code, wrong.status_code) == (403, 422)


async def test_the_front_page_asks_a_delegate_for_whom_she_searches(village: Village, nobody: Reader) -> None:
    assert 'name="association_id"' not in (await nobody.get(village.base)).text
    await nobody.sign_in("delegate")
    front = await nobody.get(village.base)
    assert f'<option value="{village.association}"' in front.text
