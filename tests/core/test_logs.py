"""What looks like a national number or a secret does not get into a log, in a message or in a traceback."""

import logging
import os
import subprocess
import sys
from base64 import urlsafe_b64encode
from uuid import UUID

import pytest

from core.logs import MASK, masked
from tests.conftest import ROOT
from tests.people.signing.numbers import synthetic

NUMBER = synthetic(3)
SECRET = urlsafe_b64encode(bytes(range(200, 232))).decode().rstrip("=")
"""As `secrets.token_urlsafe` would make it."""
SHORT = "-" + SECRET[:21]
"""As it stands in the address of a calendar."""


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"person {NUMBER} is here", f"person {MASK} is here"),
        (f"{NUMBER[:6]} {NUMBER[6:]}", MASK),
        (f'{{"pid": "{NUMBER}"}}', f'{{"pid": "{MASK}"}}'),
        (f"/people?number={NUMBER}&x=1", f"/people?number={MASK}&x=1"),
        (f"wrong: {NUMBER}.", f"wrong: {MASK}."),
        (f"ledig_{SECRET}", MASK),
        ("signed with whsec_2/BIS5v0+gzYtoAw1532+LwXkcPvAxRM549hNsxUKxs=.", f"signed with {MASK}."),
        ("Invalid API Key: sk_test_4eC39HqLyjWDarjt", f"Invalid API Key: {MASK}"),
        ("LEDIG_STRIPE_KEY=rk_live_0123456789 is set", f"LEDIG_STRIPE_KEY={MASK} is set"),
        (f"GET /invitations/{SECRET} failed", f"GET /invitations/{MASK} failed"),
        (f"GET /ical/t/solvik.{SHORT}.ics 200", f"GET /ical/t/{MASK} 200"),
        (f'"/caldav/t/solvik.{SHORT}/events/"', f'"/caldav/t/{MASK}/events/"'),
        (f"webcal://ledig.no/ical/t/solvik.{SHORT}.ics", f"webcal://ledig.no/ical/t/{MASK}"),
        (
            f"r?cid=webcal%3A%2F%2Fx%2Fical%2Ft%2Fsolvik.{SHORT}.ics&x=1",
            f"r?cid=webcal%3A%2F%2Fx%2Fical%2Ft%2F{MASK}&x=1",
        ),
        (f"no such feed: solvik.{SHORT}.ics", f"no such feed: solvik.{MASK}.ics"),
        ("?code=abc&state=xyz&lang=nb", f"?code={MASK}&state={MASK}&lang=nb"),
        ("Authorization: Bearer abc.def", f"Authorization: Bearer {MASK}"),
        ("id_token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", f"id_token {MASK}"),
        ("postgresql://ledig:hunter2@db/ledig", f"postgresql://{MASK}@db/ledig"),
    ],
)
def test_what_tells_is_masked(text: str, kept: str) -> None:
    assert masked(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "GET /api/sandnes/facilities/01a20fa5-d9e5-74c3-8543-409bac11c040 failed, reference 1c2fb81d",
        f"{UUID(int=2**127 + 5)} {UUID(int=2**126 + 12345678901).hex}",
        "call +4790000000 or 51 97 50 00, organisation 964965137, at 1795562000123",
        "2026-11-24T22:36:17+00:00 took 12.34567890123 s, 123456789012 bytes",
        "the_very_long_name_of_a_function_in_a_traceback_of_ours_2",
        'File "/srv/ledig/people/entering.py", line 101, in come_back_with_something',
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "ledig_sandnes",
        "GET /ical/sandnes/resources/01a20fa5-d9e5-74c3-8543-409bac11c040.ics 200, calendar_feeds.subscriptions",
    ],
)
def test_what_tells_nothing_is_kept(text: str) -> None:
    assert masked(text) == text


PROGRAM = """
import logging, sys
logging.getLogger("early").addHandler(logging.StreamHandler())
from core.logs import tell
tell("info")
logging.getLogger("ledig").info("number %s", sys.argv[1])
logging.getLogger("early").warning("number %s", sys.argv[1])
try:
    raise ValueError(sys.argv[1])
except ValueError:
    logging.exception("failed")
"""


def test_a_process_that_tells_masks_tracebacks_and_other_peoples_lines() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, NUMBER],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert NUMBER not in done.stderr
    assert done.stderr.count(MASK) == 4
    assert "INFO ledig number ***" in done.stderr
    assert "ValueError: ***" in done.stderr


def test_masking_is_no_burden(caplog: pytest.LogCaptureFixture) -> None:
    """A line as long as a request may be, of the worst signs, is masked in a moment."""
    with caplog.at_level(logging.INFO):
        for sign in ("a", "0", "aA0-", "ledig_", "code=", "eyJ"):
            assert len(masked(sign * (200_000 // len(sign)))) > 0
