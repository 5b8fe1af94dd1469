"""The watchdog is fed only while every task has lately said that it works."""

# How long each task of the application may be silent. They bound how long a hung task can hide
# behind a watchdog that others feed; each is several times the task's own longest step.
DEADLINES_MS = {
    "inputs": 2_000,  # samples every 10 ms; the longest known stall is a flash erase of 0.5 s
    "delivery": 10_000,  # wakes at least every heartbeat (8 s)
    "link": 60_000,  # Wi-Fi association 20 s, then TCP, TLS and CONNECT, each with its deadline
}


class Health:
    """Who reported when. A task that never reported is overdue from `now_ms` at construction on."""

    def __init__(self, now_ms: int, deadlines_ms: "dict[str, int] | None" = None) -> None:
        self._deadlines_ms = deadlines_ms or DEADLINES_MS
        self._reported_ms = dict.fromkeys(self._deadlines_ms, now_ms)

    def report(self, task: str, now_ms: int) -> None:
        """The task works; raises KeyError for a task without a deadline."""
        if task not in self._deadlines_ms:
            raise KeyError(task)
        self._reported_ms[task] = now_ms

    def overdue(self, now_ms: int) -> list[str]:
        """The tasks that are silent beyond their deadlines, for the log before the reset."""
        return sorted([task for task, limit in self._deadlines_ms.items() if now_ms - self._reported_ms[task] > limit])

    def may_feed(self, now_ms: int) -> bool:
        """True when the watchdog may be fed."""
        return not self.overdue(now_ms)
