"""Messages out and in between the AT engine and a modem; also run on the device's interpreter."""

from kentongan_wire import at_steps as at
from kentongan_wire.at_engine import (
    FAILED,
    FAULT_NONE,
    FAULT_STORAGE,
    REROUTE,
    RETRY,
    SENT,
    UNKNOWN,
    WAIT,
)
from tests.support.at_dialogue import NUMBER, STAMP, Dialogue, stores

UNSOLICITED = (
    "\r\n+CPIN: READY\r\n",
    "\r\n+CREG: 1\r\n",
    '\r\n+CEREG: 5,"00C3","01A2D001",7\r\n',
    "\r\n+CGEV: EPS PDN ACT 1\r\n",
    "\r\nSMS DONE\r\n",
    "\r\nPB DONE\r\n",
    "\r\nRING\r\n",
    '\r\n+CLIP: "+6281234567890",145,,,,0\r\n',
    "\r\n*ATREADY: 1\r\n",
    b"\r\n\x00\xff\xfe\x81\r\n",
    "\r\nAT\r\n",
)
WITHIN_TEXTS = list(UNSOLICITED[:7])
WITHIN_TEXTS.append("\r\nRDY\r\n")


# --- sending ---------------------------------------------------------------------------------------


def test_sent():
    dialogue = Dialogue().start()
    dialogue.forget()
    assert dialogue.send("K1ABC")
    assert dialogue.written == [f'AT+CMGS="{NUMBER}"', "K1ABC"]
    assert dialogue.outcomes == [(SENT, "t", 7)]


def test_characters_that_mean_something_else_are_not_sent():
    dialogue = Dialogue().start()
    dialogue.forget()
    dialogue.send("K1 a@b_c$`{}~\x1a\x1b\r\nPOS 1: 2/3 (é)")
    assert not any(character in dialogue.written[1] for character in "@_$`{}~\x1a\x1b\r\né")
    assert dialogue.written[1].startswith("K1 a?b?c")
    assert dialogue.written[1].endswith("POS 1: 2/3 (?)")


def test_one_at_a_time():
    dialogue = Dialogue().start()
    dialogue.answers["K1"] = ""
    assert dialogue.send()
    assert not dialogue.send(token="u")
    dialogue.say("\r\n+CMGS: 9\r\n\r\nOK\r\n")
    assert dialogue.outcomes == [(SENT, "t", 9)]
    assert dialogue.send(token="u")


def test_taken_while_a_poll_is_under_way():
    dialogue = Dialogue().start()
    dialogue.answers["AT+CREG?"] = ""
    dialogue.run(at.POLL_MS)
    dialogue.forget()
    assert dialogue.send()
    assert dialogue.written == []
    dialogue.say("\r\n+CREG: 0,1\r\n\r\nOK\r\n")
    assert dialogue.outcomes == [(SENT, "t", 7)]


def test_failures_by_class():
    for answer, kind, code in (
        ("+CMS ERROR: 1", REROUTE, 1),
        ("+CMS ERROR: 28", REROUTE, 28),
        ("+CMS ERROR: 330", REROUTE, 330),
        ("+CMS ERROR: 38", WAIT, 38),
        ("+CMS ERROR: 42", WAIT, 42),
        ("+CMS ERROR: 331", WAIT, 331),
        ("+CME ERROR: 30", WAIT, at.CME + 30),
        ("+CMS ERROR: 500", RETRY, 500),
        ("+CMS ERROR: 304", RETRY, 304),
        ("+CME ERROR: 100", RETRY, at.CME + 100),
        ("ERROR", RETRY, at.ERROR),
        ("+CMS ERROR: what", RETRY, at.ERROR),
    ):
        for stage in ('AT+CMGS="', "K1"):
            dialogue = Dialogue().start()
            dialogue.answers[stage] = f"\r\n{answer}\r\n"
            assert dialogue.send()
            assert dialogue.outcomes == [(FAILED, "t", kind, code)]
            dialogue.run(5_000)
            assert dialogue.engine.ready


def test_no_prompt_is_a_failure_and_the_text_is_not_sent():
    dialogue = Dialogue().start()
    dialogue.answers['AT+CMGS="'] = ""
    dialogue.forget()
    dialogue.send()
    dialogue.run(at.ANSWER_S * 1000)
    assert dialogue.outcomes == [(FAILED, "t", RETRY, 0)]
    assert dialogue.written[1] == "\x1b"
    dialogue.run(2_000)
    assert "K1AB" not in dialogue.written
    assert dialogue.engine.ready


