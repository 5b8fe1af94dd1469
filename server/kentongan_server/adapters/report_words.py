"""What the paper says, in both languages, and how it writes numbers, times and months."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

SECOND_MS, MINUTE_MS, HOUR_MS = 1_000, 60_000, 3_600_000
NONE: Final = "\N{EN DASH}"  # stands where there is no number


@dataclass(frozen=True, slots=True)
class Units:
    """How a language writes numbers."""

    comma: str
    thousands: str
    second: str
    minute: str
    hour: str
    months: tuple[str, ...]
    short_months: tuple[str, ...]


_ID_UNITS = Units(
    ",",
    ".",
    "dtk",
    "mnt",
    "jam",
    (
        *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
        *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
    ),
    ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
)
_EN_UNITS = Units(
    ".",
    ",",
    "s",
    "min",
    "h",
    (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
UNITS: Final[Mapping[str, Units]] = {"id": _ID_UNITS, "en": _EN_UNITS}


def number(value: int, units: Units) -> str:
    """1.234.567 or 1,234,567."""
    return f"{value:,}".replace(",", units.thousands)


def decimal(value: float, units: Units) -> str:
    """With one digit after the comma."""
    return f"{value:.1f}".replace(".", units.comma).replace("-", "\N{MINUS SIGN}")


def share(value: float | None, units: Units) -> str:
    """A rate in percent."""
    return NONE if value is None else f"{decimal(100 * value, units)} %"


def change(percent: float | None, units: Units) -> str:
    """A difference in percent with its sign; nothing when it is not known."""
    if percent is None:
        return ""
    return f"{'+' if percent > 0 else ''}{decimal(percent, units)} %"


def length(ms: int | None, units: Units) -> str:
    """7,4 dtk · 4 mnt 05 dtk · 2 jam 05 mnt."""
    if ms is None:
        return NONE
    if ms < MINUTE_MS:
        tenths = ms // 100
        return f"{tenths // 10}{units.comma}{tenths % 10} {units.second}"
    if ms < HOUR_MS:
        return f"{ms // MINUTE_MS} {units.minute} {ms % MINUTE_MS // SECOND_MS:02d} {units.second}"
    return f"{number(ms // HOUR_MS, units)} {units.hour} {ms % HOUR_MS // MINUTE_MS:02d} {units.minute}"


def day(value: date, units: Units) -> str:
    """1 November 2026."""
    return f"{value.day} {units.months[value.month - 1]} {value.year}"


def month(name: str, units: Units) -> str:
    """Nov 2026, of 2026-11."""
    return f"{units.short_months[int(name[5:7]) - 1]} {name[:4]}"


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language."""

    title: str
    crimes_title: str
    period: Callable[[str, str, str], str]
    made: Callable[[str], str]
    page: Callable[[int, int], str]
    answered: str
    answered_means: str
    arrived: str
    arrived_means: str
    false: str
    false_means: str
    nothing: str
    times: str
    times_note: str
    legs: Mapping[str, str]
    hours: str
    hours_note: str
    sites: str
    site_columns: tuple[str, ...]
    no_site: str
    more_sites: Callable[[int], str]
    causes: str
    cause_columns: tuple[str, ...]
    cause_words: Mapping[str, str]
    no_false: str
    crimes: str
    city: str
    centre: str
    no_city: str
    no_centre: str
    year: Callable[[int, str, str], str]
    source: Callable[[str], str]
    trend: Callable[[str, str, str, str], str]
    no_trend: Callable[[int], str]
    limits: str
    limit_lines: tuple[str, ...]
    left: Mapping[str, str]
    left_out: Callable[[str], str]
    left_none: str
    apart: Callable[[int, int, int], str]
    measured: Callable[[int], str]
    backwards: Callable[[int], str]
    open: Callable[[int], str]
    definitions: str
    definition_lines: tuple[str, ...]
    crime_lines: tuple[str, ...]
    head: str
    head_text: Callable[[int, str], str]


