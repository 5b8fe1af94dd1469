"""Every setting of every program is documented, in words that come from the settings themselves."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

SCRIPT = Path(__file__).resolve().parents[3] / "tools" / "dev" / "settings_docs.py"


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("settings_docs", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_settings_say():
    docs = script()
    assert docs.PAGE.read_text(encoding="utf-8") == docs.page(), "run: .venv/bin/python tools/dev/settings_docs.py"
