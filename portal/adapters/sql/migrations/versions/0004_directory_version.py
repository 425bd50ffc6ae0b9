"""A number that changes with every change of a place, a kind of care or a clinician, whoever makes it.

So that a process may keep the directory and still ask at each request whether it is the same
(portal/adapters/sql/directory.py).
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLES = ("organisation", "site", "service", "practitioner")
_BUMP = "UPDATE directory_version SET number = number + 1"


def upgrade() -> None:
    op.create_table(
        "directory_version",
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_directory_version")),
    )
    op.execute("INSERT INTO directory_version (number) VALUES (0)")
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()
    else:
        _on_sqlite()


def _on_sqlite() -> None:
    for table in _TABLES:
        for act in ("INSERT", "UPDATE", "DELETE"):
            op.execute(f"CREATE TRIGGER tr_{table}_{act.lower()} AFTER {act} ON {table} BEGIN {_BUMP}; END")


def _on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION directory_changed() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$ BEGIN {_BUMP}; RETURN NULL; END $$"
    )
    for table in _TABLES:
        op.execute(
            f"CREATE TRIGGER tr_{table} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION directory_changed()"
        )


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in _TABLES:
        if postgresql:
            op.execute(f"DROP TRIGGER tr_{table} ON {table}")
        else:
            for act in ("insert", "update", "delete"):
                op.execute(f"DROP TRIGGER tr_{table}_{act}")
    if postgresql:
        op.execute("DROP FUNCTION directory_changed()")
    op.drop_table("directory_version")
