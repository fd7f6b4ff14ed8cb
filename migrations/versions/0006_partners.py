"""Partners: webhooks and their deliveries; what is old in the change log goes."""

import sqlalchemy as sa
from alembic import op

from migrations import row_security

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("kinds", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("earlier_secret", sa.LargeBinary(), nullable=True),
        sa.Column("earlier_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("under", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("paused_why", sa.Text(), nullable=True),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rest_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('on', 'paused')", name=op.f("webhook_state_known")),
        sa.CheckConstraint(
            "(paused_why IS NULL) = (state = 'on') AND paused_why IN ('by_hand', 'gone', 'failing')",
            name=op.f("webhook_paused_for_a_reason"),
        ),
        sa.CheckConstraint(
            "(earlier_secret IS NULL) = (earlier_until IS NULL)", name=op.f("webhook_earlier_has_an_end")
        ),
        sa.CheckConstraint("cardinality(kinds) > 0", name=op.f("webhook_kinds_some")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("webhook_pkey")),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("took_ms", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('due', 'done', 'dead')", name=op.f("webhook_delivery_state_known")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "webhook_id"],
            ["webhook.tenant_id", "webhook.id"],
            name=op.f("webhook_delivery_webhook_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("webhook_delivery_pkey")),
    )
    op.create_index(
        op.f("webhook_delivery_tenant_id_webhook_id_created_at_id_idx"),
        "webhook_delivery",
        ["tenant_id", "webhook_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "webhook_delivery_due_idx",
        "webhook_delivery",
        ["tenant_id", "webhook_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'due'"),
    )
    row_security.wall("webhook", may="SELECT, INSERT, UPDATE, DELETE")
    row_security.wall("webhook_delivery", may="SELECT, INSERT, UPDATE, DELETE")
    op.execute(f'GRANT DELETE ON change_log TO "{row_security.program()}"')
