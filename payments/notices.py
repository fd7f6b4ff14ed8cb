"""Notices of the provider as they come in: whose they are, and that they are kept once."""

from datetime import datetime
from uuid import UUID

from core.asking import Asking
from core.db import Database
from core.ids import new_id
from payments import provider_queries as queries
from payments.provider import Notice


class Owners:
    """Account with the provider → municipality, remembered: it never changes hands.

    Of one that is not known it asks each time, so that one which was connected a moment ago is heard.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[tuple[str, str], UUID] = {}

    async def of(self, provider: str, account: str) -> UUID | None:
        """None: an account that is nobody's here."""
        key = (provider, account)
        if key not in self._known:
            async with self._database.public() as db:
                found = await queries.owner(db, provider, account)
            if found is None:
                return None
            self._known[key] = found
        return self._known[key]


async def keep(asking: Asking, owners: Owners, provider: str, notice: Notice, now: datetime) -> bool:
    """Written down with the message that it came, unless it was here before. False: it is nothing for us.

    Raises Busy.
    """
    if notice.kind == "other" or notice.account is None or not notice.about:
        return False
    tenant_id = await owners.of(provider, notice.account)
    if tenant_id is None:
        return False
    values = {
        "tenant_id": tenant_id,
        "id": new_id(),
        "message_id": new_id(),
        "provider": provider,
        "ref": notice.ref,
        "kind": notice.kind,
        "about": notice.about,
        "now": now,
    }
    await asking.row(queries.KEEP_NOTICE, values)
    return True
