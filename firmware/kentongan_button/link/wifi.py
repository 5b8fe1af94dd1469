"""Keeping the button on the site's Wi-Fi: decisions in one table, no I/O.

`handle(event, now_ms)` gives the actions that app.py hands to the hardware; `deadline_ms` is when
DEADLINE has to be told. Power saving stays off (`hal` sets PM_NONE): a sleeping radio answers late.

Protected management frames: the ESP32's Wi-Fi library uses them with every access point that
offers them, and MicroPython has no option to insist on them. A site that wants to be safe from
forged de-authentication sets its access point to WPA3 or to "PMF required".
"""

# States
RESTING = 0  # waiting before the next try
JOINING = 1  # the radio tries
UP = 2  # associated, with an address

STATE_NAMES = ("resting", "joining", "up")

# Events
DEADLINE = 0  # `deadline_ms` is reached
CONNECTED = 1  # the radio says: connected, with an address
DISCONNECTED = 2  # the radio says: not connected
FAILED = 3  # the driver raised ("Wifi Internal Error")
USELESS = 4  # connected, yet no gateway was reached for USELESS_MS (app.py counts)
NO_MEMORY = 5  # ENOMEM from the driver or from a socket

EVENT_NAMES = ("deadline", "connected", "disconnected", "failed", "useless", "no memory")

# Actions
CONNECT = 0  # start to associate
DISCONNECT = 1  # stop trying
CYCLE = 2  # radio off and on again: what cures "Wifi Internal Error" and stale associations
RESET = 3  # restart the chip: what cures a leaked network heap

ACTION_NAMES = ("connect", "disconnect", "cycle", "reset")

JOIN_MS = 20_000  # bounds one association with DHCP: a crowded access point takes 10 s
REST_FIRST_MS = 500  # first pause after a failed try
REST_MAX_MS = 15_000  # longest pause: a returning access point is found within 15 s and one try
CYCLE_EVERY = 3  # failed tries after which the radio is switched off and on
NO_MEMORY_MAX = 3  # ENOMEM in a row, without a working link between, that end in a reset
USELESS_MS = 60_000  # how long a connected radio may reach no gateway before it is cycled
NEVER_MS = 1 << 62

# (state, event) → (next state, actions). What is not listed changes nothing.
TABLE = {
    (RESTING, DEADLINE): (JOINING, (CONNECT,)),
    (RESTING, CONNECTED): (UP, ()),  # the library found the network again by itself
    (RESTING, FAILED): (RESTING, ()),  # even switching it on fails: a longer rest
    (RESTING, NO_MEMORY): (RESTING, ()),
    (JOINING, CONNECTED): (UP, ()),
    (JOINING, DEADLINE): (RESTING, (DISCONNECT,)),
    (JOINING, FAILED): (RESTING, (CYCLE,)),
    (JOINING, NO_MEMORY): (RESTING, (CYCLE,)),
    (UP, DISCONNECTED): (JOINING, ()),  # the library already tries again; it has JOIN_MS
    (UP, FAILED): (RESTING, (CYCLE,)),
    (UP, USELESS): (RESTING, (CYCLE,)),
    (UP, NO_MEMORY): (RESTING, (CYCLE,)),
}


class WifiSupervisor:
    """The state of the association and what to do about it.

    Attributes:
        state: RESTING, JOINING or UP.
        deadline_ms: uptime at which to call `handle(DEADLINE, …)`.
        failures: tries that failed since the network was last up.
    """

    def __init__(self, now_ms: int) -> None:
        self.state = RESTING
        self.deadline_ms = now_ms
        self.failures = 0
        self._no_memory = 0

    def handle(self, event: int, now_ms: int) -> "tuple[int, ...]":
        """Take an event; returns the actions (`CONNECT` …) in order."""
        if event == NO_MEMORY:
            self._no_memory += 1
            if self._no_memory >= NO_MEMORY_MAX:
                return (RESET,)
        if (self.state, event) not in TABLE:
            return ()
        before = self.state
        self.state, actions = TABLE[self.state, event]
        if self.state == RESTING:
            self.failures += 1
            if self.failures % CYCLE_EVERY == 0 and CYCLE not in actions:
                actions = (CYCLE,)
        elif self.state == UP and before != UP:
            self.failures = 0
        self.deadline_ms = now_ms + self._patience_ms()
        return actions

    def gateway_reached(self) -> None:
        """The link works: whatever memory was short is there again."""
        self._no_memory = 0

    def _patience_ms(self) -> int:
        if self.state == JOINING:
            return JOIN_MS
        if self.state == UP:
            return NEVER_MS
        return min(REST_FIRST_MS << min(self.failures - 1, 8), REST_MAX_MS)
