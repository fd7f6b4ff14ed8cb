"""What the open data is, for catalogues such as data.norge.no: DCAT-AP-NO 2, as JSON-LD and as Turtle. Pure.

Sources: https://data.norge.no/specification/dcat-ap-no, https://www.w3.org/TR/vocab-dcat-2/, and the EU's authority
tables that the former asks for.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

from msgspec import Struct

Node = dict[str, Any]
EU: Final = "http://publications.europa.eu/resource/authority/"
PREFIXES: Final[Mapping[str, str]] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "locn": "http://www.w3.org/ns/locn#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
LICENCE: Final = f"{EU}licence/NLOD_2_0"
"""Norsk lisens for offentlige data 2.0, as DCAT-AP-NO wants it named; compatible with CC BY 4.0."""
LANGUAGES: Final = {"nb": "NOB", "nn": "NNO", "en": "ENG"}
MEDIA: Final = {"CSV": "text/csv", "JSON": "application/json", "ICS": "text/calendar"}
REGISTER: Final = "https://data.brreg.no/enhetsregisteret/api/enheter/"


class Publisher(Struct, frozen=True, kw_only=True):
    """The municipality."""

    name: str
    organisation_number: str
    number: str
    languages: Sequence[str]
    home: str
    """Its front page here."""


class Distribution(Struct, frozen=True, kw_only=True):
    """One form in which a data set is to be had."""

    title: str
    url: str
    format: str
    """Of the EU's file types: CSV or JSON."""


class Dataset(Struct, frozen=True, kw_only=True):
    """What there is to have. Texts: language → text."""

    name: str
    """In addresses."""
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    keywords: Mapping[str, Sequence[str]]
    frequency: str
    """Of the EU's frequencies."""
    distributions: Sequence[Distribution]


def catalogue(
    publisher: Publisher,
    datasets: Iterable[Dataset],
    *,
    page: str,
    titles: Mapping[str, str],
    descriptions: Mapping[str, str],
) -> Node:
    """The catalogue as JSON-LD. `page`: the address of the page that explains it."""
    about = [_dataset(each, publisher, page) for each in datasets]
    return {
        "@context": dict(PREFIXES),
        "@id": f"{page}#catalog",
        "@type": "dcat:Catalog",
        "dct:identifier": f"{page}#catalog",
        "dct:title": _texts(titles),
        "dct:description": _texts(descriptions),
        "dct:publisher": _publisher(publisher),
        "dcat:contactPoint": _contact(publisher),
        "dct:license": _ref(LICENCE),
        "dct:language": _languages(publisher),
        "dct:spatial": _place(publisher),
        "foaf:homepage": _ref(page),
        "dcat:dataset": about,
    }


def _dataset(it: Dataset, publisher: Publisher, page: str) -> Node:
    name = f"{page}#{it.name}"
    return {
        "@id": name,
        "@type": "dcat:Dataset",
        "dct:identifier": name,
        "dct:title": _texts(it.titles),
        "dct:description": _texts(it.descriptions),
        "dcat:keyword": [
            {"@value": word, "@language": language}
            for language, words in it.keywords.items()
            for word in words
        ],
        "dct:publisher": _ref(_publisher_id(publisher)),
        "dcat:contactPoint": _contact(publisher),
        "dcat:theme": [_ref(f"{EU}data-theme/EDUC"), _ref(f"{EU}data-theme/GOVE")],
        "dct:accessRights": _ref(f"{EU}access-right/PUBLIC"),
        "dct:accrualPeriodicity": _ref(f"{EU}frequency/{it.frequency}"),
        "dct:language": _languages(publisher),
        "dct:spatial": _place(publisher),
        "dcat:landingPage": _ref(page),
        "dcat:distribution": [_distribution(each, page) for each in it.distributions],
    }


def _distribution(it: Distribution, page: str) -> Node:
    return {
        "@id": it.url,
        "@type": "dcat:Distribution",
        "dct:title": it.title,
        "dcat:accessURL": _ref(it.url),
        "dcat:downloadURL": _ref(it.url),
        "dct:format": _ref(f"{EU}file-type/{it.format}"),
        "dcat:mediaType": _ref(f"https://www.iana.org/assignments/media-types/{MEDIA[it.format]}"),
        "dct:license": _ref(LICENCE),
        "foaf:page": _ref(page),
    }


def _publisher_id(publisher: Publisher) -> str:
    if re.fullmatch(r"[0-9]{9}", publisher.organisation_number):
        return f"{REGISTER}{publisher.organisation_number}"
    return f"{publisher.home}#publisher"


def _publisher(publisher: Publisher) -> Node:
    return {
        "@id": _publisher_id(publisher),
        "@type": "foaf:Agent",
        "dct:identifier": publisher.organisation_number,
        "foaf:name": publisher.name,
        "foaf:homepage": _ref(publisher.home),
    }


def _contact(publisher: Publisher) -> Node:
    return {
        "@type": "vcard:Organization",
        "vcard:fn": publisher.name,
        "vcard:hasURL": _ref(publisher.home),
    }


def _place(publisher: Publisher) -> Node:
    return {
        "@type": "dct:Location",
        "dct:identifier": publisher.number,
        "locn:geographicName": publisher.name,
    }


def _languages(publisher: Publisher) -> list[Node]:
    return [_ref(f"{EU}language/{LANGUAGES[each]}") for each in publisher.languages if each in LANGUAGES]


def _texts(texts: Mapping[str, str]) -> list[Node]:
    return [{"@value": text, "@language": language} for language, text in texts.items()]


def _ref(address: str) -> Node:
    return {"@id": address}


# Turtle (https://www.w3.org/TR/turtle/), of nodes as they are made above.


def turtle_of(node: Node) -> str:
    """The same graph. Nodes with an address stand by themselves, others within."""
    heads: list[str] = []
    _write(node, heads)
    prefixes = [f"@prefix {name}: <{address}> ." for name, address in PREFIXES.items()]
    return "\n".join([*prefixes, "", *heads])


def _write(node: Node, heads: list[str]) -> None:
    place = len(heads)
    heads.append("")
    heads[place] = f"{_address(node['@id'])} {_members(node, heads)} .\n"


def _members(node: Node, heads: list[str]) -> str:
    lines = [f"a {node['@type']}"]
    for name, value in node.items():
        if not name.startswith("@"):
            values = cast("list[Any]", value if isinstance(value, list) else [value])
            if values:
                lines.append(f"{name} {', '.join(_object(each, heads) for each in values)}")
    return " ;\n    ".join(lines)


def _object(value: Any, heads: list[str]) -> str:
    if isinstance(value, str):
        return _literal(value)
    if "@value" in value:
        return f"{_literal(value['@value'])}@{value['@language']}"
    if "@id" not in value:
        return f"[ {_members(value, heads)} ]"
    if "@type" in value:
        _write(value, heads)
    return _address(value["@id"])


def _literal(text: str) -> str:
    """JSON's escapes are among Turtle's."""
    return json.dumps(text, ensure_ascii=False)


def _address(address: str) -> str:
    """What may not stand in one is written as RFC 3986 has it."""
    return "<" + re.sub(r'[\x00-\x20<>"{}|^`\\]', lambda sign: f"%{ord(sign[0]):02X}", address) + ">"
