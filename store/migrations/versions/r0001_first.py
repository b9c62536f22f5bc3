"""The first schema: cases, phones, facts, jobs, events, webhooks, answers and principals.

As SQL of each database rather than as operations: what was released stays as it was, whatever becomes of our types.
"""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table, index and trigger."""
    connection = op.get_bind()
    script = Path(__file__).with_name(f"first_{connection.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in script.split(";\n\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)
