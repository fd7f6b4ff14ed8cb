"""Calendars in: which are attached to resources, and what each has brought."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import row_security

revision = "0005"
down_revision = "0005_calendar_changes"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "calendar_import",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("under", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("association_id", sa.Uuid(), nullable=True),
        sa.Column("shows_title", sa.Boolean(), nullable=False),
        sa.Column("every_minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("body_hash", sa.LargeBinary(), nullable=True),
        sa.Column("read_at", INSTANT, nullable=True),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("leased_until", INSTANT, nullable=True),
        sa.Column("fetched_at", INSTANT, nullable=True),
        sa.Column("changed_at", INSTANT, nullable=True),
        sa.Column("failed_at", INSTANT, nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("failing_since", INSTANT, nullable=True),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.Column("problems", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("held_hash", sa.LargeBinary(), nullable=True),
        sa.Column("sure_hash", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("kind IN ('closures', 'bookings')", name=op.f("calendar_import_kind_known")),
        sa.CheckConstraint(
            "(association_id IS NULL) = (kind = 'closures')",
            name=op.f("calendar_import_bookings_are_somebodys"),
        ),
        sa.CheckConstraint("state IN ('on', 'paused', 'gone')", name=op.f("calendar_import_state_known")),
        sa.CheckConstraint("every_minutes >= 15", name=op.f("calendar_import_not_too_often")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "resource_id"],
            ["resource.tenant_id", "resource.id"],
            name=op.f("calendar_import_resource_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "association_id"],
            ["association.tenant_id", "association.id"],
            name=op.f("calendar_import_association_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by"],
            ["person.tenant_id", "person.id"],
            name=op.f("calendar_import_created_by_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("calendar_import_pkey")),
    )
    op.create_index(
        op.f("calendar_import_tenant_id_resource_id_idx"), "calendar_import", ["tenant_id", "resource_id"]
    )
    op.create_index(
        "calendar_import_due_idx",
        "calendar_import",
        ["tenant_id", "due_at"],
        postgresql_where=sa.text("state <> 'paused'"),
    )
    op.create_table(
        "imported_event",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("closure_id", sa.Uuid(), nullable=True),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("in_the_way", sa.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "state IN ('applied', 'collides', 'ignored', 'withdrawn')",
            name=op.f("imported_event_state_known"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(closure_id, booking_id) <= 1", name=op.f("imported_event_one_thing")
        ),
        sa.CheckConstraint(
            "state <> 'applied' OR num_nonnulls(closure_id, booking_id) = 1",
            name=op.f("imported_event_applied_is_laid"),
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("imported_event_not_empty")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "import_id"],
            ["calendar_import.tenant_id", "calendar_import.id"],
            name=op.f("imported_event_import_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "closure_id"],
            ["closure.tenant_id", "closure.id"],
            name=op.f("imported_event_closure_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "booking_id"],
            ["booking.tenant_id", "booking.id"],
            name=op.f("imported_event_booking_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("imported_event_pkey")),
        sa.UniqueConstraint(
            "tenant_id", "import_id", "key", name=op.f("imported_event_tenant_id_import_id_key_key")
        ),
    )
    for columns in (["tenant_id", "import_id", "starts_at"], ["tenant_id", "ends_at"]):
        op.create_index(op.f(f"imported_event_{'_'.join(columns)}_idx"), "imported_event", columns)

    row_security.wall("calendar_import", may="SELECT, INSERT, UPDATE, DELETE")
    row_security.wall("imported_event", may="SELECT, INSERT, UPDATE, DELETE")
