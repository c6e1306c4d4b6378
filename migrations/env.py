"""Alembic's way into the application: its engine, its metadata, both databases."""

from alembic import context

from hiring.ground.database import Base, UtcDateTime, db, schema_change

config = context.config


def _ours(_object: object, name: str | None, kind: str, reflected: bool, _compared: object) -> bool:
    """Leave tables alone that the metadata does not know (full-text shadow tables, SQLite's own)."""
    return not (kind == "table" and reflected and name not in Base.metadata.tables)


def _render(kind: str, thing: object, _context: object) -> str | bool:
    """Write our types as SQLAlchemy's own, so that old migrations need no code of today."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(thing, UtcDateTime) else False


def run() -> None:
    """Run migrations online, in one transaction; SQLite checks foreign keys again at the end."""
    with schema_change(), db.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            # a batch rebuilds tables, which must not cascade; the pragma only works outside a transaction
            raw = connection.connection.dbapi_connection
            raw.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            include_object=_ours,
            render_item=_render,
            compare_type=True,
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            context.run_migrations()
            if sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"a migration would leave rows without their parents: {broken[:5]}")
        if sqlite:
            raw.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]


if context.is_offline_mode():
    raise SystemExit("Migrations run against a database, not into a script.")
run()
