"""Writes docs/openapi.json anew, after a change of the API that was meant: `python -m scripts.write_api_document`."""

import json
from pathlib import Path

from core.settings import Settings
from web.app import make_app
from web.document import document

GOLDEN = Path(__file__).parent.parent / "docs" / "openapi.json"


def written() -> str:
    """The document of the program as it stands, for people to read in a diff."""
    app = make_app(Settings(), "postgresql://nobody@/nowhere")
    return json.dumps(document(app), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    GOLDEN.write_text(written())
