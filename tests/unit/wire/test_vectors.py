"""The golden vectors on CPython; tests/micropython/wire runs the same file on the device's interpreter."""

from pathlib import Path

from tests.support import vectors

VECTORS = Path(__file__).resolve().parents[3] / "wire" / "vectors"


def test_golden_vectors_hold() -> None:
    def check(name: str, found: object, expected: object) -> None:
        assert found == expected, name

    assert vectors.run(str(VECTORS), check) >= 30


def test_every_payload_type_has_a_vector() -> None:
    from kentongan_wire import command, custody, path_report, press, receipts, supervision
    from kentongan_wire.record import Payload

    assert all((command, custody, path_report, press, receipts, supervision))
    known = {payload.__name__ for payload in Payload.__subclasses__()}
    covered = {vector["type"] for vector in vectors.load(str(VECTORS), "frames")["vectors"]}
    assert covered == known
