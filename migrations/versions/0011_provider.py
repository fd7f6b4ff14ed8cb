"""The payment provider: accounts, notices, differences."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import row_security

revision = "0011"
down_revision = "0010"

KEEP_NOTICE = """
CREATE FUNCTION keep_notice(
    a_tenant uuid, a_notice uuid, a_message uuid, a_provider text, a_ref text, a_kind text, an_about text, at timestamptz
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    -- A notice is to be answered fast: one statement instead of four that each wait for the other side. It may no more
    -- than who calls it, and row security holds for the municipality that is named here.
    EXECUTE format('SET LOCAL app.tenant_id = %L', a_tenant);
    WITH kept AS (
        INSERT INTO provider_notice (tenant_id, id, provider, ref, kind, about, received_at)
        VALUES (a_tenant, a_notice, a_provider, a_ref, a_kind, an_about, at)
        ON CONFLICT (tenant_id, provider, ref) DO NOTHING RETURNING id
    )
    INSERT INTO outbox (tenant_id, id, kind, body)
    SELECT a_tenant, a_message, 'NoticeCame', jsonb_build_object('notice_id', kept.id) FROM kept;
    RETURN FOUND;
END $$
"""
KEEP_NOTICE_TYPES = "uuid, uuid, uuid, text, text, text, text, timestamptz"


def upgrade() -> None:
    op.create_table(
        "pay_difference",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("ours_ore", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("theirs_ore", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("explanation", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pay_difference_pkey")),
    )
    op.create_index(
        "pay_difference_open",
        "pay_difference",
        ["tenant_id", "kind", "ref"],
        unique=True,
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "provider_account",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default="wanted", nullable=False),
        sa.Column(
            "wants", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('wanted', 'onboarding', 'active', 'restricted', 'ended')",
            name=op.f("provider_account_state_known"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("provider_account_pkey")),
        sa.UniqueConstraint(
            "tenant_id", "provider", "ref", name=op.f("provider_account_tenant_id_provider_ref_key")
        ),
    )
    op.create_index(
        "provider_account_one",
        "provider_account",
        ["tenant_id", "provider"],
        unique=True,
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.create_table(
        "provider_notice",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), server_default="", nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("worked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("provider_notice_pkey")),
        sa.UniqueConstraint(
            "tenant_id", "provider", "ref", name=op.f("provider_notice_tenant_id_provider_ref_key")
        ),
    )
    op.create_index(
        op.f("provider_notice_tenant_id_received_at_idx"),
        "provider_notice",
        ["tenant_id", "received_at"],
        unique=False,
    )
    row_security.wall("provider_account")
    row_security.show("provider_account", ("tenant_id", "provider", "ref"), "ref IS NOT NULL")
    row_security.wall("provider_notice")
    row_security.wall("pay_difference")
    op.execute(KEEP_NOTICE)
    op.execute(f"REVOKE EXECUTE ON FUNCTION keep_notice({KEEP_NOTICE_TYPES}) FROM PUBLIC")
    op.execute(f'GRANT EXECUTE ON FUNCTION keep_notice({KEEP_NOTICE_TYPES}) TO "{row_security.program()}"')
