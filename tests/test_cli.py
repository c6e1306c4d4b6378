"""The command line as a program: what it says and how it ends when the database cannot answer."""

from click.testing import CliRunner

from hiring.cli import UNAVAILABLE, cli
from tests.conftest import Engine


def test_a_database_without_tables_is_unavailable_and_says_so(bare: Engine) -> None:
    environment = {
        "HIRING_DATA_DIR": str(bare.settings.data_dir),
        "HIRING_DATABASE_URL": bare.settings.database_url,
        "HIRING_SECRET_KEY": "test",
    }
    for command in (["funnel", "--format", "json"], ["audit", "verify"]):
        result = CliRunner().invoke(cli, command, env=environment)
        assert result.exit_code == UNAVAILABLE, result.output
        assert result.stdout == ""
        assert result.stderr.startswith("The database is not ")
        assert "Traceback" not in result.stderr
    bare.close()
