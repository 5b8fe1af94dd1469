"""The oracle bites: each doctored record turns a right run red, with its own sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from kentongan_sim.evidence import AlarmRow, Evidence, FinalState, Identity, IncidentRow, LampSeen, StreamSeen
from kentongan_sim.oracle import judge, latencies

FIRST: Identity = (0xA1, 1, "01" * 8)
SECOND: Identity = (0xB2, 1, "02" * 8)
STRANGER: Identity = (0xA1, 9, "09" * 8)


@dataclass
class Run:
    """What was seen and what the database holds: right until a test doctors it."""

    evidence: Evidence
    final: FinalState


def incident_event(position: int, at_ms: float, *identities: Identity) -> StreamSeen:
    alarms = [
        {"device": f"{device:08x}", "sequence": sequence, "nonce": nonce} for device, sequence, nonce in identities
    ]
    return StreamSeen(position, "incident", {"position": position, "incident": {"alarms": alarms}}, at_ms)


@pytest.fixture
def run() -> Run:
    """Two presses at two sites; the first is acknowledged and closed, the second still rings."""
    evidence = Evidence(stream_start=10, forged_injected=1)
    evidence.asked += [(0xA1, 990.0), (0xB2, 1990.0)]
    evidence.note_pressed(FIRST, 1000.0)
    evidence.note_pressed(SECOND, 2000.0)
    evidence.note_stored(FIRST, 1006.0)
    evidence.note_stored(SECOND, 2008.0)
    evidence.note_acknowledged(FIRST, 1500.0)
    evidence.lamps += [
        LampSeen(FIRST, 0, None, 1000.0),
        LampSeen(FIRST, 1, 1, 1030.0),
        LampSeen(FIRST, 2, 2, 1520.0),
        LampSeen(SECOND, 1, 1, 2040.0),
    ]
    evidence.stream += [
        incident_event(11, 1025.0, FIRST),
        incident_event(12, 1510.0, FIRST),
        incident_event(13, 1600.0, FIRST),
        incident_event(14, 2035.0, SECOND),
        StreamSeen(15, "rejection", {"position": 15}, 2100.0),
    ]
    final = FinalState(
        alarms=(AlarmRow(FIRST, 1, "bank", 5), AlarmRow(SECOND, 2, "gold", 1)),
        incidents=(IncidentRow(1, "bank", "closed"), IncidentRow(2, "gold", "new")),
        feed_positions=tuple(range(1, 16)),
        rejected_frames=1,
    )
    return Run(evidence, final)


def test_a_right_run_is_right(run):
    verdict = judge(run.evidence, run.final)
    assert verdict.problems == ()
    assert verdict.ok
    assert (verdict.presses, verdict.alarms, verdict.incidents) == (2, 2, 2)
    assert (verdict.lost, verdict.duplicates, verdict.lamp_lies, verdict.lamp_transitions) == (0, 0, 0, 4)


def lose_an_alarm(run: Run) -> None:
    run.final = replace(run.final, alarms=run.final.alarms[:1], incidents=run.final.incidents[:1])


def double_an_alarm(run: Run) -> None:
    run.final = replace(run.final, alarms=(*run.final.alarms, run.final.alarms[0]))


def ring_without_a_press(run: Run) -> None:
    run.final = replace(run.final, alarms=(*run.final.alarms, AlarmRow(STRANGER, 1, "bank", 2)))


def suspect_an_attack_on_a_whole_city(run: Run) -> None:
    suspected = AlarmRow((0xC3, 0, "0c" * 8), 1, "bank", 2, path=0, by_centre=True)
    run.final = replace(run.final, alarms=(*run.final.alarms, suspected))


def light_a_lamp_before_the_commit(run: Run) -> None:
    run.evidence.lamps[1] = replace(run.evidence.lamps[1], committed=None)


def light_acknowledged_when_only_received(run: Run) -> None:
    run.evidence.lamps[2] = replace(run.evidence.lamps[2], committed=1)


def swallow_a_gesture(run: Run) -> None:
    run.evidence.asked.append((0xA1, 3000.0))


def press_by_itself(run: Run) -> None:
    run.evidence.asked.pop()


def leave_a_press_out_of_the_journal(run: Run) -> None:
    del run.evidence.pressed[SECOND]
    run.evidence.note_pressed(SECOND, 2000.0, saved=False)


def decide_twice(run: Run) -> None:
    run.evidence.note_pressed(FIRST, 1100.0)


def miscount_rejections(run: Run) -> None:
    run.final = replace(run.final, rejected_frames=2)


def hide_a_rejection(run: Run) -> None:
    run.final = replace(run.final, rejected_frames=0)


def skip_a_stream_position(run: Run) -> None:
    del run.evidence.stream[2]


def repeat_a_stream_position(run: Run) -> None:
    run.evidence.stream.insert(2, run.evidence.stream[1])


def swap_stream_positions(run: Run) -> None:
    run.evidence.stream[1:3] = reversed(run.evidence.stream[1:3])


def start_the_stream_late(run: Run) -> None:
    del run.evidence.stream[0]


def end_the_stream_early(run: Run) -> None:
    del run.evidence.stream[-1]


def invent_a_stream_position(run: Run) -> None:
    run.evidence.stream.append(StreamSeen(16, "trouble", {}, 2200.0))


def never_show_an_alarm(run: Run) -> None:
    run.evidence.stream[3] = incident_event(14, 2035.0)


def orphan_an_alarm(run: Run) -> None:
    run.final = replace(run.final, incidents=run.final.incidents[:1])


def leave_an_incident_empty(run: Run) -> None:
    run.final = replace(run.final, incidents=(*run.final.incidents, IncidentRow(3, "bank", "new")))


def mix_sites(run: Run) -> None:
    run.final = replace(run.final, alarms=(run.final.alarms[0], replace(run.final.alarms[1], site="bank")))


def close_over_a_ringing_alarm(run: Run) -> None:
    run.final = replace(run.final, incidents=(run.final.incidents[0], IncidentRow(2, "gold", "closed")))


def leave_an_answered_incident_new(run: Run) -> None:
    run.final = replace(run.final, incidents=(IncidentRow(1, "bank", "new"), run.final.incidents[1]))


def corrupt_a_state(run: Run) -> None:
    run.final = replace(run.final, incidents=(IncidentRow(1, "bank", "snoozed"), run.final.incidents[1]))


@pytest.mark.parametrize(
    ("doctor", "sentence"),
    [
        (lose_an_alarm, "lost: 000000b2 #1"),
        (double_an_alarm, "doubled: 000000a1 #1 0101010101010101 rang 2 times"),
        (ring_without_a_press, "unexplained: 000000a1 #9"),
        (suspect_an_attack_on_a_whole_city, "the centre suspects an attack on bank, and nobody cut its paths"),
        (light_a_lamp_before_the_commit, "lie: 000000a1 #1 0101010101010101 showed level 1, the database held None"),
        (light_acknowledged_when_only_received, "showed level 2, the database held 1"),
        (swallow_a_gesture, "missed: 000000a1 was pressed 2 times and decided 1 times"),
        (press_by_itself, "missed: 000000b2 was pressed 0 times and decided 1 times"),
        (decide_twice, "repeated: 000000a1 #1"),
        (leave_a_press_out_of_the_journal, "unsaved: 000000b2 #1 0202020202020202 went out, not in the journal"),
        (miscount_rejections, "rejections: 1 forged frames went in, 2 were listed"),
        (hide_a_rejection, "rejections: 1 forged frames went in, 0 were listed"),
        (skip_a_stream_position, "gap: feed position 13 never reached the console"),
        (repeat_a_stream_position, "double: the stream repeated position 12"),
        (swap_stream_positions, "double: the stream repeated position 12 or brought it late"),
        (start_the_stream_late, "gap: feed position 11 never reached the console"),
        (end_the_stream_early, "gap: feed position 15 never reached the console"),
        (invent_a_stream_position, "invented: the stream's position 16 is not in the feed"),
        (never_show_an_alarm, "invisible: 000000b2 #1"),
        (orphan_an_alarm, "orphan: 000000b2 #1"),
        (leave_an_incident_empty, "empty: incident 3 has no alarm"),
        (mix_sites, "is in an incident of gold"),
        (close_over_a_ringing_alarm, "closed over an alarm that nobody answered"),
        (leave_an_answered_incident_new, "is new, yet every alarm of it was answered"),
        (corrupt_a_state, "incident 1 is 'snoozed'"),
    ],
)
def test_a_doctored_run_is_told(run: Run, doctor: Callable[[Run], None], sentence: str):
    doctor(run)
    verdict = judge(run.evidence, run.final)
    assert not verdict.ok
    assert sentence in "\n".join(verdict.problems)


def test_a_suspected_attack_is_right_when_somebody_cut_the_paths(run):
    suspect_an_attack_on_a_whole_city(run)
    run.evidence.paths_cut = True
    verdict = judge(run.evidence, run.final)
    assert verdict.ok
    assert (verdict.alarms, verdict.alarms_by_centre) == (2, 1)


def test_alarms_that_came_by_sms_are_counted(run):
    first, second = run.final.alarms
    verdict = judge(run.evidence, replace(run.final, alarms=(replace(first, path=2), second)))
    assert verdict.ok
    assert verdict.alarms_by_sms == 1


def test_a_lamp_that_shows_less_than_is_true_does_not_lie(run):
    run.evidence.lamps[1] = replace(run.evidence.lamps[1], committed=2)
    assert judge(run.evidence, run.final).ok


def test_a_flood_of_problems_is_counted_whole_and_told_short(run):
    for sequence in range(100, 200):
        run.evidence.note_pressed((0xA1, sequence, "ff" * 8), 5000.0)
    verdict = judge(run.evidence, run.final)
    assert verdict.lost == 100
    assert len(verdict.problems) < 30


def test_figures_start_at_the_decision(run):
    figures = latencies(run.evidence)
    assert figures["press_to_stored"] == {"n": 2, "p50": 6.0, "p99": 8.0, "max": 8.0}
    assert figures["press_to_received_lamp"] == {"n": 2, "p50": 30.0, "p99": 40.0, "max": 40.0}
    assert figures["press_to_console"] == {"n": 2, "p50": 25.0, "p99": 35.0, "max": 35.0}
    assert figures["press_to_acknowledged_lamp"] == {"n": 1, "p50": 520.0, "p99": 520.0, "max": 520.0}
    assert figures["acknowledge_to_lamp"] == {"n": 1, "p50": 20.0, "p99": 20.0, "max": 20.0}
    assert figures["contact_to_pressed"] == {"n": 2, "p50": 10.0, "p99": 10.0, "max": 10.0}
