"""Files of an import, read without a database: what they say, and what is wrong in them."""

import pytest

from resources.import_files import ImportRefused, Plan, lines_of, read_files, weekdays


def refused(**files: str | bytes) -> list[str]:
    with pytest.raises(ImportRefused) as caught:
        read(**files)
    return [str(problem) for problem in caught.value.problems]


def read(**files: str | bytes) -> Plan:
    return read_files(
        {
            name.replace("__", "."): content if isinstance(content, bytes) else content.encode()
            for name, content in files.items()
        }
    )


def test_json_is_taken_apart() -> None:
    plan = read(
        places__json="""{"facilities": [{"key": "hall", "name": "Hallen",
            "units": [{"key": "a", "name": "A"}],
            "resources": [{"key": "sal", "name": "Sal", "kind": "gym", "units": ["a"], "opening": []}],
            "opening": [{"weekday": "mon-fri", "opens": "08:00", "closes": "24:00"}]}],
          "school_holidays": [{"name": "Jul", "from_on": "2026-12-21", "until_on": "2027-01-01"}],
          "limits": [{"holder": "person", "kind": "active_bookings", "value": 3}],
          "weekly": [{"facility": "hall", "resource": "sal", "association": "Viking", "weekday": "tue",
             "start": "17:00", "end": "18:00", "from_on": "2026-08-17", "until_on": "2027-06-20"}]}"""
    )

    assert [record.row.key for record in plan.facilities] == ["hall"]
    assert [(record.row.facility, record.row.key) for record in plan.units] == [("hall", "a")]
    assert [(record.row.facility, record.row.units) for record in plan.resources] == [("hall", ["a"])]
    assert [(record.row.facility, record.row.resource) for record in plan.openings] == [("hall", None)]
    assert plan.closed_always == [("hall", "sal")]
    assert (len(plan.school_holidays), len(plan.limits), len(plan.weekly)) == (1, 1, 1)
    assert plan.resources[0].given == {"facility", "key", "name", "kind", "units"}


@pytest.mark.parametrize("separator", [",", ";"])
def test_csv_reads_numbers_lists_languages_and_empty_cells(separator: str) -> None:
    rows = [
        "facility,key,name,kind,units,min_minutes,request_holds,people,description_nn,terms_version,terms_nb",
        "hall,sal,Sal å,gym,a|b,60,false,,Ein sal,1,Rydd etter deg",
        "",
    ]

    (record,) = read(resources__csv="\ufeff" + "\r\n".join(rows).replace(",", separator)).resources

    assert (record.row.units, record.row.min_minutes, record.row.request_holds) == (["a", "b"], 60, False)
    assert (record.row.people, record.row.description.nn) == (None, "Ein sal")
    assert record.row.terms is not None
    assert (record.row.terms.version, record.row.terms.nb) == ("1", "Rydd etter deg")
    assert "people" not in record.given


def test_everything_wrong_is_told_at_once_with_file_line_and_field() -> None:
    problems = refused(
        resources__csv="facility,key,name,kind,units,min_minutes\nhall,sal,Sal,gym,a,x\nhall,Sal 2,,gym,a,60\n",
        places__json='{"facilities": [\n{"key": "hall",\n "nam": "Hallen"}],\n "foo": 1}',
        limits__csv="holder,kind,wert\n",
        other__csv="a,b\n",
        units__csv="facility,key,name\nhall,a,Sal \xe6".encode("latin-1"),
    )

    assert problems == [
        "resources.csv line 2, field min_minutes: 'x'; expected `int`, got `str`",
        "resources.csv line 3, field key: 'Sal 2'; expected a word of a-z, 0-9, - and _, a letter first",
        "resources.csv line 3, field name: a value",
        "places.json line 2, field name: a value",
        (
            "places.json line 3, field nam: one of key, name, description, address, postcode, town, latitude,"
            " longitude, accessibility, pictures, closed_on_public_holidays, closed_in_school_holidays, published_from,"
            " published_until"
        ),
        "places.json line 4, field foo: one of facilities, school_holidays, limits, weekly",
        "limits.csv line 1, field wert: a column named as one of facility, holder, kind, resource, value",
        (
            "other.csv line 1, field file: a file named as one of facilities.csv, units.csv, resources.csv, "
            "openings.csv, school_holidays.csv, limits.csv, weekly.csv"
        ),
        "units.csv line 2, field file: text in UTF-8",
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "a.json line 1, field file: JSON"),
        ("[]", "a.json line 1, field file: an object with lists"),
        ('{"facilities":\n\n 3}', "a.json line 3, field facilities: a list"),
        ('{"facilities": [\n{"key": "a", "name": "A"},\n 7]}', "a.json line 3, field facilities: an object"),
        (
            '{"limits": [{"holder": "dog", "kind": "active_bookings", "value": 1}]}',
            "field holder: 'dog'; invalid enum",
        ),
        ('{"facilities": [{"key": "a", "name": "A\\u0000"}]}', "field name:"),
        (
            '{"facilities": [{"key": "a", "name": "A", "units": [{"facility": "b", "key": "c", "name": "C"}]}]}',
            "field facility: nothing",
        ),
        ("{" * 5000, "field file: JSON"),
    ],
)
def test_what_is_no_import_is_refused_kindly(content: str, problem: str) -> None:
    assert problem in refused(a__json=content)[0]


@pytest.mark.parametrize(
    ("words", "days"),
    [("mon", [1]), ("mon-fri", [1, 2, 3, 4, 5]), ("sat-mon", [6, 7, 1]), ("sun-sun", [7])],
)
def test_weekdays(words: str, days: list[int]) -> None:
    assert weekdays(words) == days


def test_every_value_of_a_json_text_has_its_line() -> None:
    text = '{"a": [\n1, {"b": "x,]}\\"",\n "c": [[], {}]}\n],\n"d": null}'
    assert lines_of(text) == {
        (): 1,
        ("a",): 1,
        ("a", 0): 2,
        ("a", 1): 2,
        ("a", 1, "b"): 2,
        ("a", 1, "c"): 3,
        ("a", 1, "c", 0): 3,
        ("a", 1, "c", 1): 3,
        ("d",): 5,
    }
