"""A gateway with two buttons, see tests/support."""

from tests.support.gateway_fixtures import buttons, folder, gateway

__all__ = ["buttons", "folder", "gateway"]
