"""Format a flash image and copy a folder into it: `micropython make_image.py IMAGE FOLDER`.

Runs on the real interpreter, whose littlefs the button has too. The image file exists already,
in its full size (flash_image.py).
"""

import os
import sys

import vfs
from esp32 import Partition

_DIRECTORY = 0x4000
_CHUNK = 4096


def copy(source, target):
    """Copy a folder's content recursively."""
    for entry in os.ilistdir(source):
        name, kind = entry[0], entry[1]
        if kind == _DIRECTORY:
            os.mkdir(target + "/" + name)
            copy(source + "/" + name, target + "/" + name)
        else:
            with open(source + "/" + name, "rb") as reader, open(target + "/" + name, "wb") as writer:
                while True:
                    chunk = reader.read(_CHUNK)
                    if not chunk:
                        break
                    writer.write(chunk)


def main():
    device = Partition(sys.argv[1])
    vfs.VfsLfs2.mkfs(device)
    vfs.mount(device, "/flash")
    copy(sys.argv[2], "/flash")
    vfs.umount("/flash")


main()
