"""Accounts are inherited part by part."""

from core.ids import new_id
from payments.invoicing.account_rules import Code, account_of

HALL, ROOM = new_id(), new_id()
CODES = [
    Code(account="16000", department="100"),
    Code(facility_id=HALL, department="310"),
    Code(resource_id=ROOM, project="P1"),
    Code(article="cleaning", account="16200", product="VASK"),
]


def test_a_resource_takes_the_rest_from_its_facility_and_municipality() -> None:
    found = account_of(CODES, facility_id=HALL, resource_id=ROOM, article=None)
    assert found == {"account": "16000", "department": "310", "project": "P1"}


def test_an_article_is_narrower_than_the_place() -> None:
    found = account_of(CODES, facility_id=HALL, resource_id=ROOM, article="cleaning")
    assert found == {"account": "16200", "department": "310", "project": "P1", "product": "VASK"}


def test_elsewhere_only_the_municipalitys_own_word_stands() -> None:
    found = account_of(CODES, facility_id=new_id(), resource_id=new_id(), article="key")
    assert found == {"account": "16000", "department": "100"}


def test_nothing_said_is_nothing() -> None:
    assert account_of([], facility_id=HALL, resource_id=ROOM, article="x") == {}
