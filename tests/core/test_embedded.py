"""The built-in PostgreSQL: one server per directory, shared, and found again after every kind of death."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

import asyncpg
import psutil
import pytest

from core import embedded
from core.embedded import embedded_postgres

ROOT = Path(embedded.__file__).parent.parent
HOLDER = """
import sys, time
from pathlib import Path
from core.embedded import embedded_postgres
with embedded_postgres(Path(sys.argv[1]), durable=False):
    print("up", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def tmp_path() -> Generator[Path, None, None]:
    """Not pytest's own: every pytest that starts closes that one to the user PostgreSQL runs as."""
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory)


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def server_pid(data_dir: Path) -> int:
    return int((data_dir / "postmaster.pid").read_text().splitlines()[0])


def runs(pid: int) -> bool:
    """Whether the process lives; one that nobody has buried yet does not."""
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def holder(data_dir: Path) -> subprocess.Popen[str]:
    """Another program that uses the server until it is killed."""
    command = [sys.executable, "-c", HOLDER, str(data_dir)]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert program.stdout
    assert program.stdout.readline() == "up\n"
    return program


def kill(program: subprocess.Popen[str]) -> None:
    with program:
        program.kill()


async def test_data_outlives_a_restart_and_nothing_runs_in_between(tmp_path: Path) -> None:
    data_dir = tmp_path / "postgres"
    with embedded_postgres(data_dir, durable=True) as url:
        await ask(url, "CREATE TABLE note AS SELECT 'kept' AS text")
        first = server_pid(data_dir)
    assert not runs(first)
    with embedded_postgres(data_dir, durable=True) as url:
        assert await ask(url, "SELECT text FROM note") == "kept"


async def test_durable_syncs_and_forgetful_does_not(tmp_path: Path) -> None:
    for durable, expected in ((True, "on"), (False, "off")):
        with embedded_postgres(tmp_path / "postgres", durable=durable) as url:
            assert await ask(url, "SHOW fsync") == expected
            assert await ask(url, "SHOW listen_addresses") == ""


async def test_letters_of_norwegian_have_two_cases(tmp_path: Path) -> None:
    with embedded_postgres(tmp_path / "postgres", durable=False) as url:
        assert await ask(url, "SELECT lower('ÆØÅ') || upper('æøå')") == "æøåÆØÅ"


async def test_the_last_one_out_stops_the_server(tmp_path: Path) -> None:
    data_dir = tmp_path / "postgres"
    with embedded_postgres(data_dir, durable=False):
        pid = server_pid(data_dir)
        with embedded_postgres(data_dir, durable=False) as url:
            assert server_pid(data_dir) == pid
        assert await ask(url, "SELECT 1") == 1
    assert not runs(pid)


async def test_the_server_stays_while_another_program_uses_it(tmp_path: Path) -> None:
    data_dir = tmp_path / "postgres"
    other = holder(data_dir)
    try:
        with embedded_postgres(data_dir, durable=False) as url:
            pid = server_pid(data_dir)
        assert await ask(url, "SELECT 1") == 1
    finally:
        kill(other)
    with embedded_postgres(data_dir, durable=False):
        assert server_pid(data_dir) == pid, "the orphan is joined"
    assert not runs(pid), "and stopped, for the killed program holds nothing any more"


def is_dead(pid: int) -> bool:
    """Gone, or a corpse that nobody has buried yet."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def test_a_killed_server_is_started_again(tmp_path: Path) -> None:
    data_dir = tmp_path / "postgres"
    other = holder(data_dir)
    killed = server_pid(data_dir)
    os.kill(killed, signal.SIGKILL)
    gone_by = time.monotonic() + 10
    while not is_dead(killed):  # a signal takes its time
        assert time.monotonic() < gone_by
        time.sleep(0.01)
    kill(other)
    with embedded_postgres(data_dir, durable=False) as url:
        assert await ask(url, "SELECT 1") == 1
        assert server_pid(data_dir) != killed


async def test_the_number_of_a_dead_server_may_belong_to_another_process(tmp_path: Path) -> None:
    data_dir = tmp_path / "postgres"
    with embedded_postgres(data_dir, durable=False):
        lines = (data_dir / "postmaster.pid").read_text().splitlines()
    (data_dir / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]))
    with embedded_postgres(data_dir, durable=False) as url:
        assert await ask(url, "SELECT 1") == 1


async def test_a_start_that_was_killed_half_way_is_begun_anew(tmp_path: Path) -> None:
    half = tmp_path / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with embedded_postgres(tmp_path / "postgres", durable=False) as url:
        assert await ask(url, "SELECT 1") == 1


async def test_a_path_too_long_for_a_socket_gets_a_short_one(tmp_path: Path) -> None:
    data_dir = tmp_path / ("long" * 30) / "postgres"
    with embedded_postgres(data_dir, durable=False) as url:
        assert str(data_dir) not in url
        assert await ask(url, "SELECT 1") == 1


@pytest.mark.parametrize("name", ["with space", "it's", "æøå", "a%20b", "q?x=1&y"])
async def test_any_directory_name_will_do(tmp_path: Path, name: str) -> None:
    with embedded_postgres(tmp_path / name / "postgres", durable=False) as url:
        assert await ask(url, "SELECT 1") == 1


async def test_programs_that_start_at_once_share_one_server(tmp_path: Path) -> None:
    data_dir = tmp_path / "postgres"
    command = [sys.executable, "-c", HOLDER, str(data_dir)]
    programs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(4)]
    try:
        for program in programs:
            assert program.stdout
            assert program.stdout.readline() == "up\n"
        with embedded_postgres(data_dir, durable=False) as url:
            assert await ask(url, "SELECT 1") == 1
    finally:
        for program in programs:
            kill(program)
    with embedded_postgres(data_dir, durable=False):
        pass
    assert not (data_dir / "postmaster.pid").exists()


def test_a_cluster_of_another_major_version_is_refused_by_name(tmp_path: Path) -> None:
    data_dir = tmp_path / "postgres"
    data_dir.mkdir()
    (data_dir / "PG_VERSION").write_text("15\n")
    with (
        pytest.raises(RuntimeError, match="made by PostgreSQL 15"),
        embedded_postgres(data_dir, durable=True),
    ):
        pass


def test_a_directory_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "holiday.jpg").touch()
    with pytest.raises(FileExistsError), embedded_postgres(tmp_path / "postgres", durable=True):
        pass
    assert (tmp_path / "postgres" / "holiday.jpg").exists()


def test_a_prepared_cluster_starts_within_a_second(tmp_path: Path) -> None:
    with embedded_postgres(tmp_path / "postgres", durable=True):
        pass
    began = time.monotonic()
    with embedded_postgres(tmp_path / "postgres", durable=True):
        assert time.monotonic() - began < 1
