"""Guessing is slowed down for the one who guesses, and for nobody else."""

from __future__ import annotations

from kentongan_server.domain.throttle import KEYS_MAX, Throttle


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


def test_memory_is_bounded():
    throttle = Throttle(1, 60_000)
    for number in range(KEYS_MAX + 1):
        throttle.failed(number, 0)
    assert throttle.wait_ms(0, 1) == 0
    assert throttle.wait_ms(KEYS_MAX, 1) > 0
