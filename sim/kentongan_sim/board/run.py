"""Start of the virtual board: what the ESP32 port does between power-on and boot.py.

    KENTONGAN_BOARD=host:port KENTONGAN_FLASH=file KENTONGAN_NVS=file \
        micropython -X heapsize=160k run.py

MICROPYPATH must not be set without `.frozen`: asyncio would be lost.
"""

import gc
import os
import sys

import micropython

gc.collect()
bare = gc.mem_alloc()
micropython.opt_level(3)  # the fakes below have no line numbers: they share the heap that stands for the chip's

import bench_link  # noqa: E402
import esp32  # noqa: E402
import machine  # noqa: E402, F401 # boot.py finds this one
import network  # noqa: E402
import vfs  # noqa: E402


def setting(name, meaning):
    """An environment variable that must be there."""
    value = os.getenv(name)
    if not value:
        print("virtual board: expected %s, %s; it is not set" % (name, meaning), file=sys.stderr)
        sys.exit(2)
    return value


def find_name_server():
    """The first name server of the machine that plays the board, "" when it has none."""
    try:
        with open("/etc/resolv.conf") as lines:
            for line in lines:
                words = line.split()
                if len(words) > 1 and words[0] == "nameserver":
                    return words[1]
    except OSError:
        pass
    return ""


def power_on():
    """All that happens before boot.py."""
    address = setting("KENTONGAN_BOARD", "where the host listens, as host:port")
    flash = esp32.Partition(setting("KENTONGAN_FLASH", "the flash image"))
    boots = esp32.load_nvs(setting("KENTONGAN_NVS", "the file with the NVS values"))
    network.name_server[0] = find_name_server()
    bench_link.attach(address)
    # From here on the machine's own files are out of reach, as on the chip.
    vfs.umount("/")
    vfs.mount(flash, "/")
    os.chdir("/")
    sys.path[:] = ["", ".frozen", "/lib"]
    bench_link.send({"hello": {"boot": boots}})


power_on()
for name in ("setting", "find_name_server", "power_on"):
    del globals()[name]  # the firmware needs the room
gc.collect()
bench_link.cost[0] = gc.mem_alloc() - bare
execfile("/boot.py")  # noqa: F821 # a builtin of the unix interpreter
print("virtual board: boot.py returned; a chip would offer its REPL now", file=sys.stderr)