_ID = Words(
    title="Laporan pusat komando",
    crimes_title="Laporan tindak kejahatan",
    period=lambda first, last, zones: f"{first} sampai dengan {last} ({zones})",
    made=lambda at: f"Dibuat {at}",
    page=lambda at, of: f"Halaman {at} dari {of}",
    answered="Dijawab operator",
    answered_means="9 dari 10 penekanan tombol dijawab operator dalam waktu ini. Sasaran: 10 detik.",
    arrived="Petugas di lokasi",
    arrived_means="Pada 9 dari 10 kejadian, petugas tiba di lokasi dalam waktu ini sejak tombol ditekan.",
    false="Alarm palsu",
    false_means="Bagian kejadian selesai yang ternyata palsu. Alarm uji dan latihan tidak dihitung.",
    nothing="Tidak ada kejadian yang dihitung dalam periode ini.",
    times="Waktu tanggap sejak tombol ditekan",
    times_note="Skala logaritmik: tiap garis jauh lebih lama dari yang di kirinya. p50: separuh kejadian secepat ini "
    "atau lebih cepat; p90: 9 dari 10; p99: 99 dari 100. n: jumlah kejadian yang diukur.",
    legs={"acknowledged": "Dijawab", "dispatched": "Petugas dikirim", "on-scene": "Di lokasi", "closed": "Selesai"},
    hours="Kejadian menurut jam",
    hours_note="Jam setempat saat kejadian dibuka.",
    sites="Menurut lokasi",
    site_columns=("Lokasi", "Kejadian", "Dijawab p50", "Dijawab p90", "Di lokasi p90", "Palsu / dinilai", "Palsu"),
    no_site="(tanpa lokasi)",
    more_sites=lambda count: f"Dan {count} lokasi lain; semuanya ada di tabel CSV.",
    causes="Alarm palsu dan penyebabnya",
    cause_columns=("Lokasi", "Palsu", "Penyebab"),
    cause_words={
        "pressed-by-mistake": "tertekan tidak sengaja",
        "misunderstood": "salah paham",
        "device-fault": "kerusakan alat",
        "path-fault": "gangguan jalur",
        "weather": "cuaca",
        "prank": "iseng",
        "unknown": "tidak diketahui",
        "": "tidak dicatat",
    },
    no_false="Tidak ada alarm palsu.",
    crimes="Tindak kejahatan per bulan",
    city="Angka kota",
    centre="Kejadian pusat ini yang nyata dan merupakan kejahatan",
    no_city="Angka kota belum dimasukkan.",
    no_centre="Belum ada satu bulan penuh kejadian.",
    year=lambda year, count, percent: f"{year}: {count}" + (f" ({percent} dari tahun sebelumnya)" if percent else ""),
    source=lambda source: f"Sumber: {source}",
    trend=lambda through, now, before, percent: (
        f"Kecenderungan: {now} dalam 12 bulan sampai {through}, {before} dalam 12 bulan sebelumnya: {percent or NONE}."
    ),
    no_trend=lambda missing: f"Kecenderungan tidak dapat dihitung: {missing} dari 24 bulan yang diperlukan tidak ada.",
    limits="Yang tidak ditunjukkan angka ini",
    limit_lines=(
        "Kejahatan yang tidak dilaporkan, atau dilaporkan lewat jalan lain, tidak terlihat di sini.",
        "Waktu tiba adalah saat operator mencatatnya; petugas dapat tiba lebih awal.",
        "Lokasi dengan sedikit kejadian punya angka yang mudah berubah: satu kejadian dapat mengubah p90-nya.",
        "Angka kota dan angka pusat dihitung dengan cara yang berbeda dan tidak boleh dijumlahkan.",
    ),
    left={
        "merged": "digabung ke kejadian lain",
        "duplicate": "ganda",
        "drill": "latihan",
        "test": "uji",
        "recovered": "dipulihkan setelah data dikembalikan",
        "centre": "dibuka pusat tanpa penekanan (dugaan serangan, jaringan padam)",
    },
    left_out=lambda reasons: f"Tidak dihitung: {reasons}.",
    left_none="Tidak ada kejadian yang dikecualikan.",
    apart=lambda late, suspect, apart: (
        f"{apart} kejadian dihitung tetapi waktunya tidak diukur: {late} terlambat, {suspect} dengan jam meragukan."
    ),
    measured=lambda count: f"{count} kejadian diukur dari saat diterima, karena saat penekanan tidak diketahui persis.",
    backwards=lambda count: f"{count} selang waktu tidak dipakai karena berakhir sebelum mulai (jam disetel).",
    open=lambda count: f"{count} kejadian belum selesai saat laporan dibuat.",
    definitions="Definisi singkat",
    definition_lines=(
        "Kejadian: satu atau lebih alarm yang ditangani bersama. Masuk ke hari saat dibuka, menurut jam lokasinya.",
        (
            "Mulai: saat tombol ditekan bila diketahui persis, bila tidak saat pusat menerimanya; untuk telepon 112, "
            "saat dicatat. Telepon tidak masuk ke waktu jawab."
        ),
        (
            "Dijawab: operator pertama menerima kejadian. Dikirim: pengiriman terakhir yang berlaku. Selesai: "
            "penutupan terakhir."
        ),
        "Persentil: peringkat terdekat, yaitu selalu waktu yang benar-benar terjadi.",
        "Tingkat alarm palsu: palsu ÷ (nyata + palsu + tidak ada orang).",
    ),
    crime_lines=(
        (
            "Kecenderungan: jumlah 12 bulan penuh terakhir dibanding 12 bulan sebelumnya, dalam persen; bulan yang "
            "sedang berjalan tidak dihitung."
        ),
        "Kejahatan pada kejadian pusat: nyata, dengan penyebab perampokan, pencurian, ancaman atau kekerasan.",
    ),
    head="Bukti riwayat",
    head_text=lambda position, hashed: (
        f"Laporan ini dibuat saat riwayat pusat berada di posisi {position} dengan sidik {hashed}. "
        "Perintah “kentongan audit verify” membuktikan bahwa riwayat sampai posisi ini tidak diubah."
    ),
)

