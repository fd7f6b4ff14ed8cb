"""The scanner wapiti, let loose on a server of this machine, and what it has to say."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

ATTACKS = ("xss", "sql", "exec", "file")
LOOKS = ("csp", "http_headers", "cookieflags")
"""Modules: those that need nothing from the network."""
SECONDS_TO_CRAWL = 25
SECONDS_A_MODULE = 8
START = """
import re, sys
from wapitiCore.net import crawler
crawler.wildcard_translate = lambda pattern: re.compile(".*".join(map(re.escape, pattern.split("*"))))
from wapitiCore.main.wapiti import wapiti_main
sys.exit(wapiti_main())
"""
"""3.0.4, as Debian 12 has it, cannot leave an address out on Python 3.11. Gone with the next Debian."""


class Finding(msgspec.Struct):
    """One request, and what is wrong with its answer."""

    method: str
    path: str
    info: str
    parameter: str | None = None


class Scan(msgspec.Struct):
    """Findings by category: vulnerabilities, and what is odd, such as a 500."""

    vulnerabilities: dict[str, list[Finding]]
    anomalies: dict[str, list[Finding]]
    attacked: set[tuple[str, str]] = set()
    """Method and path."""

    @property
    def found(self) -> dict[str, list[Finding]]:
        return {**self.vulnerabilities, **self.anomalies}


def scan(
    url: str,
    directory: Path,
    *,
    cookies: str = "",
    leave_out: Sequence[str] = (),
    begin_at: Sequence[str] = (),
) -> Scan:
    """What wapiti finds under the address. Forms first, then addresses: no module has all the time it would like, so
    what must not be missed stands in `begin_at`.
    """
    program = shutil.which("wapiti")
    assert program, "tests marked wapiti run where it is"
    python = Path(program).read_text().partition("\n")[0].removeprefix("#!").split()
    options = ["-u", url, "--scope", "folder", "-S", "paranoid", "-d", "6", "-t", "20", "-v", "0"]
    options += ["--store-session", str(directory / "session"), "--no-bugreport", "-f", "json"]
    options += ["--max-scan-time", str(SECONDS_TO_CRAWL), "--max-attack-time", str(SECONDS_A_MODULE)]
    options += ["--max-files-per-dir", "12", "--max-links-per-page", "80", "--max-parameters", "60"]
    options += [word for path in leave_out for word in ("-x", path)]
    options += [word for path in begin_at for word in ("-s", path)]
    options += ["-H", f"Cookie: {cookies}"] if cookies else []
    found = Scan({}, {})
    for number, (method, how) in enumerate((("post", "--flush-session"), ("get", "--skip-crawl"))):
        report = directory / f"wapiti-{number}.json"
        modules = ",".join([*(f"{attack}:{method}" for attack in ATTACKS), *LOOKS])
        done = subprocess.run(
            [*python, "-c", START, *options, how, "-m", modules, "-o", str(report)],
            check=False,
            env={**os.environ, "HOME": str(directory)},
            timeout=300,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert done.returncode == 0, done.stdout.decode(errors="replace")
        more = msgspec.json.decode(report.read_bytes(), type=Scan)
        found.vulnerabilities |= {each: list_ for each, list_ in more.vulnerabilities.items() if list_}
        found.anomalies |= {each: list_ for each, list_ in more.anomalies.items() if list_}
    (memory,) = (directory / "session").glob("*.db")
    with closing(sqlite3.connect(memory)) as rows:
        asked: list[tuple[str, str]] = rows.execute(
            "SELECT method, path FROM paths JOIN attack_log USING (path_id) WHERE NOT evil"
        ).fetchall()
        found.attacked = {(method, urlsplit(address).path) for method, address in asked}
    return found
