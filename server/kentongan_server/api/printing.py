"""Pages that are printed: plain HTML without a script, in both languages."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from kentongan_server import shapes_desk as shapes

ZONE: Final = ZoneInfo("Asia/Jakarta")  # printed beside every time, with its name
STYLE: Final = """\
body{font:12pt/1.4 sans-serif;margin:2cm auto;max-width:19cm;padding:0 1rem;color:#000;background:#fff}
h1{font-size:18pt}h2{font-size:14pt}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}
dt{font-weight:bold}dd{margin:0}.words{white-space:pre-wrap;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}th,td{border:1px solid #444;padding:.2rem .4rem;text-align:left}
td{overflow-wrap:anywhere}.sign td{height:3cm;vertical-align:bottom;width:50%}
.head{font:10pt monospace;overflow-wrap:anywhere}@media print{body{margin:0}}"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)

_CATEGORIES: Final = {
    "id": {
        "hold-up": "Perampokan",
        "duress": "Di bawah ancaman",
        "fire": "Kebakaran",
        "medical": "Medis",
        "suspected-attack": "Dugaan serangan",
        "outage": "Gangguan luas",
        "violence": "Kekerasan",
        "theft": "Pencurian",
        "accident": "Kecelakaan",
        "disaster": "Bencana",
        "public-order": "Ketertiban umum",
        "other": "Lain-lain",
    },
    "en": {
        "hold-up": "Hold-up",
        "duress": "Duress",
        "fire": "Fire",
        "medical": "Medical",
        "suspected-attack": "Suspected attack",
        "outage": "Wide outage",
        "violence": "Violence",
        "theft": "Theft",
        "accident": "Accident",
        "disaster": "Disaster",
        "public-order": "Public order",
        "other": "Other",
    },
}
_STATES: Final = {
    "id": {
        "new": "Belum dijawab",
        "acknowledged": "Ditangani",
        "dispatched": "Unit berangkat",
        "on-scene": "Unit di lokasi",
        "parked": "Ditunda",
        "reopened": "Dibuka kembali",
        "closed": "Selesai",
    },
    "en": {
        "new": "Unanswered",
        "acknowledged": "In hand",
        "dispatched": "Unit on its way",
        "on-scene": "Unit on scene",
        "parked": "Parked",
        "reopened": "Reopened",
        "closed": "Closed",
    },
}
_TEXTS: Final[dict[str, dict[str, Any]]] = {
    "id": {
        "title": "Serah terima giliran",
        "at": "Waktu",
        "given_by": "Diserahkan oleh",
        "taken_by": "Diterima oleh",
        "signed": {"password": "menandatangani dengan kata sandi", "passkey": "menandatangani dengan kunci sandi"},
        "note": "Catatan",
        "cases": "Kejadian yang diserahkan",
        "none": "Tidak ada kejadian terbuka.",
        "number": "No.",
        "priority": "Prioritas",
        "category": "Jenis",
        "place": "Tempat",
        "opened": "Dibuka",
        "state": "Status saat dicetak",
        "signatures": "Tanda tangan",
        "head": "Kepala riwayat tepat sebelum serah terima (posisi:hash). Simpan lembar ini: angka ini membuktikan "
        "bahwa riwayat sebelumnya tidak diubah (kentongan audit verify --head).",
    },
    "en": {
        "title": "Hand-over of a shift",
        "at": "Time",
        "given_by": "Given by",
        "taken_by": "Taken by",
        "signed": {"password": "signed by password", "passkey": "signed by passkey"},
        "note": "Note",
        "cases": "Incidents handed over",
        "none": "No open incidents.",
        "number": "No.",
        "priority": "Priority",
        "category": "Kind",
        "place": "Place",
        "opened": "Opened",
        "state": "State when printed",
        "signatures": "Signatures",
        "head": "Head of the history just before the hand-over (position:hash). Keep this page: it proves that the "
        "history before it was not changed (kentongan audit verify --head).",
    },
}


def _moment(at_ms: int) -> str:
    at = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZONE)
    return f"{at:%Y-%m-%d %H:%M:%S} WIB"


_pages = Environment(
    loader=PackageLoader("kentongan_server.api"),
    autoescape=select_autoescape(enabled_extensions=("j2",), default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
)
_pages.filters["moment"] = _moment


def hand_over(it: shapes.HandOverPage, lang: str) -> str:
    """The page of a hand-over, to be printed and signed."""
    texts = {**_TEXTS[lang], "categories": _CATEGORIES[lang], "states": _STATES[lang]}
    return _pages.get_template("hand_over.html.j2").render(it=it, t=texts, lang=lang, style=STYLE)
