"""What pages say about what is free, and how they look and take what people write."""

from tests.web.village import TUESDAY, Reader, Village, text_of


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
