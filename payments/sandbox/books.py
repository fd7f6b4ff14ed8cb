"""What the stand-in knows: everything by account and id, as JSON, kept in a file where one is named."""

import json
import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from core.spans import utc_now
from payments.sandbox.wire import Json

PLATFORM: Final = ""
"""The account of whoever holds the key; municipalities' accounts are connected to it."""
DAY_SECONDS: Final = 24 * 60 * 60


class Refused(Exception):
    """An error as Stripe tells it: https://docs.stripe.com/api/errors"""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.said: Json = {
            "error": {
                "type": kind,
                "message": message,
                **({} if code is None else {"code": code}),
                **({} if param is None else {"param": param}),
            }
        }


class Books:
    """Objects as the API shows them, and what the API does not show beside them (`_card`)."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self.objects: dict[str, dict[str, Json]] = {}
        """Account → id → object."""
        self.answers: dict[str, Json] = {}
        """Idempotency key → what was asked and answered."""
        self.links: dict[str, Json] = {}
        """Of onboarding, for one use."""
        self.ahead = timedelta(0)
        """How far the clock here is ahead."""
        if file is not None and file.exists():
            kept = json.loads(file.read_bytes())
            self.objects, self.answers, self.links = kept["objects"], kept["answers"], kept["links"]

    def save(self) -> None:
        """Whole or not at all."""
        if self.file is None:
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        draft = self.file.with_name(f"{self.file.name}.draft")
        kept = {"objects": self.objects, "answers": self.answers, "links": self.links}
        draft.write_text(json.dumps(kept))
        draft.replace(self.file)

    def now(self) -> int:
        """Whole seconds, as all of Stripe's times."""
        return int((utc_now() + self.ahead).timestamp())

    def add(self, account: str, prefix: str, kind: str, **members: Any) -> Json:
        """A new object, `cs_test_…`."""
        made: Json = {
            "id": f"{prefix}_{secrets.token_hex(12)}",
            "object": kind,
            "created": self.now(),
            "livemode": False,
            **members,
        }
        self.objects.setdefault(account, {})[made["id"]] = made
        return made

    def one(self, account: str, kind: str, ref: str) -> Json:
        """Of that account: another one's is as if it were not there. Raises Refused."""
        found = self.objects.get(account, {}).get(ref)
        if found is None or found["object"] != kind:
            raise Refused(404, f"No such {kind}: '{ref}'", code="resource_missing", param="id")
        return found

    def all(self, account: str, kind: str) -> Iterator[Json]:
        """The newest first, as in all of Stripe's lists."""
        found = [each for each in self.objects.get(account, {}).values() if each["object"] == kind]
        return reversed(found)

    def accounts(self) -> list[str]:
        return [each["id"] for each in self.all(PLATFORM, "account")]

    def forget_keys(self) -> None:
        """Keys may be pruned after they are 24 hours old: https://docs.stripe.com/api/idempotent_requests"""
        limit = self.now() - DAY_SECONDS
        self.answers = {key: kept for key, kept in self.answers.items() if kept["at"] > limit}


def shown(found: Json) -> Json:
    """Without what is ours alone."""
    return {name: value for name, value in found.items() if not name.startswith("_")}


def paged(found: Iterator[Json], query: Json, url: str) -> Json:
    """A list: https://docs.stripe.com/api/pagination"""
    limit = min(100, max(1, int(query.get("limit", 10))))
    created = query.get("created", {})
    least, most = int(created.get("gte", 0)), int(created.get("lt", 1 << 62))
    wanted = [each for each in found if least <= each["created"] < most]
    if after := query.get("starting_after"):
        ids = [each["id"] for each in wanted]
        wanted = wanted[ids.index(after) + 1 :] if after in ids else []
    return {
        "object": "list",
        "url": url,
        "has_more": len(wanted) > limit,
        "data": [shown(each) for each in wanted[:limit]],
    }
