"""What Alembic runs. Works on the connection it is handed and leaves the transaction to whoever opened it."""

from alembic import context

from portal.adapters.sql import tables_clinical, tables_portal  # noqa: F401  (they fill `metadata`)
from portal.adapters.sql.metadata import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
