"""MQTT topics of both hops. Nothing is ever retained.

Site hop: `k1/<site>/<device>/up/alarm|beat` and `…/down/frame`; the user name is the device.
Centre hop: `k1c/<lane>/up/alarm|report` and `…/down/frames`; the user name is the lane, one
certificate and one connection each, so that no heartbeat can stand in front of an alarm.
"""

from kentongan_wire.errors import FrameError

SITE_ROOT = "k1"
CENTRE_ROOT = "k1c"
ALARM = "alarm"
BEAT = "beat"
REPORT = "report"
SITE_NAME_MAX = 32  # characters of a site code: a-z, 0-9, '-'
_SITE_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"
_REPORT_SUFFIX = ".report"


def device_name(device: int) -> str:
    """A device as user name and topic level: eight lower-case hex digits."""
    return "%08x" % device


def device_number(name: str) -> int:
    """The device that `device_name` wrote; raises FrameError for anything else."""
    if len(name) == 8:
        try:
            device = int(name, 16)
        except ValueError:
            device = 0
        if device and device_name(device) == name:
            return device
    raise FrameError("value", "expected eight lower-case hex digits, got %r" % name)


def check_site(site: str) -> str:
    """The site code itself; raises FrameError when it could not be a topic level."""
    if not 0 < len(site) <= SITE_NAME_MAX or any([c not in _SITE_CHARACTERS for c in site]):
        raise FrameError("value", "site code: expected 1-%d of a-z, 0-9, '-', got %r" % (SITE_NAME_MAX, site))
    return site


def button_up(site: str, device: int, lane: str) -> str:
    """Where a button publishes; `lane` is ALARM or BEAT."""
    return "/".join((SITE_ROOT, site, device_name(device), "up", lane))


def button_down(site: str, device: int) -> str:
    """Where a button listens for receipts, answers, commands and `stored`."""
    return "/".join((SITE_ROOT, site, device_name(device), "down", "frame"))


def parse_button_up(topic: str) -> tuple[str, int, str]:
    """The (site, device, lane) of a button's topic; raises FrameError for anything else."""
    parts = topic.split("/")
    if len(parts) != 5 or parts[0] != SITE_ROOT or parts[3] != "up" or parts[4] not in (ALARM, BEAT):
        raise FrameError("value", "expected %s/<site>/<device>/up/alarm|beat, got %r" % (SITE_ROOT, topic))
    return check_site(parts[1]), device_number(parts[2]), parts[4]


def alarm_lane(gateway: int) -> str:
    """User name of the connection on which a gateway's alarms travel."""
    return device_name(gateway)


def report_lane(gateway: int) -> str:
    """User name of the connection on which a gateway's site reports travel."""
    return device_name(gateway) + _REPORT_SUFFIX


def gateway_up(gateway: int, kind: str) -> str:
    """Where a gateway publishes; `kind` is ALARM (envelopes) or REPORT (site reports)."""
    return "/".join((CENTRE_ROOT, alarm_lane(gateway) if kind == ALARM else report_lane(gateway), "up", kind))


def gateway_down(gateway: int, kind: str) -> str:
    """Where the centre answers on the lane of that kind."""
    return "/".join((CENTRE_ROOT, alarm_lane(gateway) if kind == ALARM else report_lane(gateway), "down", "frames"))


def parse_gateway_up(topic: str) -> tuple[int, str]:
    """The (gateway, kind) of a gateway's topic; raises FrameError for anything else."""
    parts = topic.split("/")
    if len(parts) == 4 and parts[0] == CENTRE_ROOT and parts[2] == "up":
        lane, kind = parts[1], parts[3]
        if kind == ALARM:
            return device_number(lane), ALARM
        if kind == REPORT and lane.endswith(_REPORT_SUFFIX):
            return device_number(lane[: -len(_REPORT_SUFFIX)]), REPORT
    raise FrameError("value", "expected %s/<lane>/up/alarm|report, got %r" % (CENTRE_ROOT, topic))
