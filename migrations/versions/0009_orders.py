"""Orders and their lines, checkouts, payments and refunds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import row_security

revision = "0009"
down_revision = "0008"

# What is issued has gone out into the world. Only how much of it later credits take back, and with which export it
# went, is written on it afterwards; and when the books need it no more (bokføringsloven § 13: five years from the end
# of the year), who the customer was is emptied.
KEEPS = """
CREATE FUNCTION pay_order_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE may text[] := '{credited_ore,export_id,version}';
BEGIN
    IF NEW.customer = '{}' AND coalesce(OLD.issued_at, OLD.created_at) < now() - interval '5 years' THEN
        may := may || '{customer,reference,reason}';
    END IF;
    IF OLD.state <> 'open' AND to_jsonb(OLD) - may IS DISTINCT FROM to_jsonb(NEW) - may THEN
        RAISE EXCEPTION 'an issued order never changes'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pay_order_immutable', TABLE = 'pay_order';
    END IF;
    RETURN NEW;
END $$
"""
LINES_KEEP = """
CREATE FUNCTION order_line_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE line order_line := coalesce(NEW, OLD);
BEGIN
    IF EXISTS (
        SELECT FROM pay_order o WHERE o.tenant_id = line.tenant_id AND o.id = line.order_id AND o.state <> 'open'
    ) THEN
        RAISE EXCEPTION 'the lines of an issued order never change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_line_immutable', TABLE = 'order_line';
    END IF;
    RETURN line;
