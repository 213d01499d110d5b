"""docker/databases.sql on a server of our own."""

import os
import subprocess

import psycopg

from tests.compose.compose_file import ROOT
from tools.servers import PrivatePostgres


def make_databases(postgres: PrivatePostgres) -> None:
    """Run docker/databases.sql as the server's image does."""
    passwords = {"QUOTES_DATABASE_PASSWORD": "any", "LIKES_DATABASE_PASSWORD": "it's"}
    subprocess.run(
        ["psql", "--no-psqlrc", "--file", str(ROOT / "docker/databases.sql"), postgres.url],
        env={"PATH": os.environ["PATH"], **passwords},
        check=True,
        capture_output=True,
        timeout=60,
    )


def as_account(postgres: PrivatePostgres, account: str, database: str) -> psycopg.Connection:
    """Connect to a database as an account of that server."""
    return psycopg.connect(postgres.url_of(database).replace("postgres@", f"{account}@"))
