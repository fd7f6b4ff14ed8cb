"""What stands on invoices, runs, exports and accounts."""

import sqlalchemy as sa
from alembic import op

from migrations import row_security

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "export_run",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="making", nullable=False),
        sa.Column("orders", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("media_type", sa.Text(), server_default="", nullable=False),
        sa.Column("file_name", sa.Text(), server_default="", nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('making', 'made')", name=op.f("export_run_state_known")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("export_run_pkey")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("export_run_tenant_id_number_key")),
    )
    op.create_index(
        op.f("export_run_tenant_id_created_at_idx"), "export_run", ["tenant_id", "created_at"], unique=False
    )
    op.create_table(
        "invoice_run",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), server_default="gathering", nullable=False),
        sa.Column("found", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issued_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "state IN ('gathering', 'drafted', 'issuing', 'issued', 'void')",
            name=op.f("invoice_run_state_known"),
        ),
        sa.CheckConstraint("until_on >= from_on", name=op.f("invoice_run_ordered")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("invoice_run_pkey")),
    )
    op.create_index(
        op.f("invoice_run_tenant_id_created_at_idx"), "invoice_run", ["tenant_id", "created_at"], unique=False
    )
    op.create_table(
        "invoice_terms",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_name", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("postcode", sa.Text(), server_default="", nullable=False),
        sa.Column("town", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("vat_registered", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("bank_account", sa.Text(), server_default="", nullable=False),
        sa.Column("kid_prefix", sa.Text(), server_default="", nullable=False),
        sa.Column("kid_length", sa.Integer(), server_default=sa.text("10"), nullable=False),
        sa.Column("kid_check", sa.Text(), server_default="mod10", nullable=False),
        sa.Column("delay_days", sa.Integer(), server_default=sa.text("7"), nullable=False),
        sa.Column("due_days", sa.Integer(), server_default=sa.text("30"), nullable=False),
        sa.Column("deposit_days", sa.Integer(), server_default=sa.text("7"), nullable=False),
        sa.Column("layout", sa.Text(), server_default="csv", nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("kid_check IN ('mod10', 'mod11')", name=op.f("invoice_terms_check_known")),
        sa.CheckConstraint("delay_days BETWEEN 0 AND 365", name=op.f("invoice_terms_delay_sane")),
        sa.CheckConstraint("deposit_days BETWEEN 0 AND 90", name=op.f("invoice_terms_deposit_sane")),
        sa.CheckConstraint("due_days BETWEEN 0 AND 90", name=op.f("invoice_terms_due_sane")),
        sa.CheckConstraint("kid_length BETWEEN 4 AND 25", name=op.f("invoice_terms_kid_sane")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("invoice_terms_pkey")),
        sa.UniqueConstraint("tenant_id", name=op.f("invoice_terms_tenant_id_key")),
    )
    op.create_table(
        "account_code",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("article", sa.Text(), nullable=True),
        sa.Column("account", sa.Text(), server_default="", nullable=False),
        sa.Column("department", sa.Text(), server_default="", nullable=False),
        sa.Column("project", sa.Text(), server_default="", nullable=False),
        sa.Column("product", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(facility_id, resource_id, article) <= 1", name=op.f("account_code_one_scope")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("account_code_facility_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "resource_id"],
            ["resource.tenant_id", "resource.id"],
            name=op.f("account_code_resource_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("account_code_pkey")),
        sa.UniqueConstraint(
            "tenant_id",
            "facility_id",
            "resource_id",
            "article",
            name=op.f("account_code_tenant_id_facility_id_resource_id_article_key"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    row_security.free_owner("pay_order")
    for column, table in (("run_id", "invoice_run"), ("export_id", "export_run")):
        op.create_foreign_key(
            op.f(f"pay_order_{column}_fkey"),
            "pay_order",
            table,
            ["tenant_id", column],
            ["tenant_id", "id"],
        )
    row_security.bind_owner("pay_order")
    row_security.wall("invoice_terms")
    row_security.wall("invoice_run")
    row_security.wall("export_run")
    row_security.wall("account_code", may="SELECT, INSERT, UPDATE, DELETE")
