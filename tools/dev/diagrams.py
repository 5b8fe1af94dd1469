"""Draw the state machines' tables into docs/press-states.md; `--check` only says whether it is current.

.venv/bin/python tools/dev/diagrams.py [--check]
"""

from __future__ import annotations

import sys
from pathlib import Path

from kentongan_button.core import press

TARGET = Path(__file__).resolve().parents[2] / "docs" / "press-states.md"

HEAD = f"""# The states of a button

Drawn from the table in `firmware/kentongan_button/core/press.py` by `tools/dev/diagrams.py`; change it there.
What is not drawn changes nothing.

- *press or repeat*: within {press.PRESS_SPACING_MS} ms of the last new press it counts as a repeat of that one, unless
  somebody has acknowledged it already.
- *boot latched*: the journal knows the press that latched the button, so a contact found closed is no second one.

"""


def name(state: int) -> str:
    return press.STATE_NAMES[state].replace(" ", "_")


def diagram() -> str:
    """The whole page."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    [*] --> {name(state)}" for state in (press.BOOT, press.BOOT_LATCHED)]
    for (state, event), (after, action) in press.TRANSITIONS.items():
        label = press.EVENT_NAMES[event] + ("" if action == press.NONE else f" / {press.ACTION_NAMES[action]}")
        lines.append(f"    {name(state)} --> {name(after)}: {label}")
    return HEAD + "\n".join([*lines, "```"]) + "\n"


def main() -> int:
    if "--check" not in sys.argv:
        TARGET.write_text(diagram())
        return 0
    if TARGET.read_text() == diagram():
        return 0
    print(f"{TARGET.name}: expected what the table says, found something else; run tools/dev/diagrams.py")
    return 1


if __name__ == "__main__":
    sys.exit(main())
