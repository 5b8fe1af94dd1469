"""Write docs/settings.md from the settings themselves. Usage: .venv/bin/python tools/dev/settings_docs.py."""

from __future__ import annotations

from pathlib import Path

from kentongan_gateway.settings import GatewaySettings
from kentongan_host.settings import document
from kentongan_server.settings import CentreSettings

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "settings.md"

HEAD = """\
# Settings

Written by `tools/dev/settings_docs.py` from the programs' own settings; a test holds the two equal.

Each program reads one TOML file. Relative paths are relative to that file. An environment variable
`KENTONGAN_<SECTION>__<KEY>` overrides a key (`KENTONGAN_BUTTONS__PORT=8884`). Secrets are never in
the settings: these name files, and a secret file that others could read (anything but mode 0600) is
refused. An unknown key, section or variable is refused as well, with the nearest one that exists.
"""


def page() -> str:
    """The whole page."""
    return (
        f"{HEAD}\n## gateway.toml\n\nOf `kentongan gateway`; enrolment writes it.\n\n{document(GatewaySettings)}"
        f"\n## centre.toml\n\nOf `kentongan serve` and `kentongan enrol`.\n\n{document(CentreSettings)}"
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
