"""Whether what is to be paid online can be: told by the room of payments, and used by every price."""

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from resources.tariff_models import PayTerms


async def open_online(db: AsyncSession, *, is_open: bool) -> None:
    """From now on; what has been priced stays."""
    if not is_open:
        await db.execute(update(PayTerms).where(PayTerms.online_open).values(online_open=False))
        return
    asked = insert(PayTerms).values(tenant_id=db.info["tenant_id"], id=new_id(), online_open=True)
    await db.execute(
        asked.on_conflict_do_update(
            index_elements=[PayTerms.tenant_id],
            set_={"online_open": True},
            where=PayTerms.online_open.is_(False),
        )
    )
