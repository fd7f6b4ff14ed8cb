"""What is said to a door lock: PUT and DELETE of a code, each of which may be said twice (docs/doors.md)."""

from collections.abc import Collection
from typing import Final

import msgspec

from calendar_feeds.partners.door_codes import Errand
from calendar_feeds.partners.door_rules import Outcome
from core.calling import CallFailed, CallRefused, Limits, Network, call

LIMITS: Final = Limits(patience_seconds=15, connect_seconds=5, body_bytes=64_000)


async def tell_lock(errand: Errand, allow: Collection[Network], *, limits: Limits = LIMITS) -> Outcome:
    """One call, while no transaction is open. Neither code nor secret is in an address or an error."""
    url = f"{errand.address.rstrip('/')}/codes/{errand.code_id}"
    headers = {"Authorization": f"Bearer {errand.secret}", "Content-Type": "application/json"}
    try:
        if errand.valid is None:
            answer = await call("DELETE", url, headers=headers, limits=limits, allow=allow)
        else:
            body = {
                "code": errand.code,
                "valid_from": errand.valid.start,
                "valid_until": errand.valid.end,
                "booking_ref": errand.booking_id,
                "revision": errand.wish,
            }
            answer = await call(
                "PUT", url, headers=headers, body=msgspec.json.encode(body), limits=limits, allow=allow
            )
    except (CallFailed, CallRefused) as no:
        return Outcome(error=no.why)
    return Outcome(status=answer.status)
