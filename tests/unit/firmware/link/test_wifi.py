"""The Wi-Fi supervisor: what it does, when, and that it always tries again."""

from kentongan_button.link import wifi
from kentongan_button.link.wifi import (
    CONNECT,
    CONNECTED,
    CYCLE,
    CYCLE_EVERY,
    DEADLINE,
    DISCONNECT,
    DISCONNECTED,
    FAILED,
    JOIN_MS,
    JOINING,
    NO_MEMORY,
    NO_MEMORY_MAX,
    RESET,
    REST_FIRST_MS,
    REST_MAX_MS,
    RESTING,
    UP,
    USELESS,
    WifiSupervisor,
)


def joined():
    supervisor = WifiSupervisor(0)
    supervisor.handle(DEADLINE, 0)
    supervisor.handle(CONNECTED, 1_000)
    return supervisor


def test_it_connects_at_once():
    supervisor = WifiSupervisor(50)
    assert supervisor.deadline_ms == 50
    assert supervisor.handle(DEADLINE, 50) == (CONNECT,)
    assert supervisor.state == JOINING
    assert supervisor.deadline_ms == 50 + JOIN_MS


def test_a_connection_ends_the_waiting():
    supervisor = joined()
    assert supervisor.state == UP
    assert supervisor.failures == 0
    assert supervisor.deadline_ms > 10**15


def test_polling_an_unchanged_state_moves_no_deadline():
    supervisor = WifiSupervisor(0)
    supervisor.handle(DEADLINE, 0)
    supervisor.handle(DISCONNECTED, 500)
    assert supervisor.deadline_ms == JOIN_MS
    up = joined()
    deadline_ms = up.deadline_ms
    assert up.handle(CONNECTED, 5_000) == ()
    assert up.deadline_ms == deadline_ms


def test_an_association_that_takes_too_long_is_given_up_and_tried_again():
    supervisor = WifiSupervisor(0)
    supervisor.handle(DEADLINE, 0)
    assert supervisor.handle(DEADLINE, JOIN_MS) == (DISCONNECT,)
    assert supervisor.state == RESTING
    assert supervisor.deadline_ms == JOIN_MS + REST_FIRST_MS
    assert supervisor.handle(DEADLINE, JOIN_MS + REST_FIRST_MS) == (CONNECT,)


def test_pauses_grow_up_to_a_limit_and_the_radio_is_cycled_in_between():
    supervisor = WifiSupervisor(0)
    pauses, cycles, now_ms = [], [], 0
    for tries in range(1, 10):
        supervisor.handle(DEADLINE, now_ms)
        now_ms += JOIN_MS
        if CYCLE in supervisor.handle(DEADLINE, now_ms):
            cycles.append(tries)
        pauses.append(supervisor.deadline_ms - now_ms)
        now_ms = supervisor.deadline_ms
    assert pauses[:4] == [500, 1_000, 2_000, 4_000]
    assert max(pauses) == REST_MAX_MS
    assert cycles == [CYCLE_EVERY, 2 * CYCLE_EVERY, 3 * CYCLE_EVERY]


def test_a_lost_network_is_given_time_to_come_back_by_itself():
    supervisor = joined()
    assert supervisor.handle(DISCONNECTED, 9_000) == ()
    assert supervisor.state == JOINING
    assert supervisor.deadline_ms == 9_000 + JOIN_MS
    supervisor.handle(CONNECTED, 9_500)
    assert supervisor.state == UP


def test_an_internal_error_cycles_the_radio():
    for state_of in (joined,):
        assert state_of().handle(FAILED, 2_000) == (CYCLE,)
    supervisor = WifiSupervisor(0)
    supervisor.handle(DEADLINE, 0)
    assert supervisor.handle(FAILED, 10) == (CYCLE,)


def test_a_radio_that_cannot_even_be_cycled_is_not_hammered():
    supervisor = joined()
    actions = [supervisor.handle(FAILED, 2_000 + step) for step in range(CYCLE_EVERY)]
    assert actions.count((CYCLE,)) == 2  # the first, and one for three failures
    assert supervisor.deadline_ms - 2_000 >= 4 * REST_FIRST_MS


def test_an_association_that_leads_nowhere_is_cycled():
    supervisor = joined()
    assert supervisor.handle(USELESS, 70_000) == (CYCLE,)
    assert supervisor.state == RESTING


def test_repeated_lack_of_memory_ends_in_a_reset():
    supervisor = joined()
    for _ in range(NO_MEMORY_MAX - 1):
        assert RESET not in supervisor.handle(NO_MEMORY, 2_000)
    assert supervisor.handle(NO_MEMORY, 3_000) == (RESET,)


def test_a_working_link_forgives_a_lack_of_memory():
    supervisor = joined()
    for _ in range(3 * NO_MEMORY_MAX):
        assert RESET not in supervisor.handle(NO_MEMORY, 2_000)
        supervisor.gateway_reached()


def test_no_state_is_a_dead_end():
    for state in (RESTING, JOINING):
        assert (state, DEADLINE) in wifi.TABLE
        assert (state, CONNECTED) in wifi.TABLE
    for event in (DISCONNECTED, FAILED, USELESS, NO_MEMORY):
        assert (UP, event) in wifi.TABLE
    assert len(wifi.STATE_NAMES) == 3
    assert len(wifi.EVENT_NAMES) == 6
    assert len(wifi.ACTION_NAMES) == 4
