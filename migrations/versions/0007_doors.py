"""Door locks and their codes; what is hidden in a letter."""

import sqlalchemy as sa
from alembic import op

from migrations import row_security

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("letter", sa.Column("hidden", sa.LargeBinary(), nullable=True))
    op.create_table(
        "door_lock",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("under", sa.Text(), nullable=False),
        sa.Column("minutes_before", sa.Integer(), nullable=False),
        sa.Column("minutes_after", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "minutes_before BETWEEN 0 AND 1440 AND minutes_after BETWEEN 0 AND 1440",
            name=op.f("door_lock_margins_sane"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "resource_id"],
            ["resource.tenant_id", "resource.id"],
            name=op.f("door_lock_resource_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("door_lock_pkey")),
    )
    op.create_index(
        "door_lock_one",
        "door_lock",
        ["tenant_id", "resource_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "door_code",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lock_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=True),
        sa.Column("under", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("wish", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('wanted', 'placed', 'withdrawing', 'gone', 'failed')",
            name=op.f("door_code_state_known"),
        ),
        sa.CheckConstraint("valid_from < valid_until", name=op.f("door_code_not_empty")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "booking_id"],
            ["booking.tenant_id", "booking.id"],
            name=op.f("door_code_booking_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lock_id"],
            ["door_lock.tenant_id", "door_lock.id"],
            name=op.f("door_code_lock_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("door_code_pkey")),
        sa.UniqueConstraint(
            "tenant_id", "booking_id", "lock_id", name=op.f("door_code_tenant_id_booking_id_lock_id_key")
        ),
    )
    op.create_index(
        op.f("door_code_tenant_id_lock_id_valid_from_idx"),
        "door_code",
        ["tenant_id", "lock_id", "valid_from"],
        unique=False,
    )
    op.create_index(
        "door_code_due_idx",
        "door_code",
        ["tenant_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    row_security.wall("door_lock", may="SELECT, INSERT, UPDATE, DELETE")
    row_security.wall("door_code", may="SELECT, INSERT, UPDATE, DELETE")
