"""The one base error of this room."""

from __future__ import annotations

from kentongan_host.errors import HostError


class GatewayError(HostError):
    """The gateway cannot do what it is told to; `what` and `remedy` are for the technician."""
