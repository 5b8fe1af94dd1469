"""What a browser brings back once: for its purpose, in its time, and not one character of it another."""

from __future__ import annotations

import pytest

from kentongan_server.application.tickets import TICKET_MS, TicketError, Tickets, digest

KEY = bytes(range(32))
CONTENT = {"challenge": "abc"}


class Clock:
    """One that a test moves."""

    def __init__(self) -> None:
        self.now_ms = 1_800_000_000_000

    def wall_ms(self) -> int:
        return self.now_ms

    def monotonic_ms(self) -> int:
        return self.now_ms


def test_it_holds_what_was_put_in_until_its_time_is_over() -> None:
    clock = Clock()
    tickets = Tickets(KEY, clock)
    ticket = tickets.make("login", CONTENT)
    clock.now_ms += TICKET_MS - 1
    assert tickets.open("login", ticket) == CONTENT
    clock.now_ms += 1
    with pytest.raises(TicketError):
        tickets.open("login", ticket)


def test_it_is_for_one_purpose_and_of_one_centre() -> None:
    ticket = Tickets(KEY, Clock()).make("login", CONTENT)
    with pytest.raises(TicketError):
        Tickets(KEY, Clock()).open("register", ticket)
    with pytest.raises(TicketError):
        Tickets(bytes(32), Clock()).open("login", ticket)


@pytest.mark.parametrize("broken", [None, "", ".", "a.b", "é.é", "x" * 5_000])
def test_what_is_none_is_refused(broken: str | None) -> None:
    with pytest.raises(TicketError):
        Tickets(KEY, Clock()).open("login", broken)


def test_nobody_can_write_it_in_another_way() -> None:
    """It is spent by its digest: another way to write it would be good once more."""
    tickets = Tickets(KEY, Clock())
    ticket = tickets.make("login", CONTENT)
    for other in (ticket.upper(), ticket + " ", " " + ticket, ticket + "=", ticket.replace(".", "=.")):
        assert digest(other) != digest(ticket)
        with pytest.raises(TicketError):
            tickets.open("login", other)
