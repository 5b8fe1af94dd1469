"""Guessing is slowed down for the one who guesses, and for nobody else."""

from __future__ import annotations

from kentongan_server.domain.throttle import KEYS_MAX, Throttle, origin_of


def test_after_the_limit_a_key_waits_until_its_oldest_failure_is_forgotten():
    throttle = Throttle(3, 60_000)
    for at_ms in (0, 10_000, 20_000):
        assert throttle.wait_ms("a", at_ms) == 0
        throttle.failed("a", at_ms)
    assert throttle.wait_ms("a", 21_000) == 39_000
    assert throttle.wait_ms("a", 60_000) == 0


def test_others_do_not_wait():
    throttle = Throttle(1, 60_000)
    throttle.failed(("10.0.0.9", "sari"), 0)
    assert throttle.wait_ms(("10.0.0.9", "sari"), 1) > 0
    assert throttle.wait_ms(("10.0.0.1", "sari"), 1) == 0
    assert throttle.wait_ms(("10.0.0.9", "budi"), 1) == 0


def test_success_forgets_failures():
    throttle = Throttle(1, 60_000)
    throttle.failed("a", 0)
    throttle.succeeded("a")
    assert throttle.wait_ms("a", 1) == 0


def test_one_success_of_many_who_share_a_key_takes_one_failure_back():
    throttle = Throttle(2, 60_000)
    throttle.take_back("a")
    for at_ms in (0, 1):
        throttle.failed("a", at_ms)
    throttle.take_back("a")
    assert throttle.wait_ms("a", 2) == 0
    throttle.failed("a", 2)
    assert throttle.wait_ms("a", 3) > 0


def test_all_addresses_that_cost_nothing_are_one():
    assert origin_of("192.0.2.7") == "192.0.2.7"
    assert origin_of("::ffff:192.0.2.7") == "192.0.2.7"
    assert origin_of("2001:db8:1:2:3:4:5:6") == origin_of("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert origin_of("2001:db8:1:3::1") != origin_of("2001:db8:1:2::1")
    assert origin_of("fe80::1%eth0") == origin_of("fe80::2%eth0")
    assert origin_of("") == ""
    assert origin_of("x" * 5_000) == "x" * 64


def test_memory_is_bounded():
    throttle = Throttle(1, 60_000)
    for number in range(KEYS_MAX + 1):
        throttle.failed(number, 0)
    assert throttle.wait_ms(0, 1) == 0
    assert throttle.wait_ms(KEYS_MAX, 1) > 0
