"""The first tables of people, resources and booking, with their walls."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import row_security

revision = "0001"
down_revision = None

FACILITY_FACTS = (
    "tenant_id",
    "id",
    "key",
    "name",
    "description",
    "address",
    "postcode",
    "town",
    "latitude",
    "longitude",
    "accessibility",
    "pictures",
    "closed_on_public_holidays",
    "closed_in_school_holidays",
    "published_from",
    "published_until",
    "created_at",
)
RESOURCE_FACTS = (
    "tenant_id",
    "id",
    "facility_id",
    "key",
    "name",
    "kind",
    "description",
    "pictures",
    "activities",
    "equipment",
    "accessibility",
    "people",
    "interval_minutes",
    "min_minutes",
    "max_minutes",
    "setup_minutes",
    "cleanup_minutes",
    "notice_minutes",
    "notice_days",
    "horizon_days",
    "horizon_opens_minute",
    "published_from",
    "published_until",
    "decision",
    "request_holds",
    "hold_minutes",
    "change_deadline_minutes",
    "association_only",
    "terms",
    "search_text",
    "search_words",
    "version",
    "created_at",
)


WAKE_RELAY = """
CREATE FUNCTION wake_relay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- NOTIFY lets only one transaction commit at a time (16 clients: 3,200/s instead of 4,900/s). So only one of
    -- those that are open rings; the rows of the others are found with it, or a fifth of a second later.
    IF pg_try_advisory_xact_lock(hashtext('wake_relay')) THEN
        PERFORM pg_notify('outbox', '');
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "association",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("organisation_number", sa.Text(), nullable=True),
        sa.Column("activities", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("customer_group", sa.Text(), server_default="association", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("association_pkey")),
        sa.UniqueConstraint(
            "tenant_id", "organisation_number", name=op.f("association_tenant_id_organisation_number_key")
        ),
    )
    op.create_table(
        "audit_entry",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("change", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("audit_entry_pkey")),
    )
    op.create_index(
        op.f("audit_entry_tenant_id_table_name_row_id_at_idx"),
        "audit_entry",
        ["tenant_id", "table_name", "row_id", "at"],
        unique=False,
    )
    op.create_table(
        "facility",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "description",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.Column("town", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("accessibility", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column(
            "pictures",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column("closed_on_public_holidays", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("closed_in_school_holidays", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("published_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("facility_pkey")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("facility_tenant_id_key_key")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("idempotency_key_pkey")),
        sa.UniqueConstraint(
            "tenant_id", "person_id", "key", name=op.f("idempotency_key_tenant_id_person_id_key_key")
        ),
    )
    op.create_index(op.f("idempotency_key_created_at_idx"), "idempotency_key", ["created_at"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("outbox_pkey")),
    )
    op.create_index(
        "outbox_due_idx", "outbox", ["due_at"], unique=False, postgresql_where=sa.text("dead_at IS NULL")
    )
    op.create_table(
        "outbox_done",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("subscriber", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("outbox_done_pkey")),
        sa.UniqueConstraint(
            "tenant_id",
            "message_id",
            "subscriber",
            name=op.f("outbox_done_tenant_id_message_id_subscriber_key"),
        ),
    )
    op.create_table(
        "person",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("customer_group", sa.Text(), server_default="resident", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("person_pkey")),
    )
    op.create_table(
        "school_holiday",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.CheckConstraint("until_on >= from_on", name=op.f("school_holiday_ordered")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("school_holiday_pkey")),
    )
    op.create_table(
        "tenant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("organisation_number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("zone", sa.Text(), server_default="Europe/Oslo", nullable=False),
        sa.Column("colour", sa.Text(), server_default="#0062ba", nullable=False),
        sa.Column("logo", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("tenant_pkey")),
        sa.UniqueConstraint("number", name=op.f("tenant_number_key")),
        sa.UniqueConstraint("organisation_number", name=op.f("tenant_organisation_number_key")),
        sa.UniqueConstraint("slug", name=op.f("tenant_slug_key")),
    )
    op.create_table(
        "delegate",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("association_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('leader', 'booker', 'treasurer')", name=op.f("delegate_role_known")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "association_id"],
            ["association.tenant_id", "association.id"],
            name=op.f("delegate_association_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("delegate_person_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("delegate_pkey")),
        sa.UniqueConstraint(
            "tenant_id",
            "person_id",
            "association_id",
            name=op.f("delegate_tenant_id_person_id_association_id_key"),
        ),
    )
    op.create_table(
        "login",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["person.tenant_id", "person.id"], name=op.f("login_person_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("login_pkey")),
        sa.UniqueConstraint("tenant_id", "hash", name=op.f("login_tenant_id_hash_key")),
    )
    op.create_table(
        "resource",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "description",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "pictures",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column("activities", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("equipment", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("accessibility", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("interval_minutes", sa.Integer(), server_default=sa.text("30"), nullable=False),
        sa.Column("min_minutes", sa.Integer(), server_default=sa.text("30"), nullable=False),
        sa.Column("max_minutes", sa.Integer(), nullable=True),
        sa.Column("setup_minutes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("cleanup_minutes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("notice_minutes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("notice_days", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=True),
        sa.Column("horizon_opens_minute", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("published_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), server_default="case_officer", nullable=False),
        sa.Column("request_holds", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("hold_minutes", sa.Integer(), server_default=sa.text("20"), nullable=False),
        sa.Column("change_deadline_minutes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("association_only", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("search_text", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "search_words",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('norwegian', search_text)", persisted=True),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("decision IN ('automatic', 'case_officer')", name=op.f("resource_decision_known")),
        sa.CheckConstraint("interval_minutes BETWEEN 5 AND 1440", name=op.f("resource_interval_sane")),
        sa.CheckConstraint("max_minutes BETWEEN min_minutes AND 44640", name=op.f("resource_max_sane")),
        sa.CheckConstraint("min_minutes BETWEEN 1 AND 44640", name=op.f("resource_min_sane")),
        sa.CheckConstraint(
            "setup_minutes BETWEEN 0 AND 1440 AND cleanup_minutes BETWEEN 0 AND 1440",
            name=op.f("resource_pad_sane"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("resource_facility_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("resource_pkey")),
        sa.UniqueConstraint(
            "tenant_id", "facility_id", "key", name=op.f("resource_tenant_id_facility_id_key_key")
        ),
    )
    op.create_table(
        "team",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("association_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("age_group", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "association_id"],
            ["association.tenant_id", "association.id"],
            name=op.f("team_association_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("team_pkey")),
        sa.UniqueConstraint(
            "tenant_id", "association_id", "name", name=op.f("team_tenant_id_association_id_name_key")
        ),
    )
    op.create_table(
        "tenant_host",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("tenant_host__fkey")),
        sa.PrimaryKeyConstraint("host", name=op.f("tenant_host_pkey")),
    )
    op.create_index(op.f("tenant_host_tenant_id_idx"), "tenant_host", ["tenant_id"], unique=False)
    op.create_table(
        "token",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["person.tenant_id", "person.id"], name=op.f("token_person_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("token_pkey")),
        sa.UniqueConstraint("tenant_id", "hash", name=op.f("token_tenant_id_hash_key")),
    )
    op.create_table(
        "unit",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.CheckConstraint("capacity BETWEEN 1 AND 10000", name=op.f("unit_capacity_sane")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("unit_facility_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("unit_pkey")),
        sa.UniqueConstraint(
            "tenant_id", "facility_id", "key", name=op.f("unit_tenant_id_facility_id_key_key")
        ),
    )
    op.create_table(
        "application",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("association_id", sa.Uuid(), nullable=True),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("purpose", sa.Text(), server_default="", nullable=False),
        sa.Column("activity", sa.Text(), nullable=True),
        sa.Column("audience", sa.Text(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column(
            "articles",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column(
            "answers", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("accepted_terms", sa.Text(), nullable=True),
        sa.Column("repeat", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "association_id"],
            ["association.tenant_id", "association.id"],
            name=op.f("application_association_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("application_person_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "team_id"], ["team.tenant_id", "team.id"], name=op.f("application_team_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("application_pkey")),
    )
    op.create_index(
        op.f("application_tenant_id_association_id_idx"),
        "application",
        ["tenant_id", "association_id"],
        unique=False,
    )
    op.create_index(
        op.f("application_tenant_id_person_id_idx"), "application", ["tenant_id", "person_id"], unique=False
    )
    op.create_table(
        "booking_limit",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.CheckConstraint("holder IN ('person', 'association')", name=op.f("booking_limit_holder_known")),
        sa.CheckConstraint(
            "kind IN ('active_bookings', 'minutes_per_week')", name=op.f("booking_limit_kind_known")
        ),
        sa.CheckConstraint(
            "facility_id IS NULL OR resource_id IS NULL", name=op.f("booking_limit_one_scope")
        ),
        sa.CheckConstraint("value >= 0", name=op.f("booking_limit_value_sane")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("booking_limit_facility_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "resource_id"],
            ["resource.tenant_id", "resource.id"],
            name=op.f("booking_limit_resource_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("booking_limit_pkey")),
    )
    op.create_table(
        "claim",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("rival_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("closing", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("quantity", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("tenant_id", sa.Uuid()), "="),
            (sa.column("unit_id", sa.Uuid()), "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            (sa.column("kind", sa.SmallInteger()), "<>"),
            (sa.column("rival_id", sa.Uuid()), "<>"),
            using="gist",
            name="claim_no_overlap",
        ),
        sa.CheckConstraint(
            "starts_at < ends_at AND ends_at - starts_at <= interval '24 hours'", name=op.f("claim_short")
        ),
        sa.CheckConstraint("kind IN (0, 1)", name=op.f("claim_kind_known")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_id"], ["unit.tenant_id", "unit.id"], name=op.f("claim_unit_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("claim_pkey")),
    )
    op.create_index(
        op.f("claim_tenant_id_booking_id_idx"), "claim", ["tenant_id", "booking_id"], unique=False
    )
    op.create_index(
        op.f("claim_tenant_id_unit_id_ends_at_idx"),
        "claim",
        ["tenant_id", "unit_id", "ends_at"],
        unique=False,
    )
    op.create_index(
        "claim_closing_idx",
        "claim",
        ["tenant_id", "unit_id", "ends_at"],
        unique=False,
        postgresql_where=sa.text("closing"),
    )
    op.create_table(
        "closure",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(facility_id, resource_id, unit_id) = 1", name=op.f("closure_one_scope")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("closure_not_empty")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("closure_facility_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "resource_id"],
            ["resource.tenant_id", "resource.id"],
            name=op.f("closure_resource_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_id"], ["unit.tenant_id", "unit.id"], name=op.f("closure_unit_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("closure_pkey")),
    )
    op.create_index(op.f("closure_tenant_id_ends_at_idx"), "closure", ["tenant_id", "ends_at"], unique=False)
    op.create_table(
        "extra_opening",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(facility_id IS NULL) <> (resource_id IS NULL)", name=op.f("extra_opening_one_scope")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("extra_opening_not_empty")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("extra_opening_facility_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "resource_id"],
            ["resource.tenant_id", "resource.id"],
            name=op.f("extra_opening_resource_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("extra_opening_pkey")),
    )
    op.create_index(
        op.f("extra_opening_tenant_id_ends_at_idx"), "extra_opening", ["tenant_id", "ends_at"], unique=False
    )
    op.create_table(
        "opening",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("opens_minute", sa.SmallInteger(), nullable=False),
        sa.Column("closes_minute", sa.SmallInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint("(facility_id IS NULL) <> (resource_id IS NULL)", name=op.f("opening_one_scope")),
        sa.CheckConstraint(
            "closes_minute > opens_minute AND closes_minute <= opens_minute + 1440",
            name=op.f("opening_closes_sane"),
        ),
        sa.CheckConstraint("opens_minute BETWEEN 0 AND 1439", name=op.f("opening_opens_sane")),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("opening_validity_ordered")),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("opening_weekday_known")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("opening_facility_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "resource_id"],
            ["resource.tenant_id", "resource.id"],
            name=op.f("opening_resource_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("opening_pkey")),
    )
    op.create_index(
        op.f("opening_tenant_id_facility_id_idx"), "opening", ["tenant_id", "facility_id"], unique=False
    )
    op.create_index(
        op.f("opening_tenant_id_resource_id_idx"), "opening", ["tenant_id", "resource_id"], unique=False
    )
    op.create_table(
        "resource_unit",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "resource_id"],
            ["resource.tenant_id", "resource.id"],
            name=op.f("resource_unit_resource_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_id"], ["unit.tenant_id", "unit.id"], name=op.f("resource_unit_unit_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("resource_unit_pkey")),
        sa.UniqueConstraint(
            "tenant_id",
            "resource_id",
            "unit_id",
            name=op.f("resource_unit_tenant_id_resource_id_unit_id_key"),
        ),
    )
    op.create_index(
        op.f("resource_unit_tenant_id_unit_id_idx"), "resource_unit", ["tenant_id", "unit_id"], unique=False
    )
    op.create_table(
        "role_grant",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('administrator', 'facility_manager', 'case_officer', 'finance', 'caretaker', 'reader')",
            name=op.f("role_grant_role_known"),
        ),
        sa.CheckConstraint("facility_id IS NULL OR resource_id IS NULL", name=op.f("role_grant_one_scope")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("role_grant_facility_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("role_grant_person_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "resource_id"],
            ["resource.tenant_id", "resource.id"],
            name=op.f("role_grant_resource_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("role_grant_pkey")),
    )
    op.create_index(
        op.f("role_grant_tenant_id_person_id_idx"), "role_grant", ["tenant_id", "person_id"], unique=False
    )
    op.create_table(
        "booking",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("association_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("setup_minutes", sa.Integer(), nullable=False),
        sa.Column("cleanup_minutes", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "price", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decision_text", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("sequence", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state IN ('held', 'requested', 'awaiting_payment', 'confirmed', 'rejected', 'withdrawn', 'cancelled', 'lapsed', 'displaced', 'given_back')",
            name=op.f("booking_state_known"),
        ),
        sa.CheckConstraint("quantity >= 1", name=op.f("booking_quantity_sane")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("booking_not_empty")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "application_id"],
            ["application.tenant_id", "application.id"],
            name=op.f("booking_application_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "association_id"],
            ["association.tenant_id", "association.id"],
            name=op.f("booking_association_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["person.tenant_id", "person.id"], name=op.f("booking_person_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "resource_id"],
            ["resource.tenant_id", "resource.id"],
            name=op.f("booking_resource_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("booking_pkey")),
    )
    op.create_index(
        "booking_open_idx",
        "booking",
        ["tenant_id", "created_at"],
        unique=False,
        postgresql_where=sa.text("state = 'requested'"),
    )
    op.create_index(
        op.f("booking_tenant_id_application_id_idx"), "booking", ["tenant_id", "application_id"], unique=False
    )
    op.create_index(
        op.f("booking_tenant_id_association_id_starts_at_idx"),
        "booking",
        ["tenant_id", "association_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        op.f("booking_tenant_id_person_id_starts_at_idx"),
        "booking",
        ["tenant_id", "person_id", "starts_at"],
        unique=False,
    )
    op.create_index(
        op.f("booking_tenant_id_resource_id_starts_at_idx"),
        "booking",
        ["tenant_id", "resource_id", "starts_at"],
        unique=False,
    )

    for table in (
        "application",
        "association",
        "booking",
        "closure",
        "delegate",
        "facility",
        "login",
        "person",
        "resource",
        "role_grant",
        "team",
        "token",
        "unit",
    ):
        row_security.wall(table)
    for table in (
        "booking_limit",
        "claim",
        "extra_opening",
        "idempotency_key",
        "opening",
        "outbox",
        "outbox_done",
        "resource_unit",
        "school_holiday",
    ):
        row_security.wall(table, may="SELECT, INSERT, UPDATE, DELETE")
    row_security.wall("audit_entry", may="SELECT, INSERT")
    row_security.relay("outbox")
    row_security.relay("outbox_done")
    op.execute(WAKE_RELAY)
    op.execute(
        "CREATE TRIGGER wake_relay AFTER INSERT ON outbox"
        " FOR EACH ROW WHEN (NEW.due_at <= now()) EXECUTE FUNCTION wake_relay()"
    )
    for role in (row_security.program(), row_security.roles().public, row_security.roles().relay):
        op.execute(f'GRANT SELECT ON tenant, tenant_host TO "{role}"')

    published = (
        "coalesce(published_from, '-infinity') <= now() AND now() < coalesce(published_until, 'infinity')"
    )
    row_security.show("facility", FACILITY_FACTS, published)
    row_security.show("resource", RESOURCE_FACTS, published)
    row_security.show("unit", ("tenant_id", "id", "facility_id", "key", "name", "capacity"))
    row_security.show("resource_unit", ("tenant_id", "id", "resource_id", "unit_id"))
    row_security.show(
        "opening",
        (
            "tenant_id",
            "id",
            "facility_id",
            "resource_id",
            "weekday",
            "opens_minute",
            "closes_minute",
            "valid_from",
            "valid_until",
        ),
    )
    row_security.show(
        "extra_opening", ("tenant_id", "id", "facility_id", "resource_id", "starts_at", "ends_at")
    )
    row_security.show("school_holiday", ("tenant_id", "id", "name", "from_on", "until_on"))
    row_security.show(
        "claim",
        ("tenant_id", "unit_id", "kind", "closing", "quantity", "held_until", "starts_at", "ends_at"),
    )
