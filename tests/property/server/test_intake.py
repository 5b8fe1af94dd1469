"""Intake under arbitrary repetition, order, delay and path: one press is one alarm, and each is answered."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kentongan_server.application.take import Taken
from kentongan_server.domain.flags import Flag
from kentongan_wire.frame import seal
from kentongan_wire.receipts import Receipt
from tests.support.direct_centre import DirectCentre
from tests.support.payloads import presses
from tests.support.presses import Made, attempt, body, message

BUTTON, HERE, THERE = 1, 90, 91


def centre() -> DirectCentre:
    made = DirectCentre()
    made.button(BUTTON)
    made.gateway(HERE)
    made.gateway(THERE, "b")
    return made


@st.composite
def honest_lives(draw: st.DrawFn) -> list[Made]:
    """All presses of one honest button: rising sequences, several boots, any pauses."""
    life: list[Made] = []
    now_ms = sequence = 0
    for boot in range(1, draw(st.integers(1, 3)) + 1):
        boot_began_ms = now_ms
        for _ in range(draw(st.integers(1, 4))):
            now_ms += draw(st.sampled_from([0, 40, 900, 60_000, 3_600_000, 90_000_000]))
            sequence += 1
            nonce = sequence.to_bytes(8, "big")
            life.append(Made(body(sequence, nonce, boot, now_ms - boot_began_ms), now_ms, boot_began_ms))
        now_ms += draw(st.sampled_from([100, 700_000]))
        sequence += draw(st.sampled_from([0, 15]))  # numbers reserved ahead are lost with the power
    return life


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Made], list[tuple[int, int, int]]]:
    """A life, and (press, gateway, milliseconds until the next) in any order, each press at least once."""
    life = draw(honest_lives())
    extra = draw(st.lists(st.integers(0, len(life) - 1), max_size=6))
    order = draw(st.permutations([*range(len(life)), *extra]))
    return life, [
        (one, draw(st.sampled_from([HERE, THERE])), draw(st.sampled_from([0, 3, 4_000, 3_600_000]))) for one in order
    ]


@settings(max_examples=60)
@given(deliveries())
def test_one_press_is_one_alarm_whatever_carries_it(case):
    life, order = case
    made = centre()
    button = made.found(BUTTON)
    made.clock.now_ms = life[-1].at_ms
    for index, gateway, pause_ms in order:
        made.clock.now_ms += pause_ms
        last_boot = life[-1].body.boot_id  # what was made in an earlier boot is sent by the last one
        frame = attempt(button, life[index], made.clock.now_ms, boot_id=last_boot)
        taken = made.run(made.intake.take(*message(made.found(gateway), frame)))
        assert isinstance(taken, Taken)
        answered = [(device, frame.payload) for device, _, frame in made.outbox.take()]
        assert [gateway, gateway] == [device for device, _ in answered]
        assert all(isinstance(one, Receipt) and one.press.nonce == life[index].body.nonce for _, one in answered)
    stored = made.rows("SELECT sequence, nonce FROM alarm ORDER BY sequence")
    assert stored == [(one.body.sequence, one.body.nonce) for one in life]
    assert made.rows("SELECT count(*), sum(state = 'new') FROM incident") == [(1, 1)]
    rewound = made.rows("SELECT count(*) FROM alarm WHERE flags & ?", int(Flag.REWOUND))
    assert rewound == [(0,)], "an honest button was taken for a rewound one"
    assert made.rows("SELECT count(*) FROM trouble") == [(0,)]


@settings(max_examples=100)
@given(presses, st.integers(0, 2**32 - 1))
def test_whatever_a_valid_mac_covers_rings(press, held_ms):
    made = centre()
    button = made.found(BUTTON)
    frame = seal(press, BUTTON, 1, button.keys.up_link)
    taken = made.run(made.intake.take(*message(made.found(HERE), frame, held_ms)))
    assert isinstance(taken, Taken)
    assert taken.fresh
    assert made.rows("SELECT nonce FROM alarm") == [(press.body.nonce,)]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 3), st.binary(min_size=8, max_size=8)), min_size=1, max_size=8))
def test_a_rewound_counter_still_rings_and_is_told(presses_made):
    made = centre()
    button, gateway = made.found(BUTTON), made.found(HERE)
    seen: dict[int, bytes] = {}
    for number, (sequence, nonce) in enumerate(presses_made):
        once = Made(body(sequence, nonce, boot_id=100 + number, uptime_ms=5_000), 0, -5_000)
        taken = made.run(made.intake.take(*message(gateway, attempt(button, once, 50))))
        if taken.fresh:
            assert bool(taken.flags & Flag.REWOUND) is (sequence in seen)
            seen[sequence] = nonce
    identities = set(presses_made)
    assert len(made.rows("SELECT 1 FROM alarm")) == len(identities)
    rewound = len(identities) - len({sequence for sequence, _ in identities})
    assert made.rows("SELECT sum(count) FROM trouble WHERE kind = 'rewound-or-cloned'") == [(rewound or None,)]
