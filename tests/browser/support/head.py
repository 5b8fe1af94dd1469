"""An admin's acts without a browser: people who come in first with a one-time password."""

from __future__ import annotations

import secrets
from typing import Any

from tests.browser.support.centre import Desk, Operator


class Head(Desk):
    """Somebody who looks after the centre itself."""

    def add_newcomer(self, role: str = "operator", **more: Any) -> Operator:
        """Somebody who has only a one-time password."""
        name = f"baru-{secrets.token_hex(3)}"
        answer = self._http.post("/api/users", json={"name": name, "role": role} | more)
        answer.raise_for_status()
        return Operator(name, answer.json()["password"], role)

    def status(self, path: str) -> int:
        """What the centre answers to a request of this session."""
        return self._http.get(f"/api/{path}").status_code
