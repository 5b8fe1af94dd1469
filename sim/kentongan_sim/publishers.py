"""Ways into the brokers with somebody else's papers: what a thief of a kit can do.

Both brokers take the client's name from its papers, so whoever comes in with a kit in use would
end its owner's session; the stolen kits here are spare ones.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from pathlib import Path
from types import TracebackType
from typing import Self

import aiomqtt

from kentongan_sim.errors import SimError
from kentongan_sim.flash_image import find_tool
from kentongan_wire.topics import ALARM, alarm_lane, button_up, device_name, gateway_up

PUBLISH_S = 10.0  # bounds one publish on a loaded machine
PRIVATE = 0o600


class SitePublisher:
    """Publishes on a button's alarm topic at the site broker with that button's TLS-PSK, through mosquitto_pub.

    Python's own TLS has no PSK before 3.13. The key goes into a private file: arguments can be
    read by every user of the machine.
    """

    def __init__(self, host: str, port: int, site: str, device: int, psk: bytes, folder: Path) -> None:
        self._topic = button_up(site, device, ALARM)
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        options = (
            f"-h {host}",
            f"-p {port}",
            f"-i {device_name(device)}",
            f"--psk-identity {device_name(device)}",
            f"--psk {psk.hex()}",
            "--tls-version tlsv1.2",
        )
        with os.fdopen(os.open(folder / "mosquitto_pub", os.O_WRONLY | os.O_CREAT, PRIVATE), "w") as file:
            file.write("\n".join(options) + "\n")

    async def publish(self, payload: bytes) -> None:
        """Publish with QoS 1.

        Raises:
            SimError: mosquitto_pub is missing, refused or too slow.
        """
        process = await asyncio.create_subprocess_exec(
            find_tool("mosquitto_pub"),
            *("-q", "1", "-t", self._topic, "-s"),
            env={**os.environ, "XDG_CONFIG_HOME": str(self._folder)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(PUBLISH_S):
                _, said = await process.communicate(payload)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise SimError(f"mosquitto_pub did not end within {PUBLISH_S:g} s") from None
        if process.returncode != 0:
            raise SimError(f"mosquitto_pub failed ({process.returncode}): {said.decode(errors='replace').strip()}")


class CentrePublisher:
    """Publishes on a gateway's alarm lane at the centre's broker with that gateway's certificate."""

    def __init__(self, host: str, port: int, device: int, kit: Path) -> None:
        context = ssl.create_default_context(cafile=str(kit / "ca.crt"))
        context.load_cert_chain(kit / "alarm.crt", kit / "alarm.key")
        self._topic = gateway_up(device, ALARM)
        self._client = aiomqtt.Client(
            host,
            port,
            identifier=alarm_lane(device),
            protocol=aiomqtt.ProtocolVersion.V5,
            tls_context=context,
            timeout=PUBLISH_S,
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def publish(self, payload: bytes) -> None:
        """Publish with QoS 1.

        Raises:
            SimError: the broker did not confirm.
        """
        try:
            await self._client.publish(self._topic, payload, qos=1)
        except aiomqtt.MqttError as error:
            raise SimError(f"the centre's broker did not confirm a forged frame: {error}") from error
