"""The change log hears of calendars too: another name, other bookings in them."""

import sqlalchemy as sa
from alembic import op

revision = "0005_calendar_changes"
down_revision = "0004"


def upgrade() -> None:
    op.alter_column("change_log", "resource_id", existing_type=sa.Uuid(), nullable=True)
    op.drop_constraint(op.f("change_log_kind_known"), "change_log", type_="check")
    op.create_check_constraint(
        op.f("change_log_kind_known"), "change_log", "kind IN ('booking', 'closure', 'calendar')"
    )
    op.create_check_constraint(
        op.f("change_log_of_a_place"), "change_log", "resource_id IS NOT NULL OR kind = 'calendar'"
    )
