"""Where tests write that commit often: in memory, because what they prove needs no disk."""

from __future__ import annotations

import os

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
