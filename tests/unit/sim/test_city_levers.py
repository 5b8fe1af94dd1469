"""What the small city hands its gateways: their supply's files always, a wrong clock when it is asked for."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from kentongan_sim.city import City, gateway_name
from kentongan_sim.plan import SITES


@pytest.fixture
def started():
    return []


@pytest.fixture
async def city(tmp_path, monkeypatch, started):
    city = City(tmp_path / "city", seed=1, on_trace=lambda *_: None, on_failure=lambda _: None)
    kits = [SimpleNamespace(plan=site, gateway=SimpleNamespace(config=f"{site.code}.toml")) for site in SITES]

    async def start(program):
        started.append(program)

    monkeypatch.setattr(city, "_enrolled", SimpleNamespace(sites=kits))
    monkeypatch.setattr(city.manager, "start", start)
    return city


async def test_each_gateway_reads_the_levers_of_its_own_site(city, started):
    for site in SITES:
        await city.start_gateway(site.code)
    first, second = (Path(one.environment["KENTONGAN_SUPPLY__MAINS_FILE"]) for one in started)
    city.supplies[SITES[0].code].set_mains(lost=True)
    assert first.read_text() == "0\n"
    assert second.read_text() == "1\n"
    assert [one.name for one in started] == [gateway_name(site.code) for site in SITES]


async def test_a_wrong_clock_is_put_before_the_same_command(city, started):
    site = SITES[1].code
    await city.start_gateway(site)
    await city.start_gateway(site, clock_off_ms=-5_000)
    right, wrong = (one.argv for one in started)
    assert right[1:3] == ("-m", "kentongan_tools")
    assert wrong == (right[0], "-m", "kentongan_sim.off_clock", "-5000", *right[3:])
    assert right[3:] == ("gateway", "--config", f"{site}.toml")


async def test_a_fail_point_and_the_levers_go_together(city, started):
    await city.start_gateway(SITES[0].code, "gateway.somewhere")
    (program,) = started
    assert program.doomed
    assert program.environment["KENTONGAN_FAILPOINT"] == "gateway.somewhere"
    assert "KENTONGAN_SUPPLY__TAMPER_FILE" in program.environment
