"""Finding an address: the question, and answers that are believed or not."""

import struct

from kentongan_button.link.address import is_address
from kentongan_button.link.names import NameLookupError, answer, question
from tests.support.portable import raises

ID = 0x1234
NAME = b"\x07gateway\x05local\x00"


def response(*records, query_id=ID, flags=0x8180, questions=1):
    head = struct.pack(">HHHHHH", query_id, flags, questions, len(records), 0, 0)
    return head + (NAME + b"\x00\x01\x00\x01") * questions + b"".join(records)


def record(data, kind=1, klass=1, name=b"\xc0\x0c"):
    return name + struct.pack(">HHIH", kind, klass, 60, len(data)) + data


def test_dotted_addresses_need_no_question():
    for host in ("192.168.1.10", "0.0.0.0", "255.255.255.255"):
        assert is_address(host)
    for host in ("gateway.local", "1.2.3", "1.2.3.256", "1.2.3.x", "", "1.2.3.4.5", "0001.2.3.4"):
        assert not is_address(host)


def test_a_question_asks_for_one_address():
    expected = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + NAME + b"\x00\x01\x00\x01"
    assert question("gateway.local", ID) == expected


def test_impossible_names_are_not_asked_for():
    for host in ("", ".local", "a..b", "x" * 64 + ".local"):
        raises(NameLookupError, question, host, ID)


def test_the_address_in_an_answer_is_found_behind_other_records():
    alias = record(b"\x03foo\xc0\x14", kind=5)
    assert answer(response(alias, record(b"\xc0\xa8\x01\x0a")), ID) == "192.168.1.10"


def test_a_multicast_answer_without_question_and_with_its_flush_bit_is_read():
    assert answer(response(record(b"\x0a\x00\x00\x01", klass=0x8001, name=NAME), questions=0), ID) == "10.0.0.1"


def test_answers_that_say_nothing_are_refused():
    for data in (
        b"",
        response(record(b"\x01\x02\x03\x04"), query_id=ID + 1),
        response(record(b"\x01\x02\x03\x04"), flags=0x0100),  # a question
        response(flags=0x8183),  # no such name
        response(),
        response(record(bytes(16), kind=28)),  # IPv6 only
        response(record(b"\x01\x02\x03\x04"))[:-1],
        response(record(b"\x01\x02\x03\x04", name=b"\x3f")),  # a name that runs over the end
    ):
        raises(NameLookupError, answer, data, ID)


def test_no_cut_of_an_answer_breaks_the_reader():
    whole = response(record(b"\x03foo\xc0\x14", kind=5), record(b"\xc0\xa8\x01\x0a"))
    for size in range(len(whole)):
        raises(NameLookupError, answer, whole[:size], ID)