def test_the_final_answer_lost_is_unknown():
    dialogue = Dialogue().start()
    dialogue.answers["K1"] = ""
    dialogue.send()
    dialogue.run(at.SEND_S * 1000 - 1)
    assert dialogue.outcomes == []
    dialogue.run(1)
    assert dialogue.outcomes == [(UNKNOWN, "t")]
    dialogue.say("\r\n+CMGS: 9\r\n\r\nOK\r\n")
    dialogue.run(5_000)
    assert dialogue.outcomes == [(UNKNOWN, "t")]
    assert dialogue.engine.ready


def test_a_late_final_answer_counts():
    dialogue = Dialogue().start()
    dialogue.answers["K1"] = ""
    dialogue.send()
    dialogue.run(39_000)
    dialogue.say("\r\n+CMGS: 9\r\n\r\nOK\r\n")
    assert dialogue.outcomes == [(SENT, "t", 9)]


def test_a_reference_without_ok_is_sent_and_ok_without_reference_unknown():
    dialogue = Dialogue().start()
    dialogue.answers["K1"] = "\r\n+CMGS: 9\r\n"
    dialogue.send()
    dialogue.run(at.SEND_S * 1000)
    assert dialogue.outcomes == [(SENT, "t", 9)]
    dialogue = Dialogue().start()
    dialogue.answers["K1"] = "\r\nOK\r\n"
    dialogue.send()
    assert dialogue.outcomes == [(UNKNOWN, "t")]


def test_a_reboot_in_the_middle_of_a_send():
    dialogue = Dialogue().start()
    dialogue.answers["K1"] = ""
    dialogue.send()
    dialogue.forget()
    dialogue.say(b"\x00\x00\xff\r\nRDY\r\n")
    assert dialogue.outcomes == [(UNKNOWN, "t")]
    dialogue.run(1_000)
    assert "AT+CMGF=1" in dialogue.written
    assert dialogue.engine.ready
    dialogue = Dialogue().start()
    dialogue.answers['AT+CMGS="'] = ""
    dialogue.send()
    dialogue.say("\r\nRDY\r\n")
    assert dialogue.outcomes == [(FAILED, "t", RETRY, 0)]


def test_unsolicited_lines_before_during_and_after():
    for line in UNSOLICITED:
        dialogue = Dialogue().start()
        for stage in ('AT+CMGS="', "K1"):
            answer = dialogue.answers[stage]
            raw = line if isinstance(line, bytes) else line.encode()
            if stage == "K1":
                head, tail = "\r\n+CMGS: 7\r\n", "\r\nOK\r\n"
                dialogue.answers[stage] = raw + head.encode() + raw + tail.encode() + raw
            else:
                dialogue.answers[stage] = raw + answer.encode()
        dialogue.say(line)
        assert dialogue.send(), line
        dialogue.say(line)
        dialogue.run(3_000)
        assert dialogue.outcomes == [(SENT, "t", 7)], line
        assert dialogue.engine.ready, line


def test_unsolicited_lines_after_the_prompt():
    dialogue = Dialogue().start()
    dialogue.answers['AT+CMGS="'] = "\r\n> \r\n+CREG: 1\r\n"
    assert dialogue.send()
    assert dialogue.outcomes == [(SENT, "t", 7)]


def test_unsolicited_lines_during_the_preparation():
    for line in UNSOLICITED:
        raw = line if isinstance(line, bytes) else line.encode()
        dialogue = Dialogue()
        for start in list(dialogue.answers):
            dialogue.answers[start] = raw + dialogue.answers[start].encode() + raw
        dialogue.start()
        assert dialogue.engine.ready, line


def test_a_stray_ok_is_no_prompt():
    dialogue = Dialogue().start()
    dialogue.answers['AT+CMGS="'] = "\r\nOK\r\n\r\n> "
    dialogue.send()
    assert dialogue.outcomes == [(SENT, "t", 7)]


# --- reading ---------------------------------------------------------------------------------------


def test_announced_read_stored_deleted():
    dialogue = Dialogue().start()
    stores(dialogue, {5: ("+6281", "K1ABC")})
    dialogue.forget()
    dialogue.say('\r\n+CMTI: "SM",5\r\n')
    dialogue.run(1_000)
    assert dialogue.received == [(1, "+6281", "K1ABC")]
    assert dialogue.written == ["AT+CMGR=5"]
    dialogue.stored(1)
    assert dialogue.written == ["AT+CMGR=5", "AT+CMGD=5"]


