"""What the desk does beside its incidents, wired together."""

from __future__ import annotations

from kentongan_server.adapters.erasing import Leftovers
from kentongan_server.adapters.read_desk import SqlDeskViews
from kentongan_server.adapters.views import SqlViews
from kentongan_server.application.calls import Calls
from kentongan_server.application.drills import Drills
from kentongan_server.application.hand_over import HandOver
from kentongan_server.application.ports import Clock, Store
from kentongan_server.application.retention import Retention
from kentongan_server.application.shift import Shift
from kentongan_server.centre_state import CentreState
from kentongan_server.domain.retention import Keeping
from kentongan_server.settings import RetentionSection


def make_shift(state: CentreState, store: Store, clock: Clock, views: SqlViews) -> Shift:
    """As the settings want it."""
    read = SqlDeskViews(views)
    return Shift(
        calls=Calls(store, clock, state.sealer.caller_key),
        drills=Drills(store, clock),
        hand_over=HandOver(store, clock, read),
        retention=Retention(store, read, clock, keeping(state.settings.retention), Leftovers(state.database)),
        views=read,
    )


def keeping(section: RetentionSection) -> Keeping:
    """The rules as the settings give them."""
    return Keeping(section.caller_days, section.exact_place_days, section.caller_digest_days, section.access_days)
