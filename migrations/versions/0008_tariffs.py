"""Tariffs, articles, what a late cancellation costs, and what a booking owes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import row_security

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "pay_terms",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("online_open", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("pay_minutes", sa.Integer(), server_default=sa.text("45"), nullable=False),
        sa.Column("pay_hours", sa.Integer(), server_default=sa.text("72"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("pay_hours BETWEEN 1 AND 720", name=op.f("pay_terms_hours_sane")),
        sa.CheckConstraint("pay_minutes BETWEEN 31 AND 1440", name=op.f("pay_terms_minutes_sane")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pay_terms_pkey")),
        sa.UniqueConstraint("tenant_id", name=op.f("pay_terms_tenant_id_key")),
    )
    op.create_table(
        "tariff",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "ordinary_hours",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("tariff_pkey")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("tariff_tenant_id_key_key")),
    )
    op.create_table(
        "tariff_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tariff_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="base", nullable=False),
        sa.Column("text", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("customer_groups", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("usages", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("weekdays", sa.ARRAY(sa.SmallInteger()), server_default="{}", nullable=False),
        sa.Column("from_minute", sa.SmallInteger(), nullable=True),
        sa.Column("until_minute", sa.SmallInteger(), nullable=True),
        sa.Column("hours", sa.Text(), server_default="any", nullable=False),
        sa.Column("min_minutes", sa.Integer(), nullable=True),
        sa.Column("max_minutes", sa.Integer(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("price_ore", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("minimum_ore", sa.BigInteger(), nullable=True),
        sa.Column("most_ore", sa.BigInteger(), nullable=True),
        sa.Column("per_place", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("includes_vat", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("vat_code", sa.Text(), nullable=False),
        sa.Column("vat_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("payment", sa.Text(), server_default="invoice", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'discount') = (unit = 'percent')", name=op.f("tariff_line_discount_in_percent")
        ),
        sa.CheckConstraint(
            "(unit = 'percent') = (percent IS NOT NULL)", name=op.f("tariff_line_percent_there")
        ),
        sa.CheckConstraint("hours IN ('any', 'ordinary', 'outside')", name=op.f("tariff_line_hours_known")),
        sa.CheckConstraint("kind IN ('base', 'supplement', 'discount')", name=op.f("tariff_line_kind_known")),
        sa.CheckConstraint(
            "payment IN ('online', 'invoice', 'internal')", name=op.f("tariff_line_payment_known")
        ),
        sa.CheckConstraint(
            "unit IN ('started_hour', 'hour', 'quarter', 'day', 'weekend', 'occasion', 'percent')",
            name=op.f("tariff_line_unit_known"),
        ),
        sa.CheckConstraint("vat_code <> 'exempt' OR vat_reason <> ''", name=op.f("tariff_line_exempt_why")),
        sa.CheckConstraint(
            "vat_code IN ('exempt', 'zero', 'low', 'middle', 'full')", name=op.f("tariff_line_vat_known")
        ),
        sa.CheckConstraint(
            "from_minute BETWEEN 0 AND 1439 AND until_minute BETWEEN 1 AND 1440",
            name=op.f("tariff_line_clock_sane"),
        ),
        sa.CheckConstraint("max_minutes >= min_minutes", name=op.f("tariff_line_length_ordered")),
        sa.CheckConstraint("minimum_ore >= 0 AND most_ore >= 0", name=op.f("tariff_line_ends_sane")),
        sa.CheckConstraint("percent BETWEEN 0 AND 10000", name=op.f("tariff_line_percent_sane")),
        sa.CheckConstraint("price_ore BETWEEN 0 AND 100000000000", name=op.f("tariff_line_price_sane")),
        sa.CheckConstraint("until_minute > from_minute", name=op.f("tariff_line_clock_ordered")),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("tariff_line_validity_ordered")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tariff_id"],
            ["tariff.tenant_id", "tariff.id"],
            name=op.f("tariff_line_tariff_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("tariff_line_pkey")),
        sa.UniqueConstraint(
            "tenant_id", "tariff_id", "position", name=op.f("tariff_line_tenant_id_tariff_id_position_key")
        ),
    )
    op.create_table(
        "article",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "description",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), server_default="article", nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("price_ore", sa.BigInteger(), nullable=False),
        sa.Column("includes_vat", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("vat_code", sa.Text(), nullable=False),
        sa.Column("vat_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("customer_groups", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("is_mandatory", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("max_quantity", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('article', 'deposit')", name=op.f("article_kind_known")),
        sa.CheckConstraint("unit IN ('piece', 'started_hour', 'occasion')", name=op.f("article_unit_known")),
        sa.CheckConstraint("vat_code <> 'exempt' OR vat_reason <> ''", name=op.f("article_exempt_why")),
        sa.CheckConstraint(
            "vat_code IN ('exempt', 'zero', 'low', 'middle', 'full')", name=op.f("article_vat_known")
        ),
        sa.CheckConstraint("facility_id IS NULL OR resource_id IS NULL", name=op.f("article_one_scope")),
        sa.CheckConstraint("max_quantity BETWEEN 1 AND 10000", name=op.f("article_quantity_sane")),
        sa.CheckConstraint("price_ore BETWEEN 0 AND 100000000000", name=op.f("article_price_sane")),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("article_validity_ordered")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("article_facility_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "resource_id"],
            ["resource.tenant_id", "resource.id"],
            name=op.f("article_resource_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_id"], ["unit.tenant_id", "unit.id"], name=op.f("article_unit_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("article_pkey")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("article_tenant_id_key_key")),
    )
    op.create_table(
        "cancel_tier",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("minutes_before", sa.Integer(), nullable=False),
        sa.Column("fee_percent", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("facility_id IS NULL OR resource_id IS NULL", name=op.f("cancel_tier_one_scope")),
        sa.CheckConstraint("fee_percent BETWEEN 0 AND 100", name=op.f("cancel_tier_fee_sane")),
        sa.CheckConstraint("minutes_before BETWEEN 0 AND 527040", name=op.f("cancel_tier_time_sane")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("cancel_tier_facility_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "resource_id"],
            ["resource.tenant_id", "resource.id"],
            name=op.f("cancel_tier_resource_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("cancel_tier_pkey")),
        sa.UniqueConstraint(
            "tenant_id",
            "facility_id",
            "resource_id",
            "minutes_before",
            name=op.f("cancel_tier_tenant_id_facility_id_resource_id_minutes_before_key"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "tariff_place",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tariff_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(facility_id IS NULL) <> (resource_id IS NULL)", name=op.f("tariff_place_one_scope")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("tariff_place_facility_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "resource_id"],
            ["resource.tenant_id", "resource.id"],
            name=op.f("tariff_place_resource_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tariff_id"],
            ["tariff.tenant_id", "tariff.id"],
            name=op.f("tariff_place_tariff_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("tariff_place_pkey")),
        sa.UniqueConstraint("tenant_id", "facility_id", name=op.f("tariff_place_tenant_id_facility_id_key")),
        sa.UniqueConstraint("tenant_id", "resource_id", name=op.f("tariff_place_tenant_id_resource_id_key")),
    )
    op.create_index(
        op.f("tariff_place_tenant_id_tariff_id_idx"), "tariff_place", ["tenant_id", "tariff_id"], unique=False
    )
    op.add_column("application", sa.Column("usage", sa.Text(), server_default="ordinary", nullable=False))
    op.add_column("booking", sa.Column("payment", sa.Text(), nullable=True))
    op.add_column(
        "booking", sa.Column("owed_ore", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column(
        "booking", sa.Column("paid_ore", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.create_index(
        "booking_owed_idx",
        "booking",
        ["tenant_id", "ends_at"],
        unique=False,
        postgresql_where=sa.text("owed_ore > 0"),
    )
    op.create_check_constraint(op.f("booking_money_sane"), "booking", "owed_ore >= 0 AND paid_ore >= 0")
    op.create_check_constraint(
        op.f("booking_payment_known"), "booking", "payment IN ('online', 'invoice', 'internal')"
    )
    op.create_check_constraint(
        op.f("application_usage_known"), "application", "usage IN ('ordinary', 'arrangement', 'commercial')"
    )
    row_security.wall("tariff")
    row_security.wall("tariff_place", may="SELECT, INSERT, UPDATE, DELETE")
    row_security.wall("tariff_line", may="SELECT, INSERT, UPDATE, DELETE")
    row_security.wall("article")
    row_security.wall("cancel_tier", may="SELECT, INSERT, UPDATE, DELETE")
    row_security.wall("pay_terms")