def test_found_by_the_look_of_every_minute():
    dialogue = Dialogue().start()
    stores(dialogue, {5: ("+6281", "K1ABC"), 6: ("+6282", "K1DEF")})
    dialogue.run(at.LIST_MS + 1_000)
    assert dialogue.received == [(1, "+6281", "K1ABC"), (2, "+6282", "K1DEF")]


def test_not_deleted_before_it_is_stored_and_offered_again():
    dialogue = Dialogue()
    stores(dialogue, {5: ("+6281", "K1ABC")})
    dialogue.start(3 * at.LIST_MS)
    assert [index for index, _, _ in dialogue.received] == [1, 2]
    assert "AT+CMGD=5" not in dialogue.written
    dialogue.stored(1)  # too late: the place may hold another message by now
    assert "AT+CMGD=5" not in dialogue.written
    dialogue.stored(2)
    assert "AT+CMGD=5" in dialogue.written
    dialogue.stored(2)
    assert dialogue.written.count("AT+CMGD=5") == 1


def test_a_new_message_in_the_place_of_a_deleted_one_is_safe():
    dialogue = Dialogue()
    stores(dialogue, {5: ("+6281", "OLD")})
    dialogue.start()
    dialogue.stored(1)
    stores(dialogue, {5: ("+6281", "NEW")})
    dialogue.say('\r\n+CMTI: "SM",5\r\n')
    dialogue.run(1_000)
    dialogue.stored(1)
    assert dialogue.written.count("AT+CMGD=5") == 1
    assert dialogue.received[1] == (2, "+6281", "NEW")


