"""Heartbeats through a real gateway: bundled as they came, counted when they are not heartbeats."""

from __future__ import annotations

from pathlib import Path

from kentongan_wire.frame import seal
from kentongan_wire.mac import MacKey
from kentongan_wire.supervision import (
    SITE_BATTERY_LOW,
    SITE_CLOCK_UNSET,
    SITE_MAINS_LOST,
    SITE_REFUSED_FRAMES,
    SITE_SMS_DOWN,
    SITE_TAMPER,
    Behind,
    HeartbeatAnswer,
    SiteReport,
)
from kentongan_wire.topics import REPORT
from tests.support.site import CENTRE_MS, GATEWAY, NO_MODEM, TestButton, TestGateway
from tests.support.site_client import running


async def test_reports_come_by_themselves_with_rising_counters(gateway: TestGateway):
    async with gateway.centre, running(gateway):
        reports = [await gateway.centre.next_report() for _ in range(3)]
    counters = [report.counter for report in reports]
    assert counters == sorted(set(counters))
    assert len({report.boot_id for report in reports}) == 1
    assert reports[2].uptime_ms > reports[0].uptime_ms
    assert all(report.state == 0 and report.beats == () for report in reports)


async def test_counters_rise_and_boots_differ_across_restarts(gateway: TestGateway):
    seen: list[SiteReport] = []
    async with gateway.centre:
        for end in (gateway.kill, gateway.stop, gateway.stop):
            await gateway.start()
            seen.append(await gateway.centre.next_report())
            await end()
    assert len({report.boot_id for report in seen}) == 3
    counters = [report.counter for report in seen]
    assert counters == sorted(set(counters))


async def test_heartbeats_are_bundled_untouched_and_only_the_newest_of_each(
    gateway: TestGateway, buttons: list[TestButton]
):
    async with running(gateway) as site:
        old, new, other = buttons[0].heartbeat(), buttons[0].heartbeat(), buttons[1].heartbeat()
        await site.beat(buttons[0], old)
        await site.beat(buttons[1], other)
        await site.beat(buttons[0], new)
        async with gateway.centre:
            report = await gateway.centre.next_report(lambda report: bool(report.beats))
    assert [beat.frame for beat in report.beats] == [other, new]
    assert all(0 <= beat.held_ms < 60_000 for beat in report.beats)


async def test_the_answer_to_a_heartbeat_reaches_its_button_unopened(gateway: TestGateway, buttons: list[TestButton]):
    button = buttons[0]
    async with gateway.centre, running(gateway) as site:
        await site.beat(button, button.heartbeat())
        await gateway.centre.next_report(lambda report: bool(report.beats))
        answer = seal(HeartbeatAnswer(1, 7, CENTRE_MS, 1), button.device, 1, button.keys.down_link)
        await gateway.centre.send(REPORT, answer)
        assert (await site.down(HeartbeatAnswer)).raw == answer


async def test_what_is_no_heartbeat_is_counted_and_shown_once(gateway: TestGateway, buttons: list[TestButton]):
    button, other = buttons
    strays = [b"nonsense", other.heartbeat(), button.attempt(button.new_press())]
    async with gateway.centre, running(gateway) as site:
        for raw in [*strays, *strays]:
            await site.beat(button, raw)
        shown = {(await gateway.centre.next_envelope())[1] for _ in strays}
        assert shown == set(strays)
        report = await gateway.centre.next_report(lambda report: report.refused_count >= 3)
        assert (report.refused_count, report.beats) == (3, ())
        assert report.state & SITE_REFUSED_FRAMES
        quiet = await gateway.centre.next_report()
        assert (quiet.refused_count, quiet.state) == (3, 0)
        assert gateway.centre.envelopes.empty()


async def test_a_forged_answer_sets_no_clock(gateway: TestGateway):
    gateway.centre.answers = False
    async with gateway.centre, running(gateway):
        report = await gateway.centre.next_report()
        stale = HeartbeatAnswer(report.counter + 1_000, report.boot_id, CENTRE_MS, 1)
        other_run = HeartbeatAnswer(report.counter, report.boot_id + 1, CENTRE_MS, 1)
        await gateway.centre.send(REPORT, *[gateway.centre.for_gateway(answer) for answer in (stale, other_run)])
        await gateway.centre.next_report(lambda report: report.refused_count == 2)