_EN = Words(
    title="Report of the command centre",
    crimes_title="Report on crimes",
    period=lambda first, last, zones: f"{first} to {last}, both included ({zones})",
    made=lambda at: f"Made {at}",
    page=lambda at, of: f"Page {at} of {of}",
    answered="Answered by an operator",
    answered_means="9 of 10 presses were answered by an operator within this time. Target: 10 seconds.",
    arrived="Help on the scene",
    arrived_means="In 9 of 10 incidents somebody was on the scene within this time of the press.",
    false="False alarms",
    false_means="The share of closed incidents that turned out false. Tests and drills are not counted.",
    nothing="There is no incident to count in this period.",
    times="Response times from the press",
    times_note="Logarithmic scale: each line is far longer than the last. p50: half of the incidents were as fast "
    "or faster; p90: 9 of 10; p99: 99 of 100. n: incidents that were measured.",
    legs={"acknowledged": "Answered", "dispatched": "Somebody sent", "on-scene": "On scene", "closed": "Closed"},
    hours="Incidents by hour of the day",
    hours_note="The hour at the site when the incident was opened.",
    sites="By site",
    site_columns=("Site", "Incidents", "Answered p50", "Answered p90", "On scene p90", "False / judged", "False"),
    no_site="(no site)",
    more_sites=lambda count: f"And {count} more sites; all of them are in the CSV table.",
    causes="False alarms and their causes",
    cause_columns=("Site", "False", "Causes"),
    cause_words={
        "pressed-by-mistake": "pressed by mistake",
        "misunderstood": "misunderstood",
        "device-fault": "device fault",
        "path-fault": "path fault",
        "weather": "weather",
        "prank": "prank",
        "unknown": "unknown",
        "": "not noted",
    },
    no_false="There was no false alarm.",
    crimes="Crimes per month",
    city="The city's numbers",
    centre="This centre's real incidents that were crimes",
    no_city="The city's numbers have not been brought in.",
    no_centre="There is no whole month of incidents yet.",
    year=lambda year, count, percent: f"{year}: {count}" + (f" ({percent} against the year before)" if percent else ""),
    source=lambda source: f"Source: {source}",
    trend=lambda through, now, before, percent: (
        f"Trend: {now} in the 12 months to {through}, {before} in the 12 months before: {percent or NONE}."
    ),
    no_trend=lambda missing: f"There is no trend to tell: {missing} of the 24 months that it takes are not there.",
    limits="What these numbers do not show",
    limit_lines=(
        "Crimes that nobody reported, or that were reported elsewhere, are not seen here.",
        "The arrival is when an operator noted it; help may have been there earlier.",
        "A site with few incidents has numbers that jump: one incident can change its p90.",
        "The city and the centre count in different ways; their numbers must not be added.",
    ),
    left={
        "merged": "merged into another incident",
        "duplicate": "duplicate",
        "drill": "drill",
        "test": "test",
        "recovered": "recovered after a restore",
        "centre": "opened by the centre without a press (suspected attack, outage)",
    },
    left_out=lambda reasons: f"Not counted: {reasons}.",
    left_none="No incident was left out.",
    apart=lambda late, suspect, apart: (
        f"{apart} incidents are counted, but not their times: {late} came late, {suspect} have a doubtful clock."
    ),
    measured=lambda count: f"{count} incidents are measured from their arrival: the press is not known exactly.",
    backwards=lambda count: (
        f"{count} stretches of time are not used, for they end before they begin (a clock was set)."
    ),
    open=lambda count: f"{count} incidents were not closed yet when the report was made.",
    definitions="Definitions in short",
    definition_lines=(
        "Incident: one or more alarms handled together. It belongs to the day on which it was opened at its site.",
        (
            "Start: the press when it is known exactly, else its arrival at the centre; of a 112 call, when it was "
            "taken down. Calls are not in the time to answer."
        ),
        "Answered: the first operator took the incident. Sent: the last dispatch that held. Closed: the last closing.",
        "Percentiles: nearest rank, so each is a time that really happened.",
        "Rate of false alarms: false ÷ (real + false + no one found).",
    ),
    crime_lines=(
        "Trend: the sum of the last 12 whole months against the 12 before, in percent; the running month is left out.",
        "Crimes among the centre's incidents: real, with the cause robbery, theft, threat or violence.",
    ),
    head="Proof of the history",
    head_text=lambda position, hashed: (
        f"This report was made when the centre's history stood at position {position} with the hash {hashed}. "
        "The command “kentongan audit verify” proves that the history up to there was not changed."
    ),
)

WORDS: Final[Mapping[str, Words]] = {"id": _ID, "en": _EN}
