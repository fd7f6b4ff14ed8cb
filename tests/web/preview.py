"""Every template as files in a folder, with the static files beside them; `python -m tests.web.preview` to look."""

import functools
import http.server
import shutil
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.colours import stylesheet
from core.page import ROOT, render
from core.texts import LANGUAGES
from tests.web.contexts import COLOUR, Sample, page_of
from tests.web.samples import SAMPLES

POLICY = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)


def html_of(sample: Sample, language: str) -> str:
    return render(sample.template, page_of(sample, language), **sample.context)


def write_all(folder: Path) -> None:
    """`<language>/<sample>.html` for all samples, static/ and the theme."""
    shutil.copytree(ROOT / "web" / "static", folder / "static", dirs_exist_ok=True)
    (folder / "solvik").mkdir(parents=True, exist_ok=True)
    (folder / "solvik" / "theme.css").write_text(stylesheet(COLOUR))
    for language in LANGUAGES:
        (folder / language).mkdir(exist_ok=True)
        for sample in SAMPLES:
            (folder / language / f"{sample.name}.html").write_text(html_of(sample, language))


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the folder under the content security policy of the real thing, and says nothing."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def do_GET(self) -> None:
        """A stream that has nothing to tell ends for good (204); the rest are files."""
        if self.path.startswith("/events"):
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name of the base class
        pass


@contextmanager
def served(folder: Path) -> Generator[str]:
    """The address at which the folder is served while the block runs."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
