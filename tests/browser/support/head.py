"""An admin's acts without a browser: people, and what the register of sites holds."""

from __future__ import annotations

import secrets
from typing import Any

from tests.browser.support.centre import Desk, Operator

STREAMS = "kentongan_stream_clients "  # the measure of that name


class Head(Desk):
    """Somebody who looks after the centre itself."""

    def streams(self) -> int:
        """How many live streams the centre has."""
        told = self._http.get("/metrics").raise_for_status().text
        return next(int(float(line.split()[1])) for line in told.splitlines() if line.startswith(STREAMS))

    def add_newcomer(self, role: str = "operator", **more: Any) -> Operator:
        """Somebody who has only a one-time password."""
        name = f"baru-{secrets.token_hex(3)}"
        answer = self._http.post("/api/users", json={"name": name, "role": role} | more)
        answer.raise_for_status()
        return Operator(name, answer.json()["password"], role)

    def add(self, name: str, role: str, **more: Any) -> None:
        """Somebody with a one-time password that nobody keeps."""
        self._http.post("/api/users", json={"name": name, "role": role} | more).raise_for_status()

    def user(self, name: str) -> dict[str, Any]:
        """What is known of a person."""
        return next(user for user in self.listing("users") if user["name"] == name)

    def change_user(self, name: str, changes: dict[str, Any]) -> None:
        self._http.patch(f"/api/users/{self.user(name)['id']}", json=changes).raise_for_status()

    def bring_crimes(self, rows: str) -> None:
        """The city's own numbers of crimes, as CSV."""
        headers = {"content-type": "text/csv"}
        self._http.put("/api/reports/crimes", content=rows.encode(), headers=headers).raise_for_status()

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
