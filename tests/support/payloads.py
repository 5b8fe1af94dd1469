"""Hypothesis strategies for every payload of the wire."""

from hypothesis import strategies as st

from kentongan_wire.command import Command
from kentongan_wire.custody import INNER_MAX, Envelope
from kentongan_wire.path_report import PathReport
from kentongan_wire.press import Press, PressBody, PressIdentity, PressSending
from kentongan_wire.receipts import Receipt, Refusal, Stored
from kentongan_wire.record import Payload
from kentongan_wire.supervision import Beat, Behind, Heartbeat, HeartbeatAnswer, SiteReport

u8 = st.integers(0, 2**8 - 1)
u16 = st.integers(0, 2**16 - 1)
u32 = st.integers(0, 2**32 - 1)
u64 = st.integers(0, 2**64 - 1)
i8 = st.integers(-128, 127)
devices = st.integers(1, 2**32 - 1)
nonces = st.binary(min_size=8, max_size=8)

bodies = st.builds(PressBody, u32, nonces, u8, u8, u32, u64, u64, u8)
sendings = st.builds(PressSending, u64, u32, u16, u16, u8, u16, i8, u32, u16)
identities = st.builds(PressIdentity, u32, u32, nonces)
presses = st.builds(Press, bodies, sendings)
heartbeats = st.builds(Heartbeat, u32, u32, u64, u64, u8, u16, u16, i8, u8, u32, nonces, u8, u32, u32)
beats = st.builds(Beat, u32, st.binary(max_size=100))
reports = st.builds(SiteReport, u32, u32, u64, u64, u16, u32, u32, u32, st.lists(beats, max_size=5).map(tuple))

payloads: st.SearchStrategy[Payload] = st.one_of(
    presses,
    heartbeats,
    reports,
    st.builds(PathReport, u32, u32, u64, u64, u8, u8, u16, u16, i8),
    st.builds(HeartbeatAnswer, u32, u32, u64, u32),
    st.builds(Behind, u32, u32),
    st.builds(Receipt, identities, u8, u32, u64, u32, u16),
    st.builds(Refusal, st.binary(min_size=16, max_size=16), u8),
    st.builds(Stored, u32, nonces),
    st.builds(Command, u32, u32, u64, u8),
    st.builds(Envelope, u32, u8, st.binary(max_size=INNER_MAX)),
)
ALL_PAYLOADS: tuple[type[Payload], ...] = (
    Press,
    Heartbeat,
    SiteReport,
    PathReport,
    HeartbeatAnswer,
    Behind,
    Receipt,
    Refusal,
    Stored,
    Command,
    Envelope,
)
