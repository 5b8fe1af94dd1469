"""The small city of the demo: names that say that they are examples."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PostPlan:
    """A post and the variant of its button."""

    name: str
    variant: str


@dataclass(frozen=True)
class SitePlan:
    """A partner's premises."""

    code: str
    name: str
    address: str
    posts: tuple[PostPlan, ...]


SITES = (
    SitePlan(
        "bank-contoh",
        "Bank Contoh Cabang Pahlawan",
        "Jl. Contoh Pahlawan 1, Probolinggo",
        (PostPlan("Pos Satpam", "guard-post"), PostPlan("Meja Teller 1", "desk"), PostPlan("Meja Pimpinan", "desk")),
    ),
    SitePlan(
        "emas-contoh",
        "Toko Emas Contoh",
        "Jl. Contoh Niaga 2, Probolinggo",
        (PostPlan("Pos Depan", "guard-post"), PostPlan("Meja Kasir", "desk")),
    ),
)

# A kit that lies in a drawer until somebody steals it: its button is never powered, its gateway never started.
SPARE_POST = PostPlan("Cadangan (di laci)", "desk")
OPERATOR = "operator"
ZONE = "Asia/Jakarta"
