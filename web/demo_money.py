"""Money in the demo: Sandnes and Sola have accounts with the payment sandbox, so that one can pay there."""

from collections.abc import Mapping
from typing import Final

from core.db import Database
from core.spans import utc_now
from payments import accounts, provider_queries
from payments.gateway import NAME
from payments.provider import Account
from payments.provider_models import ProviderAccount
from web.demo_people import demo_id, municipalities

ACCOUNTS: Final[Mapping[str, str]] = {"sandnes": "acct_demo_sandnes", "sola": "acct_demo_sola"}
"""Municipality → its account there."""


async def connect(program_url: str) -> None:
    """Where there is none yet; from then on what should be paid online can be."""
    now, database = utc_now(), Database(program_url, pool_size=1)
    try:
        for each in municipalities():
            if each.slug in ACCOUNTS:
                async with database.transaction(each.tenant_id) as db:
                    row_id = demo_id(each.slug, "provider_account", NAME)
                    row = ProviderAccount(id=row_id, provider=NAME, state="wanted", created_at=now)
                    if await provider_queries.make_account(db, row):
                        await accounts.note(db, NAME, Account(ref=ACCOUNTS[each.slug], state="active"), now)
    finally:
        await database.close()
