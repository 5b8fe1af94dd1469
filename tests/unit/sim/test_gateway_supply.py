"""The levers of a gateway's supply, read by the gateway's own adapter under the gateway's own settings."""

from pathlib import Path

import pytest

from kentongan_gateway.adapters.supply import Supply
from kentongan_gateway.settings import SupplySection
from kentongan_sim.gateway_supply import GatewaySupply
from kentongan_wire.supervision import SITE_BATTERY_LOW, SITE_MAINS_LOST, SITE_TAMPER

PREFIX = "KENTONGAN_SUPPLY__"


@pytest.fixture
def levers(tmp_path):
    return GatewaySupply(tmp_path)


def seen_by_the_gateway(levers):
    told = {name.removeprefix(PREFIX).lower(): value for name, value in levers.environment.items()}
    settings = SupplySection(**told)
    return Supply(settings.mains_file, settings.battery_file, settings.tamper_file).look()


def test_all_is_well_at_first(levers):
    assert seen_by_the_gateway(levers) == 0
    assert len(levers.environment) == len(SupplySection.model_fields)


@pytest.mark.parametrize(
    ("pull", "let_go", "bit"),
    [
        (lambda it: it.set_mains(lost=True), lambda it: it.set_mains(lost=False), SITE_MAINS_LOST),
        (lambda it: it.set_battery(low=True), lambda it: it.set_battery(low=False), SITE_BATTERY_LOW),
        (lambda it: it.set_lid(opened=True), lambda it: it.set_lid(opened=False), SITE_TAMPER),
    ],
)
def test_each_lever_is_one_condition_and_ends_with_it(levers, pull, let_go, bit):
    pull(levers)
    assert seen_by_the_gateway(levers) == bit
    let_go(levers)
    assert seen_by_the_gateway(levers) == 0


def test_the_files_are_named_whole_wherever_the_gateway_runs(levers):
    assert all(Path(path).is_absolute() for path in levers.environment.values())
