"""Notes of what another system is asked to change, and who did it."""

import sqlalchemy as sa
from alembic import op

from portal.adapters.sql.metadata import IdText, Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "remote_change",
        sa.Column("id", IdText, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("patient", IdText, nullable=True),
        sa.Column("account", IdText, nullable=True),
        sa.Column("attempt", IdText, nullable=True),
        sa.Column("slot", IdText, nullable=True),
        sa.Column("appointment", IdText, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remote_change")),
    )
    op.create_index(op.f("ix_remote_change_at"), "remote_change", ["at"], unique=False)
    op.create_table(
        "remote_act",
        sa.Column("appointment", IdText, nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("account", IdText, nullable=False),
        sa.PrimaryKeyConstraint("appointment", "act", name=op.f("pk_remote_act")),
    )


def downgrade() -> None:
    op.drop_table("remote_act")
    op.drop_table("remote_change")
