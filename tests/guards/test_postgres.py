"""The PostgreSQL that tests use is real, empty at the start of each test, and listens on no port."""

import psycopg
from sqlalchemy.engine import make_url


def test_each_test_gets_an_empty_database(postgres_url: str) -> None:
    url = make_url(postgres_url)
    assert url.drivername == "postgresql+psycopg"
    with psycopg.connect(url.set(drivername="postgresql").render_as_string()) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        assert tables == (0,)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
