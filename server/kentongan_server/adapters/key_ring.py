"""The keys of enrolled devices: read from the store when they are first asked for, then kept in memory."""

from __future__ import annotations

from collections import OrderedDict

from kentongan_host.log import logger
from kentongan_server.adapters.database import Place
from kentongan_server.adapters.looking_up import look_up
from kentongan_server.adapters.seal import SealError
from kentongan_server.application.enrol import Sealer
from kentongan_server.application.ports import Enrolled, KeyState
from kentongan_wire.keys import DeviceKeys

KEPT_MAX = 50_000  # devices: some 100 MB of derived keys; beyond it deriving one again costs 50 µs

_FIND = """\
SELECT d.role, d.site, d.retired_at_ms, k.state, k.sealed_root
FROM device AS d JOIN device_key AS k ON k.device = d.device
WHERE d.device = ? AND k.key_id = ?"""
_REVISION = "SELECT value FROM meta WHERE key = 'keys_revision'"

_log = logger("kentongan.keys")


class SqlKeyRing:
    """Implements `application.ports.KeyRing`; on the loop's thread only, because a look-up takes microseconds."""

    def __init__(self, database: Place, sealer: Sealer, kept_max: int = KEPT_MAX) -> None:
        self._rows = look_up(database)
        self._sealer = sealer
        self._kept: OrderedDict[tuple[int, int], Enrolled] = OrderedDict()
        self._kept_max = kept_max
        self._revision = self._read_revision()

    def close(self) -> None:
        self._rows.close()

    def find(self, device: int, key_id: int) -> Enrolled | None:
        key = (device, key_id)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept
        # Not being enrolled is never remembered: somebody may be enrolling it right now.
        row = self._rows.one(_FIND, key)
        if row is None:
            return None
        role, site, retired_at_ms, state, sealed = row
        try:
            root = self._sealer.open(sealed, device, key_id)
        except SealError as error:  # its frames are refused as those of an unknown device; this line says why
            _log.error("device cannot be understood", why=error.what, remedy=error.remedy)
            return None
        key_state = KeyState(state)
        retired = retired_at_ms is not None or key_state is KeyState.RETIRED
        found = Enrolled(device, key_id, role, site, key_state, retired, DeviceKeys(root, role, device, key_id, site))
        self._kept[key] = found
        if len(self._kept) > self._kept_max:
            self._kept.popitem(last=False)
        return found

    def refresh(self) -> bool:
        """Forgets everything when an enrolment changed a key; True when it did. Call it every second."""
        revision = self._read_revision()
        if revision == self._revision:
            return False
        self._revision = revision
        self._kept.clear()
        return True

    def _read_revision(self) -> str | None:
        row = self._rows.one(_REVISION)
        return row[0] if row else None
