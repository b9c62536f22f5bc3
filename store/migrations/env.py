"""What Alembic runs: migrations on the connection that it is handed, in that connection's transaction."""

from alembic import context

from phonegrade.store.columns import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