async def test_lost_counters_go_on_above_the_one_that_the_centre_knows(gateway: TestGateway):
    gateway.centre.answers = False
    async with gateway.centre, running(gateway):
        report = await gateway.centre.next_report()
        known = report.counter + 50_000
        other_run = Behind(known + 50_000, report.boot_id % 0xFFFFFFFF + 1)
        forged = seal(Behind(known + 50_000, report.boot_id), GATEWAY, 1, MacKey(bytes(32)))
        await gateway.centre.send(REPORT, gateway.centre.for_gateway(other_run), forged)
        later = await gateway.centre.next_report(lambda report: report.refused_count == 2)
        assert later.counter < known
        for counter in (known, known - 1_000):  # the second one is an old word, replayed
            await gateway.centre.send(REPORT, gateway.centre.for_gateway(Behind(counter, report.boot_id)))
        above = await gateway.centre.next_report(lambda report: report.counter > known)
        assert known < above.counter < known + 10
        assert (await gateway.centre.next_report()).counter == above.counter + 1


async def test_a_site_without_a_second_path_says_so_unless_that_is_meant(folder: Path, buttons: list[TestButton]):
    gateway = TestGateway(folder, buttons, more="")
    async with gateway.centre, running(gateway):
        assert (await gateway.centre.next_report()).state == SITE_SMS_DOWN


async def test_mains_battery_and_case_are_told_as_they_change(folder: Path, buttons: list[TestButton]):
    def set_file(name: str, content: str) -> None:
        """At once, as the kernel's files change: nobody finds it empty."""
        (folder / "next").write_text(content)
        (folder / "next").replace(folder / name)

    for name, content in (("mains", "1"), ("battery", "0"), ("tamper", "0")):
        set_file(name, content)
    supply = "[supply]\n" + "".join(f'{name}_file = "{name}"\n' for name in ("mains", "battery", "tamper"))
    gateway = TestGateway(folder, buttons, more=NO_MODEM + supply)
    async with gateway.centre, running(gateway):
        assert (await gateway.centre.next_report()).state == 0
        for name, content, bit in (
            ("mains", "0", SITE_MAINS_LOST),
            ("battery", "1", SITE_BATTERY_LOW),
            ("tamper", "1", SITE_TAMPER),
        ):
            set_file(name, content)
            await gateway.centre.next_report(lambda report, bit=bit: bool(report.state & bit))  # type: ignore[misc]
        (folder / "mains").unlink()
        set_file("tamper", "0")
        report = await gateway.centre.next_report(lambda report: not report.state & SITE_TAMPER)
        assert report.state == SITE_MAINS_LOST | SITE_BATTERY_LOW
    assert gateway.log().count("supply file not understood") == 1


async def test_a_changed_state_does_not_wait_for_the_next_report(gateway: TestGateway):
    settings = gateway.config.read_text().replace("interval_ms = 200", "interval_ms = 10000")
    gateway.config.write_text(settings + '[supply]\ntamper_file = "tamper"\n')
    tamper, opened = gateway.directory / "tamper", gateway.directory / "opened"
    tamper.write_text("0")
    opened.write_text("1")
    async with gateway.centre, running(gateway):
        quiet = await gateway.centre.next_report()
        opened.replace(tamper)
        told = await gateway.centre.next_report()
        assert (quiet.state, told.state) == (0, SITE_TAMPER)
        assert told.uptime_ms - quiet.uptime_ms < 10_000, "only an unhurried report comes as late as that"


async def test_a_clock_that_is_not_the_centres_is_told(gateway: TestGateway):
    gateway.centre.clock_off_ms = -60_000
    async with gateway.centre, running(gateway):
        await gateway.centre.next_report(lambda report: report.state == SITE_CLOCK_UNSET)
        gateway.centre.clock_off_ms = 0
        await gateway.centre.next_report(lambda report: report.state == 0)
