"""Which addresses that people type in lead to the open internet."""

import ipaddress

import pytest

from core.calling import REFUSED, CallRefused, check_url
from core.destinations import is_public


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://kalender.example.no/a.ics", "scheme"),
        ("ftp://kalender.example.no/a.ics", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://kalender.example.no", "scheme"),
        ("kalender.example.no/a.ics", "scheme"),
        ("", "scheme"),
        ("https://", "unreadable"),
        ("https:///a.ics", "unreadable"),
        ("https://kalender.example.no/" + "a" * 2000, "unreadable"),
        ("https://kalender.example.no/a\r\nX: y", "unreadable"),
        ("https://kalender.example.no\\@10.0.0.1/", "unreadable"),
        ("https://kalender example.no/", "unreadable"),
        ("https://-.example.no/", "unreadable"),
        ("https://kari@kalender.example.no/", "userinfo"),
        ("https://kari:secret@kalender.example.no/", "userinfo"),
        ("https://kalender.example.no:22/", "port"),
        ("https://kalender.example.no:80/", "port"),
        ("https://kalender.example.no:70000/", "port"),
        ("https://localhost/", "inside"),
        ("https://LOCALHOST./", "inside"),
        ("https://postgres/", "inside"),
        ("https://printer.local/", "inside"),
        ("https://metadata.google.internal/", "inside"),
        ("https://127.0.0.1/", "inside"),
        ("https://127.1/", "inside"),
        ("https://2130706433/", "inside"),
        ("https://0x7f.0.0.1/", "inside"),
        ("https://0x7f000001/", "inside"),
        ("https://017700000001/", "inside"),
        ("https://[::1]/", "inside"),
        ("https://[::ffff:10.0.0.1]/", "inside"),
        ("https://169.254.169.254/latest/meta-data", "inside"),
        ("https://１２７.0.0.1/", "unreadable"),
        ("https://[fe80::1%25eth0]/", "inside"),
    ],
)
def test_an_address_that_is_not_of_the_open_internet_is_refused(url: str, why: str) -> None:
    with pytest.raises(CallRefused) as refused:
        check_url(url, ())
    assert refused.value.why == why
    assert REFUSED[refused.value.why]
    assert "kari" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "called"),
    [
        ("https://kalender.example.no/a.ics?b=c#d", "https://kalender.example.no/a.ics?b=c"),
        ("HTTPS://Kalender.Example.NO:443/A", "https://kalender.example.no/A"),
        ("https://kalender.example.no:8443/", "https://kalender.example.no:8443/"),
        ("https://bøhall.no/x", "https://xn--bhall-vua.no/x"),
        ("https://93.184.215.14/", "https://93.184.215.14/"),
        ("https://[2606:4700::1]/", "https://[2606:4700::1]/"),
    ],
)
def test_public_addresses_are_read_as_they_are_called(url: str, called: str) -> None:
    assert check_url(url, ()) == called


@pytest.mark.parametrize(
    "inside",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.0.0.1",
        "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
        "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1",
        "::ffff:0:0", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1",
        "2002:7f00:1::", "2002:a00:1::1", "fc00::1", "fd12::1", "fe80::1", "fe80::1%eth0", "2606:4700::1%1", "fec0::1",
        "ff02::1", "ff0e::1", "5f00::1",
    ],
)  # fmt: skip
def test_addresses_of_the_inside_are_known_in_every_dress(inside: str) -> None:
    assert not is_public(ipaddress.ip_address(inside))


@pytest.mark.parametrize(
    "outside",
    ["1.1.1.1", "93.184.215.14", "2606:4700::1", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1"],
)
def test_addresses_of_the_open_internet_are_known(outside: str) -> None:
    assert is_public(ipaddress.ip_address(outside))
