"""How Alembic reaches the database: always online, by the engine that `upgrading` hands in."""

from alembic import context

from kentongan_server.adapters.schema import metadata

engine = context.config.attributes["engine"]
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
