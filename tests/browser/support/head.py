"""An admin's acts without a browser: people, and what the register of sites holds."""

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

    def user(self, name: str) -> dict[str, Any]:
        """What is known of a person."""
        return next(user for user in self.listing("users") if user["name"] == name)

    def site(self, code: str) -> dict[str, Any]:
        return self._get(f"sites/{code}")

    def put(self, path: str, body: dict[str, Any]) -> None:
        self._http.put(f"/api/{path}", json=body).raise_for_status()

    def put_picture(self, code: str, data: bytes) -> None:
        headers = {"content-type": "application/octet-stream"}
        self._http.put(f"/api/sites/{code}/picture", content=data, headers=headers).raise_for_status()

    def remove_picture(self, code: str) -> None:
        self._http.request("DELETE", f"/api/sites/{code}/picture", json={}).raise_for_status()

    def status(self, path: str) -> int:
        """What the centre answers to a request of this session."""
        return self._http.get(f"/api/{path}").status_code
