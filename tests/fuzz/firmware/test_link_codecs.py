"""Whatever a broker or a name server sends: a packet, nothing yet, or the one error that is caught."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kentongan_button.link import names, packets
from kentongan_button.link.address import is_address
from kentongan_button.link.packets import PacketError, PacketReader

LIMIT = 64
READERS = {
    packets.CONNACK: packets.read_connack,
    packets.SUBACK: packets.read_suback,
    packets.PUBACK: packets.read_puback,
}

plausible = st.one_of(
    st.binary(max_size=200),
    st.lists(
        st.one_of(
            st.builds(packets.puback, st.integers(1, 0xFFFF)),
            st.builds(
                packets.publish,
                st.integers(0, 0xFFFF),
                st.text(max_size=12),
                st.binary(max_size=50),
            ),
            st.binary(max_size=6),
        ),
        max_size=8,
    ).map(b"".join),
)


def read_all(stream: bytes, cuts: list[int]) -> list[tuple[int, int, bytes]]:
    """Feed the stream in pieces of the given sizes; what came out before the end or the error."""
    reader, taken = PacketReader(LIMIT), []
    sizes = iter([*cuts, *([1] * len(stream))])
    while stream:
        room = reader.room()
        assert len(room) > 0
        piece = stream[: min(next(sizes), len(room))]
        stream = stream[len(piece) :]
        room[: len(piece)] = piece
        reader.add(len(piece))
        while (packet := reader.take()) is not None:
            assert len(packet[2]) <= LIMIT
            taken.append(packet)
    return taken


@given(plausible, st.lists(st.integers(1, 40), max_size=20))
def test_any_stream_gives_packets_or_the_error(stream, cuts):
    try:
        taken = read_all(stream, cuts)
    except PacketError:
        return
    for kind, flags, body in taken:
        try:
            if kind == packets.PUBLISH:
                packets.read_publish(flags, body)
            elif kind in READERS:
                READERS[kind](body)
        except PacketError:
            pass


@given(plausible, st.lists(st.integers(1, 40), max_size=20))
def test_how_the_stream_is_torn_does_not_matter(stream, cuts):
    def outcome(pieces):
        try:
            return read_all(stream, pieces)
        except PacketError as error:
            return str(error)

    assert outcome(cuts) == outcome([])


@given(st.text(max_size=40), st.binary(max_size=100), st.integers(1, 0xFFFF))
def test_what_we_publish_reads_back(topic, payload, packet_id):
    packet = packets.publish(packet_id, topic, payload)
    reader = PacketReader(len(packet))
    reader.room()[:] = packet
    reader.add(len(packet))
    taken = reader.take()
    assert taken is not None
    assert packets.read_publish(taken[1], taken[2]) == (topic, payload, packet_id)


@given(st.binary(max_size=120), st.integers(0, 0xFFFF))
def test_any_datagram_is_an_address_or_the_error(data, query_id):
    head = query_id.to_bytes(2, "big") + b"\x81\x80"
    for datagram in (data, head + data):
        try:
            address = names.answer(datagram, query_id)
        except names.NameLookupError:
            continue
        assert is_address(address)