END $$
"""
ADDS_UP = """
CREATE FUNCTION pay_order_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM order_line l WHERE l.tenant_id = NEW.tenant_id AND l.order_id = NEW.id
        HAVING count(*) > 0 AND sum(l.net_ore) = NEW.net_ore AND sum(l.vat_ore) = NEW.vat_ore
            AND sum(l.gross_ore) = NEW.gross_ore
    ) THEN
        RAISE EXCEPTION 'the lines do not add up to the order'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pay_order_lines_add_up', TABLE = 'pay_order';
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "number_series",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("next_number", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("number_series_pkey")),
        sa.UniqueConstraint("tenant_id", "kind", name=op.f("number_series_tenant_id_kind_key")),
    )
    op.create_table(
        "pay_order",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("payment", sa.Text(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("association_id", sa.Uuid(), nullable=True),
        sa.Column("credits_id", sa.Uuid(), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("net_ore", sa.BigInteger(), nullable=False),
        sa.Column("vat_ore", sa.BigInteger(), nullable=False),
        sa.Column("gross_ore", sa.BigInteger(), nullable=False),
        sa.Column("credited_ore", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("language", sa.Text(), server_default="nb", nullable=False),
        sa.Column(
            "seller", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "customer",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("kid", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("export_id", sa.Uuid(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "(kind = 'credit') = (credits_id IS NOT NULL)", name=op.f("pay_order_credits_something")
        ),
        sa.CheckConstraint(
            "(state = 'issued') = (issued_at IS NOT NULL)", name=op.f("pay_order_issued_is_dated")
        ),
        sa.CheckConstraint(
            "(state = 'issued') = (number IS NOT NULL)", name=op.f("pay_order_issued_is_numbered")
        ),
        sa.CheckConstraint("kind IN ('receipt', 'invoice', 'credit')", name=op.f("pay_order_kind_known")),
        sa.CheckConstraint(
            "payment IN ('online', 'invoice', 'internal')", name=op.f("pay_order_payment_known")
        ),
        sa.CheckConstraint("state IN ('open', 'issued', 'void')", name=op.f("pay_order_state_known")),
        sa.CheckConstraint("credited_ore BETWEEN 0 AND gross_ore", name=op.f("pay_order_not_over_credited")),
        sa.CheckConstraint("gross_ore >= 0", name=op.f("pay_order_not_negative")),
        sa.CheckConstraint("net_ore + vat_ore = gross_ore", name=op.f("pay_order_adds_up")),
        sa.CheckConstraint(
            "person_id IS NOT NULL OR association_id IS NOT NULL", name=op.f("pay_order_is_somebodys")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "application_id"],
            ["application.tenant_id", "application.id"],
            name=op.f("pay_order_application_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "association_id"],
            ["association.tenant_id", "association.id"],
            name=op.f("pay_order_association_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "credits_id"],
            ["pay_order.tenant_id", "pay_order.id"],
            name=op.f("pay_order_credits_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("pay_order_person_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pay_order_pkey")),
        sa.UniqueConstraint("tenant_id", "kind", "number", name=op.f("pay_order_tenant_id_kind_number_key")),
    )
    op.create_index(
        op.f("pay_order_tenant_id_application_id_idx"),
        "pay_order",
        ["tenant_id", "application_id"],
        unique=False,
    )
    op.create_index(
        op.f("pay_order_tenant_id_association_id_created_at_idx"),
        "pay_order",
        ["tenant_id", "association_id", "created_at"],
        unique=False,
    )
    op.create_index(
        op.f("pay_order_tenant_id_created_at_idx"), "pay_order", ["tenant_id", "created_at"], unique=False
    )
    op.create_index(
        op.f("pay_order_tenant_id_issued_at_idx"), "pay_order", ["tenant_id", "issued_at"], unique=False
    )
    op.create_index(
        op.f("pay_order_tenant_id_credits_id_idx"), "pay_order", ["tenant_id", "credits_id"], unique=False
    )
    op.create_index(
        op.f("pay_order_tenant_id_person_id_created_at_idx"),
        "pay_order",
        ["tenant_id", "person_id", "created_at"],
        unique=False,
    )
    op.create_index(
        op.f("pay_order_tenant_id_run_id_idx"), "pay_order", ["tenant_id", "run_id"], unique=False
    )
    op.create_index(
        "pay_order_to_export_idx",
        "pay_order",
        ["tenant_id", "issued_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'issued' AND export_id IS NULL"),
    )
    op.create_table(
        "checkout",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="wanted", nullable=False),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("amount_ore", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('wanted', 'open', 'paid', 'ended')", name=op.f("checkout_state_known")),
        sa.CheckConstraint("amount_ore > 0", name=op.f("checkout_amount_sane")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["pay_order.tenant_id", "pay_order.id"],
            name=op.f("checkout_order_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("checkout_pkey")),
        sa.UniqueConstraint(
            "tenant_id", "order_id", "attempt", name=op.f("checkout_tenant_id_order_id_attempt_key")
        ),
        sa.UniqueConstraint("tenant_id", "provider", "ref", name=op.f("checkout_tenant_id_provider_ref_key")),
    )
    op.create_table(
        "order_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("quantity_milli", sa.BigInteger(), nullable=False),
        sa.Column("unit_ore", sa.BigInteger(), nullable=False),
        sa.Column("vat_code", sa.Text(), nullable=False),
        sa.Column("vat_rate", sa.Integer(), nullable=False),
        sa.Column("vat_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("net_ore", sa.BigInteger(), nullable=False),
        sa.Column("vat_ore", sa.BigInteger(), nullable=False),
        sa.Column("gross_ore", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "account", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.CheckConstraint(
            "vat_code IN ('exempt', 'zero', 'low', 'middle', 'full')", name=op.f("order_line_vat_known")
        ),
        sa.CheckConstraint("net_ore + vat_ore = gross_ore", name=op.f("order_line_adds_up")),
        sa.CheckConstraint("vat_rate BETWEEN 0 AND 10000", name=op.f("order_line_rate_sane")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "booking_id"],
            ["booking.tenant_id", "booking.id"],
            name=op.f("order_line_booking_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["pay_order.tenant_id", "pay_order.id"],
            name=op.f("order_line_order_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("order_line_pkey")),
        sa.UniqueConstraint(
            "tenant_id", "order_id", "position", name=op.f("order_line_tenant_id_order_id_position_key")
        ),
    )
    op.create_index(
        op.f("order_line_tenant_id_booking_id_idx"), "order_line", ["tenant_id", "booking_id"], unique=False
    )
    op.create_table(
        "payment",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("checkout_id", sa.Uuid(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("amount_ore", sa.BigInteger(), nullable=False),
        sa.Column("refunded_ore", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("dispute", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint("amount_ore > 0", name=op.f("payment_amount_sane")),
        sa.CheckConstraint("refunded_ore BETWEEN 0 AND amount_ore", name=op.f("payment_not_over_refunded")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "checkout_id"],
            ["checkout.tenant_id", "checkout.id"],
            name=op.f("payment_checkout_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["pay_order.tenant_id", "pay_order.id"],
            name=op.f("payment_order_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("payment_pkey")),
        sa.UniqueConstraint("tenant_id", "provider", "ref", name=op.f("payment_tenant_id_provider_ref_key")),
    )
    op.create_index(
        op.f("payment_tenant_id_captured_at_idx"), "payment", ["tenant_id", "captured_at"], unique=False
    )
    op.create_index(
        op.f("payment_tenant_id_order_id_idx"), "payment", ["tenant_id", "order_id"], unique=False
    )
    op.create_table(
        "refund",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("credit_id", sa.Uuid(), nullable=True),
        sa.Column("amount_ore", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="wanted", nullable=False),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('wanted', 'sent', 'done', 'failed')", name=op.f("refund_state_known")),
        sa.CheckConstraint("amount_ore > 0", name=op.f("refund_amount_sane")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "credit_id"],
            ["pay_order.tenant_id", "pay_order.id"],
            name=op.f("refund_credit_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payment_id"],
            ["payment.tenant_id", "payment.id"],
            name=op.f("refund_payment_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("refund_pkey")),
        sa.UniqueConstraint("tenant_id", "ref", name=op.f("refund_tenant_id_ref_key")),
    )
    op.create_index(
        "refund_pending_idx",
        "refund",
        ["tenant_id", "created_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('wanted', 'sent')"),
    )
    op.create_index(
        op.f("refund_tenant_id_credit_id_idx"), "refund", ["tenant_id", "credit_id"], unique=False
    )
    op.create_index(
        op.f("refund_tenant_id_payment_id_idx"), "refund", ["tenant_id", "payment_id"], unique=False
    )
    op.create_table(
        "deposit",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("given_ore", sa.BigInteger(), nullable=False),
        sa.Column("kept_ore", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("given_ore >= 0 AND kept_ore >= 0", name=op.f("deposit_not_negative")),
        sa.CheckConstraint("(kept_ore > 0) <= (reason <> '')", name=op.f("deposit_kept_for_a_reason")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "booking_id"],
            ["booking.tenant_id", "booking.id"],
            name=op.f("deposit_booking_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("deposit_pkey")),
        sa.UniqueConstraint("tenant_id", "booking_id", name=op.f("deposit_tenant_id_booking_id_key")),
    )
    op.execute(KEEPS)
    op.execute(
        "CREATE TRIGGER pay_order_immutable BEFORE UPDATE ON pay_order FOR EACH ROW EXECUTE FUNCTION pay_order_immutable()"
    )
    op.execute(LINES_KEEP)
    op.execute(
        "CREATE TRIGGER order_line_immutable BEFORE INSERT OR UPDATE OR DELETE ON order_line"
        " FOR EACH ROW EXECUTE FUNCTION order_line_immutable()"
    )
    op.execute(ADDS_UP)
    op.execute(
        "CREATE CONSTRAINT TRIGGER pay_order_lines_add_up AFTER INSERT OR UPDATE ON pay_order"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'issued') EXECUTE FUNCTION pay_order_adds_up()"
    )
    row_security.wall("pay_order")
    row_security.wall("order_line", may="SELECT, INSERT, UPDATE, DELETE")
    row_security.wall("number_series")
    row_security.wall("checkout")
    row_security.wall("payment")
    row_security.wall("refund")
    row_security.wall("deposit")
