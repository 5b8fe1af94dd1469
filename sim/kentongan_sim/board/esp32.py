"""`esp32` of the virtual board: the flash partition of the file system, and NVS, each over a file.

Every program and erase of the flash goes straight to its file: a process killed with -9 keeps all
of them. NVS is one JSON line a value or a start, never rewritten, so that a killed process leaves
at worst a torn last line, which is ignored. flash_image.py makes both files.
"""

import json

_ERASED = b"\xff" * 256


class Partition:
    """MicroPython's extended block device protocol over a file of 4096-byte blocks, as the chip's sectors."""

    def __init__(self, path):
        self.file = open(path, "r+b")
        self.size = self.file.seek(0, 2)

    def readblocks(self, block, buf, at=0):
        self.file.seek(block * 4096 + at)
        self.file.readinto(buf)

    def writeblocks(self, block, buf, at=0):
        self.file.seek(block * 4096 + at)
        self.file.write(buf)

    def ioctl(self, op, block):
        if op == 4:
            return self.size // 4096
        if op == 5:
            return 4096
        if op == 6:
            self.file.seek(block * 4096)
            for _ in range(16):  # a chip's erase takes no memory of the heap
                self.file.write(_ERASED)
        return 0


nvs = {}  # hex digits by namespace and key


def load_nvs(path):
    """Read the NVS file and note this start in it; returns how often this board has started."""
    boots = 1
    with open(path) as lines:
        for line in lines:
            try:
                change = json.loads(line)
            except ValueError:  # torn by a kill
                continue
            boots += "boot" in change
            nvs[change.get("key")] = change.get("hex")
    with open(path, "a") as file:
        # A line of its own, whatever the last one ended with; empty lines are no JSON either.
        file.write("\n%s\n" % json.dumps({"boot": boots}))
    return boots


class NVS:
    def __init__(self, namespace):
        self.prefix = namespace + "/"

    def get_blob(self, key, buf):
        text = nvs.get(self.prefix + key)
        if text is None:
            raise OSError(-0x1102, "ESP_ERR_NVS_NOT_FOUND")
        value = bytes.fromhex(text)
        if len(value) > len(buf):
            raise OSError(-0x110C, "ESP_ERR_NVS_INVALID_LENGTH")
        buf[: len(value)] = value
        return len(value)
