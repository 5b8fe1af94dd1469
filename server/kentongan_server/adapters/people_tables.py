"""People and their sessions: the plain SQL behind log-in and the management of users."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kentongan_server.adapters.statements import Statements
from kentongan_server.application.person import Passkey, User

_CHANGEABLE = frozenset({"full_name", "role", "agency", "oidc_subject", "disabled_at_ms"})


class PeopleTables(Statements):
    """Implements `application.person.PeopleWriter` and `application.users.UserBook`, but for the history."""

    # --- sessions ------------------------------------------------------------------------------

    def insert_session(self, key: bytes, user: int, at_ms: int, expires_at_ms: int, method: str) -> None:
        self._do("delete_old_sessions", at_ms)
        self._do("insert_session", key, user, at_ms, expires_at_ms, at_ms, method)

    def delete_session(self, key: bytes) -> bool:
        return self._do("delete_session", key).rowcount > 0

    def sessions_of(self, user: int) -> list[bytes]:
        return [bytes(key) for (key,) in self._all("sessions_of", user)]

    def seen_session(self, key: bytes, at_ms: int) -> None:
        self._do("seen_session", at_ms, key)

    def spend(self, digest: bytes, until_ms: int, at_ms: int) -> bool:
        self._do("forget_spent", at_ms)
        return self._do("spend", digest, until_ms).rowcount > 0

    # --- people --------------------------------------------------------------------------------

    def person(self, user: int) -> User | None:
        return person(self._one("person", user))

    def person_named(self, name: str) -> User | None:
        return person(self._one("person_named", name))

    def person_at_issuer(self, subject: str) -> User | None:
        return person(self._one("person_at_issuer", subject))

    def other_admins(self, user: int) -> int:
        row = self._one("other_admins", user)
        return int(row[0]) if row else 0

    def roles_with_a_way_in(self) -> dict[int, str]:
        return dict(self._all("roles_with_a_way_in"))

    def insert_person(
        self,
        name: str,
        full_name: str,
        role: str,
        agency: str | None,
        password_hash: str | None,
        at_ms: int,
        *,
        must_change: bool,
    ) -> int:
        return self._insert("insert_person", name, full_name, role, agency, password_hash, int(must_change), at_ms)

    def change_person(self, user: int, changes: Mapping[str, object]) -> None:
        unknown = changes.keys() - _CHANGEABLE
        if unknown:  # names of columns go into the statement as they are
            raise ValueError(f"these are not changed here: {sorted(unknown)}")
        if changes:
            sets = ", ".join(f"{name} = ?" for name in changes)
            self._write(f'UPDATE "user" SET {sets} WHERE id = ?', (*changes.values(), user))  # noqa: S608

    def set_password(self, user: int, password_hash: str, at_ms: int, *, must_change: bool) -> None:
        self._do("set_password", password_hash, int(must_change), at_ms, user)

    def set_sites(self, user: int, sites: Iterable[str]) -> None:
        self._do("clear_sites", user)
        for site in sites:
            self._do("give_site", user, site)

    def sites_of_person(self, user: int) -> list[str]:
        return [site for (site,) in self._all("sites_of_person", user)]

    def has_agency(self, code: str) -> bool:
        return self._one("agency_exists", code) is not None

    def has_site(self, code: str) -> bool:
        return self._one("site_exists", code) is not None

    # --- passkeys ------------------------------------------------------------------------------

    def insert_passkey(
        self, user: int, credential: bytes, public_key: bytes, sign_count: int, label: str, at_ms: int
    ) -> int | None:
        row = self._one("insert_passkey", user, credential, public_key, sign_count, label, at_ms)
        return int(row[0]) if row else None

    def passkey(self, credential: bytes) -> Passkey | None:
        row = self._one("passkey", credential)
        return passkey(row) if row else None

    def credentials_of(self, user: int) -> list[bytes]:
        return [bytes(credential) for (credential,) in self._all("credentials_of", user)]

    def used_passkey(self, passkey: int, sign_count: int, at_ms: int) -> None:
        self._do("used_passkey", sign_count, at_ms, passkey)

    def delete_passkey(self, passkey: int, user: int) -> bool:
        return self._do("delete_passkey", passkey, user).rowcount > 0

    def delete_passkeys_of(self, user: int) -> int:
        return self._do("delete_passkeys_of", user).rowcount


def passkey(row: tuple[Any, ...]) -> Passkey:
    """A row that begins as that of `passkey`."""
    return Passkey(row[0], row[1], bytes(row[2]), bytes(row[3]), row[4], row[5])


def person(row: tuple[Any, ...] | None) -> User | None:
    """A row of `person`."""
    if row is None:
        return None
    user, name, full_name, role, agency, password_hash, must_change, oidc_subject, disabled_at_ms = row
    return User(
        id=user,
        name=name,
        role=role,
        password_hash=password_hash,
        full_name=full_name,
        agency=agency,
        must_change=bool(must_change),
        oidc_subject=oidc_subject,
        disabled=disabled_at_ms is not None,
    )
