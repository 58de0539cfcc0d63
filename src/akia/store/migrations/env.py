"""What Alembic runs: every revision in the transaction that `migrations.upgrade` began."""

from __future__ import annotations

from alembic import context

from akia.store.metadata import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True)
context.run_migrations()
