"""People: who they are over all municipalities, how they sign in, associations, privacy, letters, rates."""

import sqlalchemy as sa
from alembic import op

from migrations import row_security

revision = "0002"
down_revision = "0001"


CHANGED = ("association", "login", "person", "role_grant", "token")
"""Tables of all municipalities whose rows are looked at here."""


def upgrade() -> None:
    row_security.free_owner(*CHANGED)
    op.create_table(
        "identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("identity_pkey")),
    )
    op.create_table(
        "letter",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("letter_pkey")),
    )
    op.create_index(
        op.f("letter_tenant_id_created_at_id_idx"), "letter", ["tenant_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "rate_bucket",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("full_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lent", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("rate_bucket_pkey")),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "retention_rule",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.CheckConstraint("days BETWEEN 1 AND 36500", name=op.f("retention_rule_days_sane")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("retention_rule_pkey")),
        sa.UniqueConstraint("tenant_id", "kind", name=op.f("retention_rule_tenant_id_kind_key")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("wants_strong", sa.Boolean(), nullable=False),
        sa.Column("next_path", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("sign_in_attempt_pkey")),
        sa.UniqueConstraint("tenant_id", "hash", name=op.f("sign_in_attempt_tenant_id_hash_key")),
    )
    op.create_table(
        "spent_token",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("spent_token_pkey")),
        sa.UniqueConstraint("tenant_id", "hash", name=op.f("spent_token_tenant_id_hash_key")),
    )
    op.create_table(
        "stored_file",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("size = octet_length(content)", name=op.f("stored_file_size_true")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("stored_file_pkey")),
    )
    op.create_table(
        "association_contact",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("association_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("is_public", sa.Boolean(), server_default="false", nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "association_id"],
            ["association.tenant_id", "association.id"],
            name=op.f("association_contact_association_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("association_contact_pkey")),
    )
    op.create_index(
        op.f("association_contact_tenant_id_association_id_idx"),
        "association_contact",
        ["tenant_id", "association_id"],
        unique=False,
    )
    op.create_table(
        "identity_key",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("under", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["identity.id"], name="identity_key_identity_id_fkey"),
        sa.PrimaryKeyConstraint("hash", name=op.f("identity_key_pkey")),
    )
    op.create_index(op.f("identity_key_identity_id_idx"), "identity_key", ["identity_id"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("association_id", sa.Uuid(), nullable=True),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "CASE WHEN association_id IS NOT NULL THEN role IN ('leader', 'booker', 'treasurer') AND num_nonnulls(facility_id, resource_id) = 0 ELSE role IN ('administrator', 'facility_manager', 'case_officer', 'finance', 'caretaker', 'reader') AND num_nonnulls(facility_id, resource_id) < 2 END",
            name=op.f("invitation_role_known"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "association_id"],
            ["association.tenant_id", "association.id"],
            name=op.f("invitation_association_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("invitation_facility_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "resource_id"],
            ["resource.tenant_id", "resource.id"],
            name=op.f("invitation_resource_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("invitation_pkey")),
        sa.UniqueConstraint("tenant_id", "hash", name=op.f("invitation_tenant_id_hash_key")),
    )
    op.create_index(
        op.f("invitation_tenant_id_association_id_idx"),
        "invitation",
        ["tenant_id", "association_id"],
        unique=False,
    )
    op.create_table(
        "leader_claim",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("association_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("is_approved", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (is_approved IS NULL)", name=op.f("leader_claim_decided_whole")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "association_id"],
            ["association.tenant_id", "association.id"],
            name=op.f("leader_claim_association_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "file_id"],
            ["stored_file.tenant_id", "stored_file.id"],
            name=op.f("leader_claim_file_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("leader_claim_person_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("leader_claim_pkey")),
    )
    op.create_index(
        "leader_claim_open_key",
        "leader_claim",
        ["tenant_id", "person_id", "association_id"],
        unique=True,
        postgresql_where="decided_at IS NULL",
    )
    op.create_table(
        "personal_read",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("personal_read_person_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reader_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("personal_read_reader_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("personal_read_pkey")),
        sa.UniqueConstraint(
            "tenant_id",
            "person_id",
            "reader_id",
            "what",
            "hour",
            name=op.f("personal_read_tenant_id_person_id_reader_id_what_hour_key"),
        ),
    )
    op.create_index(
        op.f("personal_read_tenant_id_person_id_at_idx"),
        "personal_read",
        ["tenant_id", "person_id", "at"],
        unique=False,
    )
    op.add_column(
        "association", sa.Column("group_is_set", sa.Boolean(), server_default="false", nullable=False)
    )
    op.add_column("association", sa.Column("youth_percent", sa.SmallInteger(), nullable=True))
    op.add_column("association", sa.Column("organisation_form", sa.Text(), nullable=True))
    op.add_column("association", sa.Column("address", sa.Text(), nullable=True))
    op.add_column("association", sa.Column("postcode", sa.Text(), nullable=True))
    op.add_column("association", sa.Column("town", sa.Text(), nullable=True))
    op.add_column(
        "association", sa.Column("is_voluntary", sa.Boolean(), server_default="false", nullable=False)
    )
    op.add_column("association", sa.Column("register_state", sa.Text(), nullable=True))
    op.add_column("association", sa.Column("register_read_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("association", sa.Column("email", sa.Text(), nullable=True))
    op.add_column("association", sa.Column("phone", sa.Text(), nullable=True))
    op.add_column("association", sa.Column("website", sa.Text(), nullable=True))
    op.add_column("association", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_index(
        op.f("association_tenant_id_name_id_idx"), "association", ["tenant_id", "name", "id"], unique=False
    )
    op.create_index(
        op.f("audit_entry_tenant_id_actor_id_at_idx"),
        "audit_entry",
        ["tenant_id", "actor_id", "at"],
        unique=False,
    )
    op.create_index(
        op.f("audit_entry_tenant_id_at_id_idx"), "audit_entry", ["tenant_id", "at", "id"], unique=False
    )
    op.create_index(
        op.f("delegate_tenant_id_association_id_idx"),
        "delegate",
        ["tenant_id", "association_id"],
        unique=False,
    )
    op.add_column("login", sa.Column("identity_id", sa.Uuid(), nullable=True))
    op.add_column("login", sa.Column("provider", sa.Text(), nullable=True))
    op.add_column("login", sa.Column("acr", sa.Text(), nullable=True))
    op.add_column("login", sa.Column("is_strong", sa.Boolean(), server_default="true", nullable=False))
    op.add_column("login", sa.Column("subject_hash", sa.LargeBinary(), nullable=True))
    op.add_column("login", sa.Column("sid_hash", sa.LargeBinary(), nullable=True))
    op.add_column("login", sa.Column("id_token", sa.LargeBinary(), nullable=True))
    op.add_column("login", sa.Column("represents", sa.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.add_column("login", sa.Column("agent", sa.Text(), nullable=True))
    op.add_column(
        "login",
        sa.Column("used_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.create_index(op.f("login_identity_id_idx"), "login", ["identity_id"], unique=False)
    op.create_index(
        "login_sid_idx",
        "login",
        ["tenant_id", "sid_hash"],
        unique=False,
        postgresql_where="sid_hash IS NOT NULL",
    )
    op.create_index(
        "login_subject_idx",
        "login",
        ["tenant_id", "subject_hash"],
        unique=False,
        postgresql_where="subject_hash IS NOT NULL",
    )
    op.create_index(op.f("login_tenant_id_person_id_idx"), "login", ["tenant_id", "person_id"], unique=False)
    op.create_foreign_key("login_identity_id_fkey", "login", "identity", ["identity_id"], ["id"])
    op.add_column("person", sa.Column("identity_id", sa.Uuid(), nullable=True))
    op.add_column("person", sa.Column("postcode", sa.Text(), nullable=True))
    op.add_column(
        "person", sa.Column("notices", sa.ARRAY(sa.Text()), server_default="{email,reminder}", nullable=False)
    )
    op.add_column("person", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("person", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("person", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_index(op.f("person_identity_id_idx"), "person", ["identity_id"], unique=False)
    op.create_unique_constraint(
        op.f("person_tenant_id_identity_id_key"), "person", ["tenant_id", "identity_id"]
    )
    op.create_index(op.f("person_tenant_id_name_id_idx"), "person", ["tenant_id", "name", "id"], unique=False)
    op.create_foreign_key("person_identity_id_fkey", "person", "identity", ["identity_id"], ["id"])
    op.add_column("role_grant", sa.Column("granted_by", sa.Uuid(), nullable=True))
    op.add_column("team", sa.Column("activity", sa.Text(), nullable=True))
    op.add_column("team", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("token", sa.Column("used_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("token_tenant_id_person_id_idx"), "token", ["tenant_id", "person_id"], unique=False)
    op.create_check_constraint(
        op.f("association_register_state_known"),
        "association",
        "register_state IN ('active', 'dissolving', 'bankrupt', 'deleted', 'unknown')",
    )
    op.create_check_constraint(
        op.f("association_youth_percent_sane"), "association", "youth_percent BETWEEN 0 AND 100"
    )
    # Tokens that carried their person's staff roles go on doing so, now by name.
    op.execute("UPDATE token SET scopes = scopes || '{staff}'")
    # The same role of the same person at the same place was granted more than once: the first stays.
    op.execute(
        "UPDATE role_grant a SET ended_at = now() WHERE ended_at IS NULL AND EXISTS (SELECT FROM role_grant b"
        " WHERE b.tenant_id = a.tenant_id AND b.person_id = a.person_id AND b.role = a.role AND b.ended_at IS NULL"
        " AND b.facility_id IS NOT DISTINCT FROM a.facility_id"
        " AND b.resource_id IS NOT DISTINCT FROM a.resource_id AND b.id < a.id)"
    )
    op.create_index(
        "role_grant_live_key",
        "role_grant",
        ["tenant_id", "person_id", "role", "facility_id", "resource_id"],
        unique=True,
        postgresql_where="ended_at IS NULL",
        postgresql_nulls_not_distinct=True,
    )
    row_security.bind_owner(*CHANGED)

    for table in ("invitation", "leader_claim"):
        row_security.wall(table)
    for table in (
        "association_contact",
        "letter",
        "retention_rule",
        "sign_in_attempt",
        "spent_token",
        "stored_file",
    ):
        row_security.wall(table, may="SELECT, INSERT, UPDATE, DELETE")
    row_security.wall("personal_read", may="SELECT, INSERT, DELETE")
    op.execute(f'GRANT DELETE ON login, token, invitation, leader_claim TO "{row_security.program()}"')
    op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON rate_bucket TO "{row_security.program()}"')
    _wall_identities()


def _wall_identities() -> None:
    """Who somebody is, shown only to who can name her: no list of persons over all municipalities exists."""
    me = "current_setting('app.identity_id')::uuid"
    known = "encode(hash, 'hex') = ANY (string_to_array(current_setting('app.known_by'), ','))"
    person, owner = row_security.roles().person, row_security.roles().owner
    for table, using in (("identity", f"id = {me}"), ("identity_key", f"identity_id = {me} OR {known}")):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f'CREATE POLICY herself ON {table} TO "{person}" USING ({using}) WITH CHECK ({using})')
        op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO "{person}"')
        # For `ledig keys rotate`, which the operator runs.
        op.execute(f'CREATE POLICY rotation ON {table} TO "{owner}" USING (true) WITH CHECK (true)')
    row_security.herself(
        "person",
        ("tenant_id", "id", "identity_id", "name", "email", "phone", "postcode", "language", "erased_at"),
        f"identity_id = {me}",
    )
    row_security.herself(
        "login", ("tenant_id", "id", "identity_id", "ended_at"), f"identity_id = {me}", may="UPDATE"
    )
    op.execute(f'GRANT UPDATE (ended_at) ON login TO "{person}"')
    op.execute(f'GRANT SELECT ON tenant, tenant_host TO "{person}"')
