"""How late a phone visit may begin, for each kind of care at each site."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # 30 minutes, which was the same for all until now.
    op.add_column("service", sa.Column("call_late", sa.BigInteger(), nullable=False, server_default="1800"))


def downgrade() -> None:
    op.drop_column("service", "call_late")