def test_a_message_that_is_stored_while_it_is_read_again_is_deleted_once():
    dialogue = Dialogue()
    stores(dialogue, {5: ("+6281", "OLD")})
    dialogue.start()
    answer = dialogue.answers["AT+CMGR=5"]
    dialogue.answers["AT+CMGR=5"] = ""
    for _ in range(2 * at.LIST_MS // 1_000):
        if dialogue.written.count("AT+CMGR=5") == 1:
            dialogue.run(1_000)
    assert dialogue.written[-1] == "AT+CMGR=5"
    dialogue.stored(1)
    dialogue.say(answer)
    dialogue.run(at.QUIET_MS)
    assert dialogue.received == [(1, "+6281", "OLD")]
    stores(dialogue, {5: ("+6281", "NEW")})
    dialogue.say('\r\n+CMTI: "SM",5\r\n')
    dialogue.run(at.LIST_MS)
    assert dialogue.received == [(1, "+6281", "OLD"), (2, "+6281", "NEW")]
    assert dialogue.written.count("AT+CMGD=5") == 1
    dialogue.stored(2)
    assert dialogue.written.count("AT+CMGD=5") == 2


def test_an_unanswered_deletion_is_not_repeated_blindly():
    dialogue = Dialogue()
    stores(dialogue, {5: ("+6281", "OLD")})
    dialogue.answers["AT+CMGD"] = ""
    dialogue.start()
    dialogue.stored(1)
    dialogue.run(8_000)
    assert dialogue.written.count("AT+CMGD=5") == 1
    assert [index for index, _, _ in dialogue.received] == [1, 2]


def test_texts_that_look_like_answers():
    for text in (
        "OK",
        "a\r\nOK",
        "ERROR",
        "+CMS ERROR: 321",
        "OK\r\nb",
        '+CMTI: "SM",9',
        '+CMGL: 8,"REC READ","+1",,""',
        '+CMGR: "REC READ","+1",,""',
        "> ",
        "+CMGS: 5\r\nOK",
        "AT+CPOF",
    ):
        dialogue = Dialogue()
        stores(dialogue, {5: ("+6281", text), 6: ("+6282", "K1DEF")})
        dialogue.start()
        assert dialogue.received[-1] == (2, "+6282", "K1DEF"), text
        expected = "" if text.startswith("+CMTI") else text.replace("\r", "")
        assert dialogue.received[0] == (1, "+6281", expected), text
        assert dialogue.engine.ready
        assert dialogue.send()
        assert dialogue.outcomes == [(SENT, "t", 7)]


def test_a_text_is_not_cut_short_by_a_pause_before_its_end():
    dialogue = Dialogue().start()
    dialogue.say('\r\n+CMTI: "SM",5\r\n')
    dialogue.say('\r\n+CMGR: "REC UNREAD","+6281","","26/11/22,15:04:05+28"\r\nOK\r\n')
    dialogue.run(at.QUIET_MS // 2)
    dialogue.say("more\r\n\r\nOK\r\n")
    dialogue.run(at.QUIET_MS)
    assert dialogue.received == [(1, "+6281", "OK\nmore")]


def test_unsolicited_lines_within_a_text():
    for line in WITHIN_TEXTS:
        dialogue = Dialogue().start()
        stores(dialogue, {5: ("+6281", "K1ABC")})
        dialogue.answers["AT+CMGR=5"] = dialogue.answers["AT+CMGR=5"].replace("K1ABC\r\n", "K1ABC" + line)
        dialogue.say('\r\n+CMTI: "SM",5\r\n')
        dialogue.run(1_000)
        assert dialogue.received == [(1, "+6281", "K1ABC")], line


def test_noise_after_a_text_does_not_hold_it_back_for_ever():
    dialogue = Dialogue().start()
    dialogue.say('\r\n+CMTI: "SM",5\r\n')
    dialogue.say('\r\n+CMGR: "REC UNREAD","+6281","","26/11/22,15:04:05+28"\r\nK1A\r\n\r\nOK\r\n')
    for _ in range(at.ANSWER_S * 1000 // 50):
        dialogue.run(50)
        dialogue.say(b"\xff\r\n")
    assert dialogue.received == [(1, "+6281", "K1A")]


def test_a_full_storage_is_told_and_ends_when_something_is_deleted():
    dialogue = Dialogue().start()
    stores(dialogue, {5: ("+6281", "K1ABC")})
    dialogue.say("\r\n+SMS FULL\r\n")
    dialogue.run(at.POLL_MS + 1_000)
    assert dialogue.engine.fault == FAULT_STORAGE
    assert dialogue.engine.ready
    dialogue.stored(1)
    dialogue.run(at.POLL_MS + 1_000)
    assert dialogue.engine.fault == FAULT_NONE


def test_drafts_are_cleared():
    dialogue = Dialogue()
    stores(dialogue, {5: ("+6281", "draft")})
    dialogue.answers["AT+CMGR=5"] = dialogue.answers["AT+CMGR=5"].replace("REC UNREAD", "STO UNSENT")
    dialogue.start()
    assert dialogue.received == []
    assert "AT+CMGD=5" in dialogue.written


def test_what_is_misread_is_not_deleted():
    well = '+CMGR: "REC UNREAD","+6281"'
    for spoilt in (well.replace("E", "?"), well.replace('"', "?"), '+CMGR: "REC UNREA?"', "+CMGR:"):
        dialogue = Dialogue()
        stores(dialogue, {5: ("+6281", "K1ABC")})
        answer = dialogue.answers["AT+CMGR=5"]
        dialogue.answers["AT+CMGR=5"] = answer.replace(f'{well},"","{STAMP}"', spoilt)
        dialogue.start()
        assert dialogue.received == [], spoilt
        dialogue.answers["AT+CMGR=5"] = answer
        dialogue.run(at.LIST_MS)
        assert dialogue.received == [(1, "+6281", "K1ABC")], spoilt
        assert "AT+CMGD=5" not in dialogue.written, spoilt


def test_a_flood_of_announcements_is_bounded_and_every_message_found():
    dialogue = Dialogue()
    messages = {}
    for place in range(at.READS_MAX + 5):
        messages[place] = ("+6281", f"K1 {place}")
    stores(dialogue, messages)
    for index in range(200):
        dialogue.say(f'\r\n+CMTI: "SM",{1_000 + index}\r\n')
    dialogue.start(30_000)
    assert sorted([text for _, _, text in dialogue.received]) == sorted([text for _, text in messages.values()])


def test_an_error_of_the_list_prepares_the_modem_again():
    dialogue = Dialogue().start()
    dialogue.answers["AT+CMGL"] = ["\r\nERROR\r\n", "\r\nOK\r\n"]
    dialogue.forget()
    dialogue.run(at.LIST_MS + 5_000)
    assert "AT+CMGF=1" in dialogue.written
    assert dialogue.engine.ready
