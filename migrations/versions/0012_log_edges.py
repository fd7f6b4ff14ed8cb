"""Each change says what was under way when it was made: so the state of a calendar has one name, whoever looks when."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from migrations import row_security

revision = "0012"
down_revision = "0011"

EDGE: Final = "(pg_snapshot_xmin(pg_current_snapshot())::text)::bigint"
PLACES: Final = ("resource_id", "person_id")
GROUPS: Final = ("association", "team")


def upgrade() -> None:
    # Of what stands there already nothing is under way any more: the table is locked.
    op.add_column(
        "change_log", sa.Column("edge", sa.BigInteger(), server_default=sa.text(EDGE), nullable=False)
    )
    row_security.feeds_too("change_log", ("edge",))
    for column in PLACES:
        op.drop_index(op.f(f"change_log_tenant_id_{column}_xid_idx"), "change_log")
        op.create_index(
            op.f(f"change_log_tenant_id_{column}_xid_id_idx"),
            "change_log",
            ["tenant_id", column, "xid", "id"],
            unique=False,
        )
    for group in GROUPS:
        op.drop_index(f"change_log_{group}_idx", "change_log")
        op.create_index(
            f"change_log_{group}_idx",
            "change_log",
            ["tenant_id", f"{group}_id", "xid", "id"],
            unique=False,
            postgresql_where=sa.text(f"{group}_id IS NOT NULL"),
        )
