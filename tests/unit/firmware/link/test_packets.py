"""MQTT packets: what goes out byte by byte, and a reader that never takes more than its buffer."""

from kentongan_button.link import packets
from kentongan_button.link.packets import PacketError, PacketReader
from tests.support.portable import raises


def fed(data, limit=64):
    reader = PacketReader(limit)
    reader.room()[: len(data)] = data
    reader.add(len(data))
    return reader


def test_connect_asks_for_a_clean_session_without_password():
    assert packets.connect("0000a1b2", 15) == b"\x10\x14\x00\x04MQTT\x04\x02\x00\x0f\x00\x080000a1b2"


def test_subscribe_asks_for_qos_1():
    assert packets.subscribe(7, "k1/x") == b"\x82\x09\x00\x07\x00\x04k1/x\x01"


def test_publish_is_qos_1_and_never_retained():
    assert packets.publish(0x0102, "a/b", b"frame") == b"\x32\x0c\x00\x03a/b\x01\x02frame"


def test_puback_names_the_packet():
    assert packets.puback(0x0203) == b"\x40\x02\x02\x03"


def test_lengths_take_the_standards_forms():
    for size, form in (
        (0, b"\x00"),
        (127, b"\x7f"),
        (128, b"\x80\x01"),
        (16_383, b"\xff\x7f"),
        (16_384, b"\x80\x80\x01"),
    ):
        assert packets.packet_size(size) == form


def test_a_text_beyond_16_bits_is_refused():
    raises(PacketError, packets.subscribe, 1, "x" * 65_536)


def test_a_message_comes_apart_into_topic_payload_and_id():
    reader = fed(packets.publish(9, "k1/b/down", b"\x00\xff"))
    kind, flags, body = reader.take()
    assert kind == packets.PUBLISH
    assert packets.read_publish(flags, body) == ("k1/b/down", b"\x00\xff", 9)
    assert packets.read_publish(0, b"\x00\x01tpayload") == ("t", b"payload", 0)


def test_answers_are_read():
    assert packets.read_connack(b"\x00\x00") == 0
    assert packets.read_connack(b"\x00\x05") == 5
    assert packets.connect_refusal(5) == "not authorised"
    assert packets.connect_refusal(77) == "code 77"
    assert packets.read_suback(b"\x00\x07\x01") == (7, 1)
    assert packets.read_suback(b"\x00\x07\x80") == (7, packets.SUBACK_REFUSED)
    assert packets.read_puback(b"\x01\x02") == 0x0102


def test_answers_of_another_shape_are_refused():
    for read, body in (
        (packets.read_connack, b"\x00"),
        (packets.read_connack, b"\x02\x00"),
        (packets.read_suback, b"\x00\x07"),
        (packets.read_suback, b"\x00\x07\x03"),
        (packets.read_puback, b"\x01\x02\x03"),
    ):
        raises(PacketError, read, body)


def test_messages_of_another_shape_are_refused():
    for flags, body in (
        (0, b""),
        (0, b"\x00\x05abc"),
        (2, b"\x00\x01t\x00"),  # ends inside its packet id
        (2, b"\x00\x01t\x00\x00"),  # packet id 0
        (4, b"\x00\x01t\x00\x01"),  # QoS 2 was never asked for
        (6, b"\x00\x01t\x00\x01"),  # QoS 3 does not exist
        (0, b"\x00\x02\xff\xfe"),
    ):
        raises(PacketError, packets.read_publish, flags, body)


def test_a_packet_is_taken_only_when_it_is_whole():
    packet = packets.publish(9, "topic", b"payload")
    reader = PacketReader(64)
    for index in range(len(packet)):
        assert reader.take() is None
        reader.room()[:1] = packet[index : index + 1]
        reader.add(1)
    assert reader.take() == (packets.PUBLISH, 2, packet[2:])
    assert reader.take() is None


def test_packets_in_one_read_come_out_one_by_one():
    reader = fed(packets.puback(1) + b"\xd0\x00" + packets.puback(2)[:3])
    assert reader.take() == (packets.PUBACK, 0, b"\x00\x01")
    assert reader.take() == (packets.PINGRESP, 0, b"")
    assert reader.take() is None
    reader.room()[:1] = b"\x02"
    reader.add(1)
    assert reader.take() == (packets.PUBACK, 0, b"\x00\x02")


def test_a_packet_as_large_as_the_buffer_is_read_and_one_byte_more_is_refused():
    reader = fed(b"\x30\x1e" + bytes(30), limit=32)
    assert reader.take() == (packets.PUBLISH, 0, bytes(30))
    assert "oversize" in str(raises(PacketError, fed(b"\x30\x1f", limit=32).take))


def test_another_connection_begins_with_an_empty_reader_in_the_same_buffer():
    reader = fed(packets.puback(1) + packets.puback(2)[:3], limit=32)
    assert reader.take() is not None
    reader.clear()
    assert reader.take() is None
    assert len(reader.room()) == 32
    reader.room()[:2] = b"\xd0\x00"
    reader.add(2)
    assert reader.take() == (packets.PINGRESP, 0, b"")


def test_a_length_without_end_is_refused():
    raises(PacketError, fed(b"\x30\xff\xff\xff\xff\x01").take)


def test_there_is_always_room_to_read_the_rest_of_a_packet():
    reader = PacketReader(32)
    stream = packets.puback(1) * 7 + b"\x30\x1e" + bytes(30)
    taken = 0
    while stream:
        room = reader.room()
        assert len(room) > 0
        piece, stream = stream[: len(room)], stream[len(room) :]
        room[: len(piece)] = piece
        reader.add(len(piece))
        while reader.take():
            taken += 1
    assert taken == 8
