"""Refuses to build a wheel or an sdist without the built web pages.

They are no part of git; a clean clone would silently make a wheel whose console is empty.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WEB = Path("server/kentongan_server/web")


class WebPagesHook(BuildHookInterface):  # type: ignore[type-arg]
    """Checks that the console's build output is there."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Runs before a build; `version` is "editable" for a development install."""
        if version == "editable":
            return
        dist = Path(self.root) / WEB / "dist"
        if not dist.is_dir() or not any(path.is_file() for path in dist.rglob("*")):
            message = (
                f"expected built web pages in {WEB / 'dist'}, found none: "
                "run `make setup-demo` first (it builds them), then build again"
            )
            raise RuntimeError(message)
