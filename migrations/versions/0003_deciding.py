"""Deciding: cases, decisions, offers, waiting, arrangements, telling, and the policies by which requests are decided."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import row_security

revision = "0003"
down_revision = "0002"


CHANGED = ("application", "association", "booking", "facility", "letter", "person", "resource", "stored_file")
"""Tables of all municipalities whose rows are looked at here."""


def upgrade() -> None:
    row_security.free_owner(*CHANGED)
    op.create_table(
        "rejection_reason",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("texts", postgresql.JSONB(), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("rejection_reason_pkey")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("rejection_reason_tenant_id_key_key")),
    )
    op.create_table(
        "text_message",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("text_message_pkey")),
    )
    op.create_index(
        op.f("text_message_tenant_id_created_at_id_idx"),
        "text_message",
        ["tenant_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "absence",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("substitute_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("until_on >= from_on", name=op.f("absence_ordered")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "officer_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("absence_officer_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "substitute_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("absence_substitute_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("absence_pkey")),
    )
    op.create_index(
        op.f("absence_tenant_id_officer_id_until_on_idx"),
        "absence",
        ["tenant_id", "officer_id", "until_on"],
        unique=False,
    )
    op.create_table(
        "decision_policy",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("weekdays", sa.ARRAY(sa.SmallInteger()), server_default="{}", nullable=False),
        sa.Column("from_minute", sa.SmallInteger(), nullable=True),
        sa.Column("until_minute", sa.SmallInteger(), nullable=True),
        sa.Column("min_minutes", sa.Integer(), nullable=True),
        sa.Column("max_minutes", sa.Integer(), nullable=True),
        sa.Column("customer_groups", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("max_people", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "decision IN ('automatic', 'case_officer')", name=op.f("decision_policy_decision_known")
        ),
        sa.CheckConstraint("max_minutes >= min_minutes", name=op.f("decision_policy_length_ordered")),
        sa.CheckConstraint("until_minute > from_minute", name=op.f("decision_policy_clock_ordered")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "resource_id"],
            ["resource.tenant_id", "resource.id"],
            name=op.f("decision_policy_resource_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("decision_policy_pkey")),
        sa.UniqueConstraint(
            "tenant_id",
            "resource_id",
            "position",
            name=op.f("decision_policy_tenant_id_resource_id_position_key"),
        ),
    )
    op.create_table(
        "notice_text",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "changed_by"],
            ["person.tenant_id", "person.id"],
            name=op.f("notice_text_changed_by_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("notice_text_pkey")),
        sa.UniqueConstraint(
            "tenant_id", "kind", "language", name=op.f("notice_text_tenant_id_kind_language_key")
        ),
    )
    op.create_table(
        "routing",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("officer_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(facility_id IS NULL) <> (resource_id IS NULL)", name=op.f("routing_one_scope")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("routing_facility_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "officer_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("routing_officer_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "resource_id"],
            ["resource.tenant_id", "resource.id"],
            name=op.f("routing_resource_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("routing_pkey")),
    )
    op.create_index(
        "routing_facility_key",
        "routing",
        ["tenant_id", "facility_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL AND facility_id IS NOT NULL"),
    )
    op.create_index(
        "routing_resource_key",
        "routing",
        ["tenant_id", "resource_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL AND resource_id IS NOT NULL"),
    )
    op.create_table(
        "terms_version",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("texts", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "resource_id"],
            ["resource.tenant_id", "resource.id"],
            name=op.f("terms_version_resource_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("terms_version_pkey")),
        sa.UniqueConstraint(
            "tenant_id",
            "resource_id",
            "version",
            name=op.f("terms_version_tenant_id_resource_id_version_key"),
        ),
    )
    op.create_table(
        "wait",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("association_id", sa.Uuid(), nullable=True),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("search", postgresql.JSONB(), nullable=True),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "end_reason IN ('taken', 'declined', 'stopped', 'over')", name=op.f("wait_end_known")
        ),
        sa.CheckConstraint("(search IS NULL) = (resource_id IS NOT NULL)", name=op.f("wait_time_or_search")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("wait_not_empty")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "association_id"],
            ["association.tenant_id", "association.id"],
            name=op.f("wait_association_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["person.tenant_id", "person.id"], name=op.f("wait_person_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "resource_id"],
            ["resource.tenant_id", "resource.id"],
            name=op.f("wait_resource_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("wait_pkey")),
    )
    op.create_index(
        "wait_open_idx", "wait", ["tenant_id", "ends_at"], unique=False, postgresql_where="ended_at IS NULL"
    )
    op.create_index(op.f("wait_tenant_id_person_id_idx"), "wait", ["tenant_id", "person_id"], unique=False)
    op.create_table(
        "arrangement",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("description", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("organiser", sa.Text(), nullable=False),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("picture_id", sa.Uuid(), nullable=True),
        sa.Column("picture_alt", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "application_id"],
            ["application.tenant_id", "application.id"],
            name=op.f("arrangement_application_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by"],
            ["person.tenant_id", "person.id"],
            name=op.f("arrangement_created_by_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "picture_id"],
            ["stored_file.tenant_id", "stored_file.id"],
            name=op.f("arrangement_picture_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("arrangement_pkey")),
        sa.UniqueConstraint(
            "tenant_id", "application_id", name=op.f("arrangement_tenant_id_application_id_key")
        ),
    )
    op.create_index(
        op.f("arrangement_tenant_id_created_at_idx"), "arrangement", ["tenant_id", "created_at"], unique=False
    )
    op.create_table(
        "case_entry",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("by_staff", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("file_ids", sa.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        sa.Column("facts", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('message', 'question', 'answer', 'note', 'assigned', 'offer', 'decision', 'appeal')",
            name=op.f("case_entry_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "application_id"],
            ["application.tenant_id", "application.id"],
            name=op.f("case_entry_application_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "author_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("case_entry_author_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("case_entry_pkey")),
    )
    op.create_index(
        op.f("case_entry_tenant_id_application_id_created_at_idx"),
        "case_entry",
        ["tenant_id", "application_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "decision",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("officer", sa.Text(), server_default="", nullable=False),
        sa.Column("outcomes", postgresql.JSONB(), nullable=False),
        sa.Column("reason_key", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("rules", postgresql.JSONB(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("appeal_until", sa.Date(), nullable=True),
        sa.CheckConstraint("kind IN ('vedtak', 'private_law')", name=op.f("decision_kind_known")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "application_id"],
            ["application.tenant_id", "application.id"],
            name=op.f("decision_application_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "decided_by"],
            ["person.tenant_id", "person.id"],
            name=op.f("decision_decided_by_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("decision_pkey")),
        sa.UniqueConstraint(
            "tenant_id", "application_id", "number", name=op.f("decision_tenant_id_application_id_number_key")
        ),
    )
    op.create_table(
        "notice",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "application_id"],
            ["application.tenant_id", "application.id"],
            name=op.f("notice_application_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["person.tenant_id", "person.id"], name=op.f("notice_person_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("notice_pkey")),
    )
    op.create_index(
        op.f("notice_tenant_id_person_id_created_at_idx"),
        "notice",
        ["tenant_id", "person_id", "created_at"],
        unique=False,
    )
    op.create_index(
        "notice_unread_idx",
        "notice",
        ["tenant_id", "person_id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "appeal",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("in_time", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('granted', 'upheld', 'dismissed')", name=op.f("appeal_outcome_known")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "closed_by"], ["person.tenant_id", "person.id"], name=op.f("appeal_closed_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "decision_id"],
            ["decision.tenant_id", "decision.id"],
            name=op.f("appeal_decision_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"], ["person.tenant_id", "person.id"], name=op.f("appeal_person_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("appeal_pkey")),
        sa.UniqueConstraint("tenant_id", "decision_id", name=op.f("appeal_tenant_id_decision_id_key")),
    )
    op.create_table(
        "offer",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("instead_of", sa.Uuid(), nullable=True),
        sa.Column("wait_id", sa.Uuid(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("answer IN ('accepted', 'declined')", name=op.f("offer_answer_known")),
        sa.CheckConstraint("kind IN ('counter', 'waiting')", name=op.f("offer_kind_known")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "booking_id"],
            ["booking.tenant_id", "booking.id"],
            name=op.f("offer_booking_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "instead_of"],
            ["booking.tenant_id", "booking.id"],
            name=op.f("offer_instead_of_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "made_by"], ["person.tenant_id", "person.id"], name=op.f("offer_made_by_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "wait_id"], ["wait.tenant_id", "wait.id"], name=op.f("offer_wait_id_fkey")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("offer_pkey")),
        sa.UniqueConstraint("tenant_id", "booking_id", name=op.f("offer_tenant_id_booking_id_key")),
    )
    op.create_index(
        op.f("offer_tenant_id_instead_of_idx"), "offer", ["tenant_id", "instead_of"], unique=False
    )
    op.create_table(
        "replacement",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("replacement_not_empty")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "booking_id"],
            ["booking.tenant_id", "booking.id"],
            name=op.f("replacement_booking_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "resource_id"],
            ["resource.tenant_id", "resource.id"],
            name=op.f("replacement_resource_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "taken_by"],
            ["booking.tenant_id", "booking.id"],
            name=op.f("replacement_taken_by_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("replacement_pkey")),
        sa.UniqueConstraint(
            "tenant_id",
            "booking_id",
            "resource_id",
            "starts_at",
            name=op.f("replacement_tenant_id_booking_id_resource_id_starts_at_key"),
        ),
    )
    op.add_column("application", sa.Column("officer_id", sa.Uuid(), nullable=True))
    op.add_column("application", sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True))
    op.add_column("application", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        op.f("application_tenant_id_officer_id_idx"), "application", ["tenant_id", "officer_id"], unique=False
    )
    op.create_foreign_key(
        op.f("application_officer_id_fkey"),
        "application",
        "person",
        ["tenant_id", "officer_id"],
        ["tenant_id", "id"],
    )
    op.add_column("booking", sa.Column("policy", postgresql.JSONB(), nullable=True))
    op.add_column("booking", sa.Column("terms_version", sa.Text(), nullable=True))
    op.add_column("booking", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "booking_rival_idx",
        "booking",
        ["tenant_id", "resource_id", "starts_at"],
        unique=False,
        postgresql_where=sa.text("state = 'requested'"),
    )
    op.create_index(
        "booking_coming_idx",
        "booking",
        ["tenant_id", "starts_at"],
        unique=False,
        postgresql_where=sa.text("state = 'confirmed' AND reminded_at IS NULL"),
    )
    op.add_column("letter", sa.Column("html", sa.Text(), nullable=True))
    op.add_column("letter", sa.Column("calendar", sa.Text(), nullable=True))
    op.add_column("letter", sa.Column("unsubscribe_url", sa.Text(), nullable=True))
    op.alter_column("person", "notices", server_default="{email,reminder,waiting,digest}")
    op.execute("UPDATE person SET notices = notices || '{waiting,digest}' WHERE erased_at IS NULL")
    op.add_column(
        "resource", sa.Column("decision_kind", sa.Text(), server_default="private_law", nullable=False)
    )
    op.add_column(
        "resource", sa.Column("answer_days", sa.Integer(), server_default=sa.text("14"), nullable=False)
    )
    op.add_column(
        "resource", sa.Column("questions", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False)
    )

    op.create_check_constraint(
        "decision_kind_known", "resource", "decision_kind IN ('vedtak', 'private_law')"
    )
    op.create_check_constraint("answer_days_sane", "resource", "answer_days BETWEEN 1 AND 365")
    op.execute(
        "INSERT INTO terms_version (tenant_id, id, resource_id, version, texts) "
        "SELECT tenant_id, gen_random_uuid(), id, terms ->> 'version', terms - 'version' FROM resource "
        "WHERE terms ->> 'version' IS NOT NULL"
    )
    row_security.bind_owner(*CHANGED)
    op.execute(
        f'GRANT SELECT (decision_kind, answer_days, questions) ON resource TO "{row_security.roles().public}"'
    )

    # What is written once: the program may not change it.
    for table in ("decision", "terms_version"):
        row_security.wall(table, may="SELECT, INSERT")
    for table in ("case_entry", "appeal", "offer", "routing", "rejection_reason", "arrangement"):
        row_security.wall(table)
    for table in (
        "absence",
        "decision_policy",
        "notice",
        "notice_text",
        "replacement",
        "text_message",
        "wait",
    ):
        row_security.wall(table, may="SELECT, INSERT, UPDATE, DELETE")

    # Searches over all municipalities say who decides, by the same rule.
    row_security.show(
        "decision_policy",
        (
            "tenant_id",
            "resource_id",
            "position",
            "decision",
            "weekdays",
            "from_minute",
            "until_minute",
            "min_minutes",
            "max_minutes",
            "customer_groups",
            "max_people",
        ),
    )
