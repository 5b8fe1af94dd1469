"""What the forger makes is never a genuine press, and no two of it are alike."""

from __future__ import annotations

import random

import pytest

from kentongan_sim.forger import Forger, StolenGateway
from kentongan_wire.custody import Envelope
from kentongan_wire.errors import FrameError
from kentongan_wire.frame import MAX_SIZE, parse
from kentongan_wire.keys import ROLE_BUTTON, ROLE_GATEWAY, DeviceKeys
from kentongan_wire.press import Press

VICTIMS = {0xA1: bytes([1] * 32), 0xB2: bytes([2] * 32)}
GATEWAY = StolenGateway(0xC3, 1, "bank-contoh", bytes([3] * 32))
SEEDS = range(20)


def is_genuine_press(raw: bytes) -> bool:
    try:
        frame = parse(raw, (Press,))
    except FrameError:
        return False
    root = VICTIMS.get(frame.device)
    return root is not None and frame.verify(DeviceKeys(root, ROLE_BUTTON, frame.device, frame.key_id, "").up_link)


def carries_genuine_press(raw: bytes) -> bool:
    """As the centre judges what comes on an alarm lane."""
    try:
        frame = parse(raw, (Envelope,))
    except FrameError:
        return False
    keys = DeviceKeys(GATEWAY.root, ROLE_GATEWAY, GATEWAY.device, GATEWAY.key_id, GATEWAY.site)
    assert isinstance(frame.payload, Envelope)
    return frame.device == GATEWAY.device and frame.verify(keys.up_link) and is_genuine_press(frame.payload.inner)


def forger(seed: int) -> Forger:
    return Forger(random.Random(seed), list(VICTIMS), GATEWAY)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_for_the_site_is_genuine(seed):
    frames = forger(seed).for_site(30)
    assert len(set(frames)) == 30
    assert not any(is_genuine_press(frame) for frame in frames)
    assert max(map(len, frames)) <= MAX_SIZE  # larger packets end at the broker and would not be counted


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_for_the_centre_is_genuine(seed):
    frames = forger(seed).for_centre(30)
    assert len(set(frames)) == 30
    assert not any(carries_genuine_press(frame) for frame in frames)
    assert max(map(len, frames)) <= MAX_SIZE


def test_a_stolen_gateways_envelope_is_genuine_and_its_content_is_not():
    """The judge above can tell the difference."""
    frames = forger(1).for_centre(90)
    keys = DeviceKeys(GATEWAY.root, ROLE_GATEWAY, GATEWAY.device, GATEWAY.key_id, GATEWAY.site)
    genuine = 0
    for raw in frames:
        try:
            frame = parse(raw, (Envelope,))
        except FrameError:
            continue
        genuine += frame.device == GATEWAY.device and frame.verify(keys.up_link)
    assert genuine == 30  # three of the nine kinds


def test_frames_replay_from_the_seed():
    assert forger(5).for_site(20) == forger(5).for_site(20)
    assert forger(5).for_site(20) != forger(6).for_site(20)
