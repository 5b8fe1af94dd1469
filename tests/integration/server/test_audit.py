"""`kentongan audit verify` names what was tampered with, in a database that somebody edited."""

from __future__ import annotations

import pytest

from kentongan_server.cli import audit
from tests.support.centre_rig import CentreRig, SmallGateway, SmallSite

pytestmark = pytest.mark.both_engines


@pytest.fixture
async def history(rig: CentreRig, bank: SmallSite, gateway: SmallGateway) -> CentreRig:
    """A centre with two alarms, acknowledged by sari, besides the enrolments."""
    button = bank.buttons[0]
    for body in (button.body(), button.body()):
        await gateway.carry(button.attempt(body))
        await gateway.receipt(button, body)
    assert rig.service is not None
    shown = await rig.service.views.incident(1)
    assert shown is not None
    await rig.service.operate.acknowledge(1, shown["version"], "sari")
    await rig.history_is_placed()
    return rig


def verify(rig: CentreRig, *more: str) -> int:
    return audit(["verify", "--state", str(rig.state.directory), *more])


def edit(history: CentreRig, statement: str) -> None:
    assert history.rows(statement) == [(1,)]


def positions(history: CentreRig, what: str) -> list[int]:
    return [
        position for (position,) in history.rows("SELECT position FROM feed WHERE what = ? ORDER BY position", what)
    ]


def test_an_untouched_history_is_whole(rig: CentreRig, history: CentreRig, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(rig) == 0
    told = capsys.readouterr().out
    assert "whole" in told
    head = told.split("head ")[1].strip()
    assert verify(rig, "--head", head) == 0


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("facts = replace(facts, '\"sequence\":1', '\"sequence\":7')", "changed"),
        ("at_ms = at_ms - 60000", "changed"),
        ("what = 'alarm'", "changed"),
    ],
)
def test_a_changed_row_is_named(
    rig: CentreRig, history: CentreRig, capsys: pytest.CaptureFixture[str], change: str, fault: str
) -> None:
    (position,) = positions(history, "opened")
    edit(history, f"UPDATE feed SET {change} WHERE position = {position}")
    assert verify(rig) == 1
    assert f"row {position}: {fault}" in capsys.readouterr().out


def test_another_name_in_an_acknowledgement_is_found(
    rig: CentreRig, history: CentreRig, capsys: pytest.CaptureFixture[str]
) -> None:
    (position,) = positions(history, "acknowledged")
    edit(history, f"UPDATE feed SET personal = replace(personal, 'sari', 'budi') WHERE position = {position}")
    assert verify(rig) == 1
    assert f"row {position}: changed: its personal part" in capsys.readouterr().out


def test_erasing_a_name_lawfully_leaves_the_history_whole(rig: CentreRig, history: CentreRig) -> None:
    (position,) = positions(history, "acknowledged")
    edit(history, f"UPDATE feed SET personal = NULL, salt = NULL WHERE position = {position}")
    assert verify(rig) == 0


def test_a_missing_row_is_named(rig: CentreRig, history: CentreRig, capsys: pytest.CaptureFixture[str]) -> None:
    (position,) = positions(history, "alarm")
    edit(history, f"DELETE FROM feed WHERE position = {position}")
    assert verify(rig) == 1
    told = capsys.readouterr().out
    assert f"row {position}: missing" in told
    assert "alarm 2: there is no row of the history for it" in told


def test_rows_that_changed_places_are_named(
    rig: CentreRig, history: CentreRig, capsys: pytest.CaptureFixture[str]
) -> None:
    (first,), (second,) = positions(history, "opened"), positions(history, "alarm")
    edit(history, f"UPDATE feed SET position = 0 WHERE position = {first}")
    edit(history, f"UPDATE feed SET position = {first} WHERE position = {second}")
    edit(history, f"UPDATE feed SET position = {second} WHERE position = 0")
    assert verify(rig) == 1
    assert f"row {first}: reordered: this row belongs at position {second}" in capsys.readouterr().out


def test_a_cut_off_end_is_found_with_a_noted_head(
    rig: CentreRig, history: CentreRig, capsys: pytest.CaptureFixture[str]
) -> None:
    verify(rig)
    head = capsys.readouterr().out.split("head ")[1].strip()
    (position,) = positions(history, "acknowledged")
    edit(history, f"DELETE FROM feed WHERE position = {position}")
    assert verify(rig) == 0
    assert verify(rig, "--head", head) == 1
    assert "cut or rewritten" in capsys.readouterr().out


def test_a_deleted_or_changed_alarm_is_named(
    rig: CentreRig, history: CentreRig, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(history, "DELETE FROM alarm WHERE id = 1")
    edit(history, "UPDATE alarm SET sequence = 99 WHERE id = 2")
    assert verify(rig) == 1
    told = capsys.readouterr().out
    assert "alarm 1: missing" in told
    assert "alarm 2: changed" in told


@pytest.mark.parametrize("head", ["x", "5:zz", ":", "abc:00"])
def test_a_head_that_is_none_is_told(
    rig: CentreRig, history: CentreRig, capsys: pytest.CaptureFixture[str], head: str
) -> None:
    assert verify(rig, "--head", head) == 1
    assert "POSITION:HASH" in capsys.readouterr().err
