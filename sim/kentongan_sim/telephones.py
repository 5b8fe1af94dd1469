"""The mobile telephones of the small city: whose number is whose, what is on its way, what people were texted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kentongan_sim.evidence import now_ms
from kentongan_sim.modem.bank import ModemBank
from kentongan_sim.modem.model import Timing
from kentongan_sim.modem.sim_card import SimCard
from kentongan_sim.modem.sms_network import Fate, Message, Phone
from kentongan_sim.plan import DUTY_NUMBERS, MODEMS, SitePlan
from kentongan_sim.ports import HOST

OPERATORS = tuple(modem.operator for modem in MODEMS)
TEXTS_SHOWN = 6  # newest texts of a list: what a person takes in at a glance
FORGET_MS = 120_000  # a text that has not arrived by then is not on its way but lost, or waits for a phone that is away


class ButtonModem:
    """The modem of one button: its board's UART, its power key and its supply."""

    def __init__(self, bank: ModemBank, name: str) -> None:
        self._bank = bank
        self._name = name

    @property
    def address(self) -> str:
        """Where the board's UART connects."""
        return f"{HOST}:{self._bank.modems[self._name].tcp_port}"

    def power_key(self, held_ms: int) -> None:
        """The board held the power key that long."""
        self._bank.power_key(self._name, held_ms)

    def power_off(self) -> None:
        """The supply is gone, with that of the board."""
        self._bank.power_off(self._name)


class Telephones:
    """The SMS network, everybody who has a number, and what was seen of it.

    Modems of centre and gateways are serial ports in a folder, those of buttons sockets.

    Args:
        folder: for the serial ports' names.
        sites: whose gateways and buttons have numbers.
        seed: of all chance.
        timing: of the modems; None for that of real ones.

    Attributes:
        bank: the emulated modems.
        network: the emulated network.
        phones: of the people on duty.
    """

    def __init__(self, folder: Path, sites: Sequence[SitePlan], seed: int, timing: Timing | None = None) -> None:
        self.bank = ModemBank(seed=seed, timing=timing)
        self.network = self.bank.network
        self.network.script = self._submitted
        self.phones: list[Phone] = [self.bank.add_phone(number) for number in DUTY_NUMBERS]
        self._names = {number: f"Telepon piket {at}" for at, number in enumerate(DUTY_NUMBERS, 1)}
        self._way: dict[int, tuple[Message, float]] = {}
        self._texts: Counter[str] = Counter()
        for modem in MODEMS:
            self._names[modem.number] = f"Pusat, {modem.operator}"
            self.bank.add_pty(modem.name, SimCard(modem.number, modem.operator), folder / modem.name)
        for at, site in enumerate(sites):
            self._names[site.number] = f"Gateway {site.name}"
            self.bank.add_pty(site.code, SimCard(site.number, _operator(at)), folder / site.code)
            for post_at, post in enumerate(site.posts):
                self._names[post.number] = post.name
                self.bank.add_tcp(post.name, SimCard(post.number, _operator(at + post_at + 1)))

    @property
    def centre_ports(self) -> tuple[str, ...]:
        """Serial ports of the centre's modems, in the order of the plan."""
        return tuple(self.bank.modems[modem.name].path for modem in MODEMS)

    def gateway_port(self, site: str) -> str:
        """Serial port of a gateway's modem."""
        return self.bank.modems[site].path

    def number_of(self, name: str) -> str:
        """The number of somebody, as the bench page names them: a post, a gateway, a modem of the centre."""
        return next(number for number, shown in self._names.items() if shown == name)

    def of_button(self, post: str) -> ButtonModem:
        """A button's modem, as its board is wired to it."""
        return ButtonModem(self.bank, post)

    @property
    def counts(self) -> dict[str, int]:
        """What the network did, and of that what went to people."""
        return {
            "sms_sent": self.network.counts["submitted"],
            "sms_delivered": self.network.counts["delivered"],
            "sms_lost": self.network.counts["lost"],
            "sms_to_centre": sum(self._texts[modem.number] for modem in MODEMS),
            "sms_to_people": sum(self._texts[number] for number in DUTY_NUMBERS),
        }

    def describe(self) -> dict[str, Any]:
        """What the bench page draws, as JSON."""
        self._note_arrivals()
        way = [self._shown(message) for message, _ in self._way.values()]
        return {
            "operators": [{"name": name, "up": self.network.in_service(name)} for name in OPERATORS],
            "way": way[-TEXTS_SHOWN:],
            "way_count": len(way),
            "phones": [
                {"number": phone.number, "texts": phone.texts()[-TEXTS_SHOWN:], "count": len(phone.received)}
                for phone in self.phones
            ],
            "counts": self.counts,
        }

    def _submitted(self, message: Message) -> Fate | None:
        """Sees every text that the network takes; what becomes of it is left to the network."""
        self._texts[message.number] += 1
        self._way[message.identity] = (message, now_ms())
        return None

    def _note_arrivals(self) -> None:
        forgotten_ms = now_ms() - FORGET_MS
        arrived = {message.identity for message in self.network.delivered}
        for identity, (_, since_ms) in list(self._way.items()):
            if identity in arrived or since_ms < forgotten_ms:
                del self._way[identity]

    def _shown(self, message: Message) -> dict[str, str]:
        return {
            "from": self._names.get(message.sender, message.sender),
            "to": self._names.get(message.number, message.number),
        }


def _operator(number: int) -> str:
    """Neighbours have different operators: one outage never silences a whole site."""
    return OPERATORS[number % len(OPERATORS)]
