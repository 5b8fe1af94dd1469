"""The centre's mosquitto: gateways by client certificate, each lane its own topics and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kentongan_host.broker import BrokerConfig, Listener
from kentongan_server.adapters.ca import CertificateAuthority
from kentongan_server.settings import BrokerSection
from kentongan_wire.frame import MAX_SIZE
from kentongan_wire.topics import CENTRE_ROOT

ACL_NAME = "gateways.acl"
CONNECTIONS_MAX = 20_000  # two for each of 10,000 gateways; about 13 KiB each
TOPIC_ROOM = 512  # bytes of an MQTT packet beside the frame

# `%u` is the certificate's common name: a lane writes its own up-link and reads its own down-link.
# A message that another pattern would have to allow, `$share` included, is never delivered.
ACL = f"""\
pattern write {CENTRE_ROOT}/%u/up/#
pattern read {CENTRE_ROOT}/%u/down/#
"""


def acl(shut: Iterable[str] = ()) -> str:
    """The rights of all lanes; what those in `shut` publish is refused, what is for them still reaches them."""
    denied = "".join(f"user {lane}\ntopic deny {CENTRE_ROOT}/{lane}/up/#\n" for lane in sorted(shut))
    return ACL + denied


def config(settings: BrokerSection, directory: Path, authority: CertificateAuthority) -> BrokerConfig:
    """What to start for these settings."""
    gateways = Listener(
        host=settings.host,
        port=settings.port,
        options=(
            ("cafile", str(authority.ca_certificate.absolute())),
            ("certfile", str(authority.server_certificate.absolute())),
            ("keyfile", str(authority.server_key.absolute())),
            ("tls_version", "tlsv1.2"),
            ("require_certificate", "true"),
            ("use_identity_as_username", "true"),
            ("use_username_as_clientid", "true"),
            ("allow_anonymous", "false"),
            ("acl_file", str((directory / ACL_NAME).absolute())),
        ),
        setting="[broker] host and port in centre.toml",
    )
    return BrokerConfig(
        program=settings.mosquitto,
        directory=directory.absolute(),
        listeners=(gateways,),
        files={ACL_NAME: acl()},
        max_packet_bytes=MAX_SIZE + TOPIC_ROOM,
        max_connections=CONNECTIONS_MAX,
    )
