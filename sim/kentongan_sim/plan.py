"""The small city of the demo: names that say that they are examples."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PostPlan:
    """A post, the variant of its button, and the number of its SIM."""

    name: str
    variant: str
    number: str


@dataclass(frozen=True)
class SitePlan:
    """A partner's premises; `number` is that of the gateway's SIM."""

    code: str
    name: str
    address: str
    number: str
    posts: tuple[PostPlan, ...]


@dataclass(frozen=True)
class ModemPlan:
    """One of the centre's modems, and the operator of its SIM."""

    name: str
    operator: str
    number: str


# Numbers under a code that no mobile operator has (0800 is toll-free): nobody's telephone rings.
MODEMS = (
    ModemPlan("contoh-a", "Operator Contoh A", "+6280000000001"),
    ModemPlan("contoh-b", "Operator Contoh B", "+6280000000002"),
)
DUTY_NUMBERS = ("+6280000000011", "+6280000000012")

SITES = (
    SitePlan(
        "bank-contoh",
        "Bank Contoh Cabang Pahlawan",
        "Jl. Contoh Pahlawan 1, Probolinggo",
        "+6280000000100",
        (
            PostPlan("Pos Satpam", "guard-post", "+6280000000101"),
            PostPlan("Meja Teller 1", "desk", "+6280000000102"),
            PostPlan("Meja Pimpinan", "desk", "+6280000000103"),
        ),
    ),
    SitePlan(
        "emas-contoh",
        "Toko Emas Contoh",
        "Jl. Contoh Niaga 2, Probolinggo",
        "+6280000000200",
        (
            PostPlan("Pos Depan", "guard-post", "+6280000000201"),
            PostPlan("Meja Kasir", "desk", "+6280000000202"),
        ),
    ),
)

# A kit that lies in a drawer until somebody steals it: its button is never powered, its gateway never started.
SPARE_POST = PostPlan("Cadangan (di laci)", "desk", "+6280000000109")
OPERATOR = "operator"
ZONE = "Asia/Jakarta"
