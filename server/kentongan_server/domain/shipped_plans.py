"""The action plans that come with the programme: the city's own until a supervisor writes better ones.

Steps follow the practice of alarm-receiving centres: a hold-up is never called back first, because the
telephone that rings may be the one beside the robber. Few steps are mandatory: those whose neglect has hurt people.
"""

from __future__ import annotations

from typing import Final

from kentongan_server.domain.category import Category
from kentongan_server.domain.plan import ANY, Step

_SENT: Final = Step(
    "send-unit",
    "Kirim unit terdekat dan catat siapa yang berangkat.",
    "Send the nearest unit and note who goes.",
    mandatory=True,
)
_OUTCOME: Final = Step(
    "report-back",
    "Tanyakan hasil kepada unit di lokasi sebelum menutup kejadian.",
    "Ask the unit on the scene what it found before you close the incident.",
)

_HOLD_UP: Final = (
    Step(
        "do-not-call-site",
        "JANGAN menelepon lokasi lebih dahulu: telepon yang berbunyi dapat membahayakan korban.",
        "Do NOT call the site first: a ringing telephone can endanger the victims.",
        mandatory=True,
    ),
    _SENT,
    Step(
        "tell-unit-silent",
        "Beri tahu unit: datang tanpa sirene, berhenti di luar pandangan lokasi.",
        "Tell the unit: come without siren, stop out of sight of the site.",
        mandatory=True,
    ),
    Step(
        "close-roads",
        "Minta polisi lalu lintas menutup jalan keluar di sekitar lokasi.",
        "Ask the traffic police to close the ways out around the site.",
    ),
    Step(
        "call-when-safe",
        "Setelah unit menyatakan aman, telepon kontak lokasi dan tanyakan kata sandi.",
        "When the unit says that it is safe, call the site's contact and ask for the pass-phrase.",
    ),
    _OUTCOME,
)

SHIPPED: Final[dict[str, tuple[Step, ...]]] = {
    Category.HOLD_UP: _HOLD_UP,
    Category.DURESS: _HOLD_UP,
    Category.SUSPECTED_ATTACK: (
        Step(
            "read-troubles",
            "Lihat papan gangguan: apakah listrik atau internet padam di seluruh wilayah?",
            "Look at the troubles: is power or internet out in the whole area?",
        ),
        Step(
            "call-neighbour",
            "JANGAN menelepon lokasi lebih dahulu. Telepon kontak di luar lokasi.",
            "Do NOT call the site first. Call a contact who is elsewhere.",
            mandatory=True,
        ),
        Step(
            "send-patrol",
            "Kirim patroli untuk melihat dari luar dan catat siapa yang berangkat.",
            "Send a patrol to look from outside and note who goes.",
            mandatory=True,
        ),
        _OUTCOME,
    ),
    Category.FIRE: (
        Step(
            "send-fire-brigade",
            "Kirim pemadam kebakaran dan catat siapa yang berangkat.",
            "Send the fire brigade and note who goes.",
            mandatory=True,
        ),
        Step(
            "call-site",
            "Telepon lokasi: apakah ada orang di dalam, apa yang terbakar, adakah gas atau bahan kimia?",
            "Call the site: is anybody inside, what burns, is there gas or are there chemicals?",
        ),
        Step("send-ambulance", "Siagakan ambulans.", "Put an ambulance on stand-by."),
        Step("cut-power", "Minta PLN memutus aliran listrik.", "Ask the power company to cut the supply."),
        _OUTCOME,
    ),
    Category.MEDICAL: (
        Step(
            "send-ambulance",
            "Kirim ambulans dan catat siapa yang berangkat.",
            "Send an ambulance and note who goes.",
            mandatory=True,
        ),
        Step(
            "call-site",
            "Telepon lokasi: apakah korban sadar dan bernapas? Pandu pertolongan pertama.",
            "Call the site: is the person conscious and breathing? Guide first aid.",
        ),
        Step(
            "open-door",
            "Minta seseorang menunggu di pintu dan menunjukkan jalan.",
            "Ask somebody to wait at the door and show the way.",
        ),
        _OUTCOME,
    ),
    ANY: (
        Step(
            "understand",
            "Pastikan di mana, apa yang terjadi, siapa yang terancam.",
            "Make sure where it is, what happens, who is in danger.",
        ),
        Step(
            "decide-unit",
            "Putuskan apakah unit dikirim, dan catat alasannya.",
            "Decide whether a unit is sent, and note why.",
            mandatory=True,
        ),
        _OUTCOME,
    ),
}
