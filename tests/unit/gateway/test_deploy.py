"""The systemd unit: valid, hardened, and true to what the program does."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from importlib import resources
from pathlib import Path

from kentongan_gateway.cli import EXIT_CONFIG

UNIT = Path(str(resources.files("kentongan_gateway"))) / "deploy" / "kentongan-gateway.service"
EXPOSURE_MAX = 1.6  # of `systemd-analyze security`; an unhardened unit has 9.6


def service() -> configparser.SectionProxy:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(UNIT.read_text())
    return unit["Service"]


def test_it_comes_back_unless_its_settings_are_wrong():
    assert service()["Restart"] == "always"
    assert service()["RestartPreventExitStatus"] == str(EXIT_CONFIG)
    assert "StartLimitIntervalSec=0" in UNIT.read_text()


def test_it_says_itself_when_it_is_ready_and_well():
    assert (service()["Type"], service()["NotifyAccess"]) == ("notify", "main")
    assert service()["WatchdogSec"] == "60s"
    assert "HUP" in service()["ExecReload"]


def test_it_reaches_its_modem_and_no_other_device():
    lines = UNIT.read_text().splitlines()
    allowed = [line for line in lines if line.startswith("DeviceAllow=")]
    assert allowed == [f"DeviceAllow=char-{kind} rw" for kind in ("ttyUSB", "ttyACM", "ttyAMA", "ttyS")]
    assert (service()["DevicePolicy"], service()["PrivateDevices"]) == ("closed", "no")
    assert service()["SupplementaryGroups"] == "dialout"


def test_systemd_finds_nothing_wrong_with_it(tmp_path: Path):
    analyze = shutil.which("systemd-analyze")
    lines = UNIT.read_text().splitlines()
    assert [line for line in lines if line and line[0] not in "#[" and "=" not in line] == []
    if analyze is None:
        # No systemd on this machine: what can be known is that every line is a setting.
        assert "ExecStart" in service()
        return
    unit = tmp_path / UNIT.name
    unit.write_text(
        "\n".join("ExecStart=/bin/true" if line.startswith("ExecStart=") else line for line in lines) + "\n"
    )
    verified = subprocess.run([analyze, "verify", unit], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")
    rated = subprocess.run(
        [analyze, "security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE_MAX * 10:.0f}", unit],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert rated.returncode == 0, rated.stdout[-200:]
