"""The modem's task on its UART: whatever the modem says at full speed is heard, for what overflows is lost."""

from kentongan_button.link.modem import POLL_MS, ModemLink
from tests.support.at_dialogue import ANSWERS, STAMP

ROOM = 2_048  # hal.esp32.MODEM_ROOM, which CPython cannot import
BYTES_PER_POLL = 115_200 * POLL_MS // 10_000  # eight bits and two more each
MESSAGES = 40  # what a SIM holds that was in somebody's telephone


class Line:
    """A modem that answers as fast as the line goes, into a buffer that overflows."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.said = bytearray()
        self.buffer = bytearray()
        self.lost = 0

    def pass_time(self) -> None:
        """One poll of the task later."""
        come, self.said = self.said[:BYTES_PER_POLL], self.said[BYTES_PER_POLL:]
        room = ROOM - len(self.buffer)
        self.lost += max(0, len(come) - room)
        self.buffer += come[:room]

    def read(self, most: int) -> bytes:
        taken, self.buffer = bytes(self.buffer[:most]), self.buffer[most:]
        return taken

    def write(self, data: bytes) -> None:
        command = data.decode().strip()
        self.commands.append(command)
        answer = "" if command == "\x1b" else ANSWERS.get(command, "\r\nOK\r\n")
        if command.startswith("AT+CMGL"):
            answer = self._listed() + "\r\nOK\r\n"
        self.said += answer.encode()

    def press_key(self, _down: bool) -> None:
        raise AssertionError("it answers")

    @staticmethod
    def _listed() -> str:
        header = f'"REC READ","+6281100000001",,"{STAMP}"'
        return "".join([f"\r\n+CMGL: {place},{header}\r\n{'x' * 160}\r\n" for place in range(MESSAGES)])


class Desk:
    """Nothing to text."""

    def next_text(self, _signal_dbm: int) -> None:
        return None


def test_a_full_sim_is_read_at_the_speed_of_the_line():
    line, now_ms = Line(), 0
    link = ModemLink(line, "", Desk(), lambda: now_ms, lambda *_: None)
    link._engine.power_on(now_ms)
    for _ in range(6_000 // POLL_MS):
        link._turn(now_ms)
        line.pass_time()
        now_ms += POLL_MS
    assert line.lost == 0
    assert [command for command in line.commands if command.startswith("AT+CMGR")]
    assert line.commands.count("AT") == 1
