"""How often somebody may try; counted for each key by itself, so that nobody is locked out by another."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Hashable

KEYS_MAX = 10_000  # keys remembered at once; the least recently used is forgotten
HOUSEHOLD = 64  # bits of an IPv6 address that one customer of a network cannot change (RFC 6177, RFC 4291 2.5.1)
NAME_MAX = 64  # characters of an address that is none


class Throttle:
    """Lets `limit` failures of one key pass within `window_ms`.

    Args:
        limit: failures before a key must wait.
        window_ms: for how long a failure counts.
    """

    def __init__(self, limit: int, window_ms: int) -> None:
        self._limit = limit
        self._window_ms = window_ms
        self._failures: OrderedDict[Hashable, list[int]] = OrderedDict()

    def wait_ms(self, key: Hashable, now_ms: int) -> int:
        """How long this key must wait before its next try; 0 when it may try now."""
        failures = self._recent(key, now_ms)
        if len(failures) < self._limit:
            return 0
        return failures[-self._limit] + self._window_ms - now_ms

    def failed(self, key: Hashable, now_ms: int) -> None:
        """Counts a failure."""
        failures = self._recent(key, now_ms)
        failures.append(now_ms)
        self._failures[key] = failures
        self._failures.move_to_end(key)
        if len(self._failures) > KEYS_MAX:
            self._failures.popitem(last=False)

    def succeeded(self, key: Hashable) -> None:
        """Forgets the key's failures."""
        self._failures.pop(key, None)

    def take_back(self, key: Hashable) -> None:
        """Forgets the key's newest failure only: of many who share a key, one succeeded."""
        failures = self._failures.get(key)
        if failures:
            failures.pop()

    def _recent(self, key: Hashable, now_ms: int) -> list[int]:
        return [at_ms for at_ms in self._failures.get(key, ()) if at_ms > now_ms - self._window_ms]


def origin_of(address: str) -> str:
    """What tries from this address are counted under: of IPv6 the network, because its addresses cost nothing."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:NAME_MAX]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), HOUSEHOLD), strict=False))
