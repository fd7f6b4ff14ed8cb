"""Standard Webhooks, checked against what others compute."""

import base64
import hashlib
import hmac
import subprocess
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendar_feeds.partners.kinds import KINDS, kind_of
from calendar_feeds.partners.retrying import (
    ATTEMPTS,
    FAILING_FOR,
    LONGEST_REST,
    PAUSES,
    pause_after,
    rest_after,
)
from calendar_feeds.partners.schemas import Kind
from calendar_feeds.partners.signing import headers, secret_of, signature


def test_the_published_example() -> None:
    """Of the specification's own libraries: standard-webhooks, libraries/*/tests."""
    body = b'{"test": 2432232314}'
    signed = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.binary(min_size=24, max_size=64), st.binary(max_size=200))
def test_a_receiver_that_follows_the_specification_accepts_it(random: bytes, body: bytes) -> None:
    sent_at = datetime(2026, 11, 28, 12, tzinfo=UTC)
    told = headers([secret_of(random), secret_of(random[::-1])], "msg_1", sent_at, body)
    both = told["webhook-signature"].split(" ")
    content = b".".join([told["webhook-id"].encode(), told["webhook-timestamp"].encode(), body])
    for key, signed in zip((random, random[::-1]), both, strict=True):
        version, _, value = signed.partition(",")
        assert version == "v1"
        assert hmac.compare_digest(base64.b64decode(value), hmac.new(key, content, hashlib.sha256).digest())
    assert told["webhook-timestamp"] == str(int(sent_at.timestamp()))


def test_openssl_computes_the_same() -> None:
    key = bytes(range(32))
    content = b'msg_1.1700000000.{"a":1}'
    done = subprocess.run(
        ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key.hex()}", "-binary"],
        input=content,
        capture_output=True,
        check=True,
    )
    assert signature(secret_of(key), "msg_1", 1700000000, b'{"a":1}') == (
        "v1," + base64.b64encode(done.stdout).decode()
    )


@pytest.mark.parametrize(
    ("thing", "state", "earlier", "kind"),
    [
        ("booking", "held", [], None),
        ("booking", "lapsed", ["held"], None),
        ("booking", "requested", [], "booking.requested"),
        ("booking", "awaiting_payment", ["held"], "booking.requested"),
        ("booking", "confirmed", [], "booking.confirmed"),
        ("booking", "confirmed", ["requested"], "booking.confirmed"),
        ("booking", "confirmed", ["requested", "confirmed"], "booking.changed"),
        ("booking", "elsewhere", ["confirmed"], "booking.left"),
        ("booking", "elsewhere", ["held"], None),
        *(
            ("booking", state, ["held", "confirmed"], "booking.ended")
            for state in ("rejected", "withdrawn", "cancelled", "lapsed", "displaced", "given_back")
        ),
        ("closure", "closed", [], "closure.laid"),
        ("closure", "lifted", ["closed"], "closure.lifted"),
    ],
)
def test_which_change_is_which_news(thing: str, state: str, earlier: list[str], kind: str | None) -> None:
    assert kind_of(thing, state, earlier) == kind


def test_every_kind_can_be_chosen_and_is_described() -> None:
    assert list(get_args(Kind)) == list(KINDS)


def test_a_delivery_is_tried_ten_times_over_three_days_and_given_up() -> None:
    assert [pause_after(n, 0) for n in range(1, ATTEMPTS + 1)] == [*PAUSES, None]
    assert sum(PAUSES, timedelta()) > timedelta(days=3)
    assert sum(PAUSES, timedelta()) * 1.2 < FAILING_FOR


@given(st.integers(1, ATTEMPTS - 1), st.floats(0, 1))
def test_what_failed_together_comes_apart_but_not_far(attempts: int, roll: float) -> None:
    pause = pause_after(attempts, roll)
    assert pause is not None
    assert PAUSES[attempts - 1] <= pause <= PAUSES[attempts - 1] * 1.2


@given(st.integers(1, 10**6))
def test_a_failing_partner_rests_longer_each_time_and_never_for_long(failures: int) -> None:
    assert rest_after(failures) <= rest_after(failures + 1) <= LONGEST_REST
