"""Prices set on pages: a tariff, its trial, articles, what is kept; what is typed wrong is told at its field."""

import re

from httpx import AsyncClient

from tests.web.village import TUESDAY, Reader, Village, field_of, text_of

LINE = {
    "kind": "base",
    "text_nb": "Idrettshall",
    "unit": "hour",
    "price": "600",
    "vat_code": "full",
    "includes_vat": "yes",
    "per_place": "yes",
    "payment": "invoice",
    "step": "save",
}


async def siri(http: AsyncClient, village: Village) -> Reader:
    reader = Reader(http, village)
    await reader.sign_in("admin")
    return reader


async def made(reader: Reader, village: Village) -> str:
    """The path of a new tariff."""
    answer = await reader.post(village.url("/staff/tariffs/new"), {"key": "haller", "name_nb": "Haller"})
    assert answer.status_code == 303, text_of(answer)
    return answer.headers["location"]


async def test_a_tariff_is_made_tried_moved_renewed_and_ended(http: AsyncClient, village: Village) -> None:
    admin = await siri(http, village)
    path = await made(admin, village)
    evening = {**LINE, "from": "16:00", "until": "00:00", "price": "800,50", "day-2": "yes"}
    for version, line in enumerate((LINE, evening), 1):
        answer = await admin.post(f"{path}/lines/new", {**line, "version": str(version)})
        assert answer.status_code == 303, text_of(answer)
    trial = f"{path}?on={TUESDAY}&try_from=18:00&try_until=19:30&group=resident&usage=ordinary"
    assert "NOK 900" in text_of(await admin.get(trial))  # the first line fits always

    up = await admin.post(f"{path}/lines/2", {**evening, "step": "up", "version": "3"})
    assert up.status_code == 303
    tried = text_of(await admin.get(trial))
    assert "NOK 1,200.75" in tried
    assert "Of it VAT: NOK 240.15" in tried

    settings = {
        "name_nb": "Haller 2027", "version": "4", "place-new": f"facility:{village.hall.facility_id}",
        "hours-1-0-from": "08:00", "hours-1-0-until": "22:00",
    }  # fmt: skip
    assert (await admin.post(f"{path}/settings", settings)).status_code == 303
    shown = await admin.get(f"{path}/settings")
    assert field_of(shown, "hours-1-0-until") == "22:00"
    assert f"facility:{village.hall.facility_id}" in shown.text

    renewed = await admin.post(
        f"{path}/renew",
        {"renew_from": "2090-01-01", "renew_change": "10", "round_to": "krone", "version": "5"},
    )
    assert renewed.status_code == 303, text_of(renewed)
    assert "NOK 660" in text_of(await admin.get(path))
    removed = await admin.post(f"{path}/lines/1", {"step": "remove", "version": "6"})
    assert removed.status_code == 303
    assert (await admin.post(f"{path}/end", {"version": "7"})).status_code == 303
    assert "This tariff has ended" in text_of(await admin.get(path))
    assert "Haller 2027" in text_of(await admin.get(village.url("/staff/tariffs?ended=yes")))


async def test_what_is_typed_wrong_is_told_at_its_field_and_stays(
    http: AsyncClient, village: Village
) -> None:
    admin = await siri(http, village)
    path = await made(admin, village)
    for field, value, said in (
        ("price", "seks hundre", "Write an amount in kroner"),
        ("text_nb", "", "Write what it is in at least one language"),
        ("until", "07:00", "later than the one before"),
        ("valid_from", "2026-02-30", "Write a day that exists"),
    ):
        wrong = {**LINE, "from": "08:00", "payment": "online", "version": "1", field: value}
        answer = await admin.post(f"{path}/lines/new", wrong)
        assert answer.status_code == 422, field
        assert said in text_of(answer)
        assert f'id="{field}-error"' in answer.text
        assert field_of(answer, "from") == "08:00"
    exempt = await admin.post(f"{path}/lines/new", {**LINE, "vat_code": "exempt", "version": "1"})
    assert "Write why it is exempt" in text_of(exempt)
    again = await admin.post(village.url("/staff/tariffs/new"), {"key": "haller", "name_nb": "Ny"})
    assert again.status_code == 409
    assert field_of(again, "name_nb") == "Ny"
    late = await admin.post(f"{path}/lines/new", {**LINE, "version": "9"})
    assert late.status_code == 412
    nowhere = await admin.get(f"{path}?on=2026-11-31&try_from=18:00&try_until=19:00")
    assert "Write a day and times that exist" in text_of(nowhere)


async def test_articles_are_added_changed_and_offered_no_more(http: AsyncClient, village: Village) -> None:
    admin, path = await siri(http, village), village.url("/staff/articles")
    chairs = {
        "key": "chairs", "name_nb": "Stoler", "kind": "article", "unit": "piece", "price": "10", "stock": "60",
        "max_quantity": "60", "vat_code": "full", "includes_vat": "yes",
        "place": f"facility:{village.hall.facility_id}",
    }  # fmt: skip
    wrong = await admin.post(f"{path}/new", {**chairs, "stock": "mange"})
    assert wrong.status_code == 422
    assert 'id="stock-error"' in wrong.text
    assert (await admin.post(f"{path}/new", chairs)).status_code == 303
    listed = await admin.get(path)
    assert "60 in stock" in text_of(listed)
    (one,) = re.findall(rf'href="({path}/[0-9a-f-]{{36}})"', listed.text)
    assert field_of(await admin.get(one), "price") == "10"
    assert (await admin.post(one, {**chairs, "price": "12.50", "version": "1"})).status_code == 303
    assert field_of(await admin.get(one), "price") == "12.50"
    assert (await admin.post(f"{one}/end", {"version": "2"})).status_code == 303
    assert "Offered no more" in text_of(await admin.get(path))


async def test_what_is_kept_is_set_for_a_place_and_read_by_everybody(
    http: AsyncClient, village: Village
) -> None:
    admin, path = await siri(http, village), village.url("/staff/cancel-tiers")
    place = f"resource:{village.hall.whole}"
    wrong = await admin.post(path, {"place": place, "tier-0-hours": "en dag", "tier-0-percent": "50"})
    assert wrong.status_code == 422
    done = await admin.post(path, {"place": place, "tier-0-hours": "48", "tier-0-percent": "50"})
    assert done.status_code == 303
    shown = await admin.get(f"{path}?place={place}")
    assert field_of(shown, "tier-0-hours") == "48"
    assert "50" in text_of(shown)
    terms = await admin.post(f"{path}/pay-terms", {"pay_minutes": "60", "pay_hours": "0", "version": "0"})
    assert terms.status_code == 422
    assert (
        await admin.post(f"{path}/pay-terms", {"pay_minutes": "60", "pay_hours": "24", "version": "0"})
    ).status_code == 303
    assert field_of(await admin.get(path), "pay_minutes") == "60"
