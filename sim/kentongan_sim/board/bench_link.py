"""The wires between a virtual board and its host: JSON lines over one TCP connection.

The host says what the inputs are, the board says what the outputs do (docs/architecture.md, "The
virtual board"). Lines are read when the firmware looks at an input; that is what an input is for.

The process ends as a chip would, at once and without tidying up:

    SIGUSR1  the firmware called `machine.reset()`
    SIGALRM  the watchdog was not fed and the host did not bite: the host, which is told "armed"
             and "fed", kills a board that is late, as the only one who can end a hung interpreter;
             this is the fallback for a host that does not, while the firmware looks at inputs
    SIGHUP   the host went away
    SIGKILL  the host cut the power

The fakes share the firmware's heap, and the interpreter keeps every name in it for ever: hence
numbers without one.
"""

import json
import os
import socket
import time

adc = {}  # mV by GPIO, as text like all of the host's GPIOs
pin = {}  # 0 or 1 by GPIO
handlers = {}  # by GPIO: called when the input rises
air = ["down"]  # "up" while there is a network
cost = [0]  # bytes of the heap that these fakes take, and a chip's own modules, in flash and in C, do not

_input = memoryview(bytearray(256))  # made once: as on a chip, a look takes nothing of the heap
_state = [None, b"", b"", 0, 0, 0]  # socket, read, to be sent, ticks of the last look, of the last feed, timeout


def die(name):
    """End this process now, by a signal to itself: nothing of the firmware runs any more."""
    os.system("kill -%s $PPID" % name)
    os.system("kill -%s $PPID" % "KILL")  # reached when that signal is ignored, as HUP is under nohup


def attach(address):
    """Connect to the host and wait for its first line, the state at power-on."""
    host, port = address.rsplit(":", 1)
    sock = socket.socket()
    sock.setsockopt(6, 1, 1)  # TCP_NODELAY: a trace that waits 40 ms for an ACK would be told of as the button's delay
    sock.connect(socket.getaddrinfo(host, int(port))[0][-1])
    sock.settimeout(10)  # s; bounds the wait for the host's first line
    _state[0] = sock
    while b"\n" not in _state[1]:
        _state[1] += sock.recv(256) or die("HUP")
    sock.setblocking(False)
    line, _state[1] = _state[1].split(b"\n", 1)
    _apply(json.loads(line))


def send(message):
    """Queue one message for the host and send what the socket takes."""
    _state[2] += json.dumps(message).encode() + b"\n"
    if len(_state[2]) > 65_536:  # bytes held for a host that does not read: it is as good as gone
        die("HUP")
    _flush()


def feed(timeout=0):
    """Arm the watchdog with a timeout in ms, or feed it."""
    if timeout:
        _state[5] = timeout + 1_000  # ms that the host has to bite first
    _state[4] = time.ticks_ms()
    send({"watchdog": "armed", "timeout_ms": timeout} if timeout else {"watchdog": "fed"})


def look():
    """Take what the host has said, at most once a millisecond, and look at the watchdog."""
    now = time.ticks_ms()
    if now == _state[3]:
        return
    _state[3] = now
    if _state[5] and time.ticks_diff(now, _state[4]) > _state[5]:
        send({"reset": True})
        die("ALRM")
    _flush()
    try:
        while True:
            count = _state[0].readinto(_input)
            if count is None:  # nothing there
                break
            if not count:
                die("HUP")
            _state[1] += _input[:count]
            while b"\n" in _state[1]:
                line, _state[1] = _state[1].split(b"\n", 1)
                _apply(json.loads(line))
    except OSError:  # the host cut the cable
        die("HUP")


def _flush():
    if _state[2]:
        try:
            _state[2] = _state[2][_state[0].send(_state[2]) :]
        except OSError:  # full for now; a broken connection shows when reading
            pass


def _apply(message):
    adc.update(message.get("adc", {}))
    air[0] = message.get("wifi", air[0])
    for gpio, level in message.get("pin", {}).items():
        rises = pin.get(gpio) == 0 and level
        pin[gpio] = level
        if rises and gpio in handlers:
            handlers[gpio](None)
