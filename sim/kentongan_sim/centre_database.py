"""The centre's SQLite database, read with plain SQL over a connection that cannot write.

On purpose it shares nothing with the server: it is what the oracle believes.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from kentongan_sim.evidence import AlarmRow, FinalState, Identity, IncidentRow

BUSY_S = 5.0  # a reader waits at most while SQLite recovers a log after a kill
STREAMED = ("incident", "trouble", "rejection")  # kinds of the feed that the console's stream carries


class CentreDatabase:
    """A read-only view of what is committed at the moment of each question."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(
            f"file:{path}?mode=ro", uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def level(self, identity: Identity) -> int | None:
        """The committed receipt level of a press, None when there is no such alarm."""
        device, sequence, nonce = identity
        row = self._connection.execute(
            "SELECT level FROM alarm WHERE device = ? AND sequence = ? AND nonce = ?",
            (device, sequence, bytes.fromhex(nonce)),
        ).fetchone()
        return None if row is None else int(row[0])

    def path(self, identity: Identity) -> int | None:
        """What brought a press to the centre first (docs/wire-protocol.md); None when there is no such alarm."""
        device, sequence, nonce = identity
        row = self._connection.execute(
            "SELECT path FROM alarm WHERE device = ? AND sequence = ? AND nonce = ?",
            (device, sequence, bytes.fromhex(nonce)),
        ).fetchone()
        return None if row is None else int(row[0])

    def alarm_count(self) -> int:
        """How many presses became alarms; those that the centre makes itself stand under gateways."""
        query = "SELECT count(*) FROM alarm JOIN device ON device.device = alarm.device WHERE device.role = 'button'"
        return int(self._connection.execute(query).fetchone()[0])

    def rejected_frames(self) -> int:
        """How many frames were refused and listed."""
        return int(self._connection.execute("SELECT coalesce(sum(count), 0) FROM rejection").fetchone()[0])

    def rejections(self) -> list[tuple[str, str, int]]:
        """Reason, source and count of each row of refusals."""
        return list(self._connection.execute("SELECT reason, source, count FROM rejection ORDER BY id"))

    def final_state(self) -> FinalState:
        """Everything that the oracle compares, in one snapshot."""
        ask = self._connection.execute
        ask("BEGIN")
        try:
            alarms = ask(
                "SELECT alarm.device, sequence, nonce, incident, device.site, level, path, role = 'gateway'"
                " FROM alarm JOIN device ON device.device = alarm.device ORDER BY alarm.id"
            ).fetchall()
            incidents = ask("SELECT id, site, state FROM incident ORDER BY id").fetchall()
            positions = ask("SELECT position FROM feed WHERE kind IN (?, ?, ?) ORDER BY position", STREAMED).fetchall()
            rejected = self.rejected_frames()
        finally:
            ask("COMMIT")
        return FinalState(
            alarms=tuple(
                AlarmRow((device, sequence, bytes(nonce).hex()), incident, site, level, path, bool(by_centre))
                for device, sequence, nonce, incident, site, level, path, by_centre in alarms
            ),
            incidents=tuple(IncidentRow(*row) for row in incidents),
            feed_positions=tuple(row[0] for row in positions),
            rejected_frames=rejected,
        )
