"""Draw the state machines' tables into docs/*-states.md; `--check` only says whether they are current.

.venv/bin/python tools/dev/diagrams.py [--check]
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from kentongan_button.core import press
from kentongan_button.link import wifi
from kentongan_gateway.core import custody, main_path
from kentongan_server.domain import correlation, incident, site_paths

DOCS = Path(__file__).resolve().parents[2] / "docs"

PRESS_HEAD = f"""# The states of a button

Drawn from the table in `firmware/kentongan_button/core/press.py` by `tools/dev/diagrams.py`; change it there.
What is not drawn changes nothing.

- *press or repeat*: within {press.PRESS_SPACING_MS} ms of the last new press it counts as a repeat of that one, unless
  somebody has acknowledged it already.
- *boot latched*: the journal knows the press that latched the button, so a contact found closed is no second one.

"""
CUSTODY_HEAD = f"""# The states of a press at the gateway

Drawn from the table in `gateway/kentongan_gateway/core/custody.py` by `tools/dev/diagrams.py`; change it there.
What is not drawn changes nothing.

- *offered*: a button (or whoever holds its transport key) delivered an attempt, and it is on disk.
- *receipt*: the centre's receipt of this press, made for this gateway. *refusal*: the centre refused every copy held.
- *restored*: the centre came back as another incarnation than the one that had received the press.
- What has ended is kept for {custody.KEEP_MS // 86_400_000} days; then it is absent again.

"""
MAIN_PATH_HEAD = f"""# The states of a gateway's main path

Drawn from the table in `gateway/kentongan_gateway/core/main_path.py` by `tools/dev/diagrams.py`; change it there.
What is not drawn changes nothing.

- *answered*: the centre's signed answer to a report of ours.
- *silent*: none for {main_path.LOST_MS // 1000} s, counted from the gateway's start, too.
- *steady*: answers for {main_path.STEADY_MS // 1000} s.
- A loss is told by SMS when it begins, its end when the path stands again.

"""
SITE_PATHS_HEAD = f"""# The states of a site's paths, as the centre sees them

Drawn from the table in `server/kentongan_server/domain/site_paths.py` by `tools/dev/diagrams.py`; change it there.
What is not drawn changes nothing. [Why](adr/0014-a-site-without-any-path-is-a-suspected-attack.md).

- *word*: a report over the main path, due every {site_paths.REPORT_EVERY_MS / 1000:g} s.
  *silence*: none for {site_paths.QUIET_AFTER_MS / 1000:g} s.
- *speaks*: {site_paths.LOST_AFTER_MS / 1000:g} s after the last word, or later, the second path proves that the
  site lives: a trouble.
- *cut*: then neither path says anything, or the second one has not for
  {site_paths.SECOND_PATH_GOOD_FOR_MS / 3_600_000:g} h: a suspected attack.
- *many*: {site_paths.OUTAGE_SITES_MIN} sites and one in {site_paths.OUTAGE_SHARE} of all that were well, within
  {site_paths.OUTAGE_WINDOW_MS / 1000:g} s of each other.
- A site that was gone when the centre started begins *down*; one that was never heard is waited for by nobody.

"""
WIFI_HEAD = f"""# The states of a button's Wi-Fi

Drawn from the table in `firmware/kentongan_button/link/wifi.py` by `tools/dev/diagrams.py`; change it there.
What is not drawn changes nothing.

- *deadline*: {wifi.JOIN_MS / 1000:g} s of joining, or the end of a rest; rests double with each failure, from
  {wifi.REST_FIRST_MS / 1000:g} s to {wifi.REST_MAX_MS / 1000:g} s.
- Every {wifi.CYCLE_EVERY} failures the radio is cycled, whatever the arrow says.
- *no memory* for the {wifi.NO_MEMORY_MAX}rd time without a working link between restarts the chip, from every state.

"""
CASE_HEAD = f"""# The states of a case

Drawn from the table in `server/kentongan_server/domain/incident.py` by `tools/dev/diagrams.py`; change it there.
What leaves the state as it is is not drawn; what is not in the table is refused.

- *press*: a new alarm of its button, or of its site within {correlation.WINDOW_MS // 60_000} min; *repeat*: the
  same press comes again. Both ring in every state.
- *unpark*: by hand, or its time is over, at most {incident.PARK_MAX_MS // 3_600_000} h; then it rings.
- *close* wants outcome and cause, nothing that rings, and every mandatory step of the action plan.
- *merge*: its signals go to another case. *end-drill*: a drill ends with all of its cases, answered or not.
- A press after *close* opens a new case; *reopen* is a supervisor's.

"""


def name(state: int) -> str:
    return press.STATE_NAMES[state].replace(" ", "_")


def press_lines() -> Iterable[str]:
    for state in (press.BOOT, press.BOOT_LATCHED):
        yield f"    [*] --> {name(state)}"
    for (state, event), (after, action) in press.TRANSITIONS.items():
        label = press.EVENT_NAMES[event] + ("" if action == press.NONE else f" / {press.ACTION_NAMES[action]}")
        yield f"    {name(state)} --> {name(after)}: {label}"


def custody_lines() -> Iterable[str]:
    yield f"    [*] --> {custody.ABSENT}"
    for (state, event), after in custody.TRANSITIONS.items():
        yield f"    {state} --> {after}: {event}"


def main_path_lines() -> Iterable[str]:
    yield f"    [*] --> {main_path.STANDS}"
    for (state, event), after in main_path.TRANSITIONS.items():
        yield f"    {state} --> {after}: {event}"


def site_paths_lines() -> Iterable[str]:
    yield f"    [*] --> {site_paths.State.UP}"
    yield f"    [*] --> {site_paths.State.DOWN}"
    for (state, event), after in site_paths.TRANSITIONS.items():
        yield f"    {state} --> {after}: {event}"


def case_lines() -> Iterable[str]:
    """One arrow for all events that lead the same way."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for (state, event), after in incident.TRANSITIONS.items():
        if state != after:
            begin = "[*]" if state is None else state.replace("-", "_")
            arrows.setdefault((begin, after.replace("-", "_")), []).append(event)
    for (begin, end), events in arrows.items():
        yield f"    {begin} --> {end}: {', '.join(events)}"


def wifi_lines() -> Iterable[str]:
    yield f"    [*] --> {wifi.STATE_NAMES[wifi.RESTING]}"
    for (state, event), (after, actions) in wifi.TABLE.items():
        label = " / ".join([wifi.EVENT_NAMES[event], *(wifi.ACTION_NAMES[action] for action in actions)])
        yield f"    {wifi.STATE_NAMES[state]} --> {wifi.STATE_NAMES[after]}: {label}"


def pages() -> dict[Path, str]:
    """Each page's whole text by its path."""
    return {
        DOCS / "press-states.md": page(PRESS_HEAD, press_lines()),
        DOCS / "wifi-states.md": page(WIFI_HEAD, wifi_lines()),
        DOCS / "custody-states.md": page(CUSTODY_HEAD, custody_lines()),
        DOCS / "main-path-states.md": page(MAIN_PATH_HEAD, main_path_lines()),
        DOCS / "case-states.md": page(CASE_HEAD, case_lines()),
        DOCS / "site-path-states.md": page(SITE_PATHS_HEAD, site_paths_lines()),
    }


def page(head: str, lines: Iterable[str]) -> str:
    return head + "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"]) + "\n"


def main() -> int:
    stale = 0
    for path, text in pages().items():
        if "--check" not in sys.argv:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            stale += 1
            print(f"{path.name}: expected what the table says, found something else; run tools/dev/diagrams.py")
    return min(stale, 1)


if __name__ == "__main__":
    sys.exit(main())
