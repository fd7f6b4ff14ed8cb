"""Calendar feeds: the change log, secret addresses, and each booking as calendars have it."""

import sqlalchemy as sa
from alembic import op

from migrations import row_security

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "change_log",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "xid",
            sa.BigInteger(),
            server_default=sa.text("(pg_current_xact_id()::text)::bigint"),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("association_id", sa.Uuid(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('booking', 'closure')", name=op.f("change_log_kind_known")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("change_log_pkey")),
    )
    for columns in (
        ["tenant_id", "xid", "id"],
        ["tenant_id", "thing_id"],
        ["tenant_id", "resource_id", "xid"],
        ["tenant_id", "person_id", "xid"],
    ):
        op.create_index(op.f(f"change_log_{'_'.join(columns)}_idx"), "change_log", columns, unique=False)
    for column in ("association_id", "team_id"):
        op.create_index(
            f"change_log_{column.removesuffix('_id')}_idx",
            "change_log",
            ["tenant_id", column, "xid"],
            unique=False,
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
    op.create_table(
        "feed",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=True),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_by", sa.Text(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('resource', 'facility', 'association', 'team', 'person', 'municipality')",
            name=op.f("feed_kind_known"),
        ),
        sa.CheckConstraint("variant IN ('public', 'busy', 'full', 'staff')", name=op.f("feed_variant_known")),
        sa.CheckConstraint(
            "(thing_id IS NULL) = (kind IN ('person', 'municipality'))", name=op.f("feed_of_something")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["person.tenant_id", "person.id"], name=op.f("feed_person_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("feed_pkey")),
        sa.UniqueConstraint("tenant_id", "hash", name=op.f("feed_tenant_id_hash_key")),
    )
    op.create_index(op.f("feed_tenant_id_person_id_idx"), "feed", ["tenant_id", "person_id"], unique=False)
    op.create_table(
        "feed_event",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text_version", sa.Integer(), nullable=False),
        sa.Column("is_shown", sa.Boolean(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("times", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("full", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"], ["booking.tenant_id", "booking.id"], name=op.f("feed_event_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("feed_event_pkey")),
    )
    op.create_table(
        "feed_secret",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("feed_secret_pkey")),
    )

    op.add_column("booking", sa.Column("team_id", sa.Uuid(), nullable=True))
    op.add_column(
        "booking", sa.Column("text_version", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    row_security.free_owner("application", "booking", "team")
    op.execute(
        "UPDATE booking SET team_id = application.team_id FROM application "
        "WHERE application.tenant_id = booking.tenant_id AND application.id = booking.application_id "
        "AND application.team_id IS NOT NULL"
    )
    op.create_foreign_key(
        op.f("booking_team_id_fkey"), "booking", "team", ["tenant_id", "team_id"], ["tenant_id", "id"]
    )
    op.create_index(
        "booking_team_idx",
        "booking",
        ["tenant_id", "team_id", "starts_at"],
        unique=False,
        postgresql_where=sa.text("team_id IS NOT NULL"),
    )
    # What was before the log began: transaction 0, older than any.
    op.execute(
        "INSERT INTO change_log (tenant_id, id, xid, kind, thing_id, version, state, resource_id, association_id, "
        "team_id, person_id, at) SELECT tenant_id, gen_random_uuid(), 0, 'booking', id, version, state, resource_id, "
        "association_id, team_id, person_id, updated_at FROM booking"
    )
    row_security.bind_owner("application", "booking", "team")

    row_security.wall("change_log", may="SELECT, INSERT")
    row_security.wall("feed", may="SELECT, INSERT, UPDATE, DELETE")
    row_security.wall("feed_event", may="SELECT, INSERT, UPDATE, DELETE")
    row_security.wall("feed_secret", may="SELECT, INSERT")

    # Whether a feed has changed is asked without knowing more than that.
    row_security.feeds(
        "feed",
        ("tenant_id", "id", "person_id", "kind", "thing_id", "variant", "hash", "used_at", "revoked_at"),
    )
    row_security.feeds(
        "change_log",
        ("tenant_id", "id", "xid", "resource_id", "association_id", "team_id", "person_id", "at"),
    )
    row_security.feeds("resource", ("tenant_id", "id", "facility_id", "published_from", "published_until"))
    row_security.feeds("facility", ("tenant_id", "id", "published_from", "published_until"))
    row_security.feeds("resource_unit", ("tenant_id", "resource_id", "unit_id"))
    row_security.feeds("association", ("tenant_id", "id"))
    row_security.feeds("team", ("tenant_id", "id", "association_id"))
    row_security.feeds("delegate", ("tenant_id", "person_id", "association_id", "role", "ended_at"))
    row_security.feeds(
        "role_grant", ("tenant_id", "person_id", "role", "facility_id", "resource_id", "ended_at")
    )
