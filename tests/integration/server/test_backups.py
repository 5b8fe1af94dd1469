"""kentongan backup and restore: whole or not at all, whatever happens in the middle."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import psycopg
import pytest

from kentongan_host.failpoints import (
    BACKUP_BEFORE_ARCHIVE,
    BACKUP_BEFORE_RENAME,
    RESTORE_BEFORE_COMMIT,
    RESTORE_BEFORE_END,
    RESTORE_BEFORE_FILE,
)
from kentongan_host.files import DirectoryLock
from kentongan_server import centre_state
from kentongan_server.adapters.advisory import Lock
from kentongan_server.adapters.high_water import NAME as HIGH_WATER
from kentongan_server.cli import audit
from kentongan_server.cli_backup import backup, restore
from tests.support import postgres
from tests.support.centre_rig import POSTGRESQL, CentreRig, SmallSite

pytestmark = pytest.mark.both_engines

KILLED = -9
RUN = "import sys; from kentongan_server import cli_backup as c; sys.exit(getattr(c, sys.argv[1])(sys.argv[2:]))"


@pytest.fixture(autouse=True)
def client_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """`pg_dump` and `pg_restore` are those of the server that the tests start."""
    monkeypatch.setenv("PATH", f"{postgres.TOOLS}:{os.environ['PATH']}")


def state_of(rig: CentreRig) -> str:
    return str(rig.state.directory)


def make(rig: CentreRig, out: Path, *more: str) -> int:
    return backup(["--state", state_of(rig), "--out", str(out), *more])


def users(rig: CentreRig) -> list[str]:
    return [name for (name,) in rig.rows('SELECT name FROM "user" ORDER BY id')]


def killed(fail_point: str, *words: str) -> int:
    """Runs a command that dies at the fail point; its exit code."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *words],
        env=os.environ | {"KENTONGAN_FAILPOINT": fail_point},
        capture_output=True,
        check=False,
    )
    return done.returncode


@pytest.fixture
async def backed_up(rig: CentreRig, bank: SmallSite, tmp_path: Path) -> Path:
    """A backup with `sari`; `budi` came afterwards."""
    rig.add_user("sari")
    await rig.history_is_placed()
    assert make(rig, tmp_path / "one.tar") == 0
    rig.add_user("budi", "admin")
    return tmp_path / "one.tar"


async def test_a_running_centre_is_backed_up_and_becomes_another_incarnation(
    rig: CentreRig, bank: SmallSite, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (button,) = bank.buttons[:1]
    before, after = button.body(), button.body()
    async with rig.running() as centre, bank.gateway:
        first = centre.incarnation
        await bank.gateway.carry(button.attempt(before))
        await bank.gateway.receipt(button, before)
        assert make(rig, tmp_path / "one.tar") == 0
        await bank.gateway.carry(button.attempt(after))
        await bank.gateway.receipt(button, after)
    assert "THE SEALING KEY IS NOT IN IT" in capsys.readouterr().out
    assert restore([str(tmp_path / "one.tar"), "--state", state_of(rig), "--replace"]) == 0
    assert rig.rows("SELECT count(*) FROM alarm") == [(1,)]
    assert not (rig.state.directory / HIGH_WATER).exists()
    assert audit(["verify", "--state", state_of(rig)]) == 0
    async with rig.running() as centre:
        assert centre.incarnation != first


def test_what_is_in_it_and_what_is_not(rig: CentreRig, backed_up: Path, engine: str) -> None:
    with tarfile.open(backed_up) as found:
        names = found.getnames()
    assert names[0] == "manifest.json"
    database = "kentongan.dump" if engine == POSTGRESQL else "kentongan.db"
    assert {database, "centre.toml", "ca/ca.key", "ca/ca.crt"} <= set(names)
    assert not {"seal.key", HIGH_WATER, "lock"} & set(names)
    assert backed_up.stat().st_mode & 0o777 == 0o600
    assert rig.state.settings.seal.key_file.read_bytes().strip() not in backed_up.read_bytes()


def test_into_an_empty_folder_with_its_key(
    rig: CentreRig, backed_up: Path, tmp_path: Path, engine: str, capsys: pytest.CaptureFixture[str]
) -> None:
    key, other = tmp_path / "key", tmp_path / "other"
    assert make(rig, tmp_path / "two.tar", "--with-key", str(key)) == 0
    words = [str(tmp_path / "two.tar"), "--state", str(other), "--key", str(key)]
    if engine == POSTGRESQL:  # whose database is no part of the folder
        assert restore(words) == 1
        assert "there is a centre in the database" in capsys.readouterr().err
        words.append("--replace")
    assert restore(words) == 0
    state = centre_state.open_state(other)
    assert state.sealer.fingerprint == rig.state.sealer.fingerprint
    assert str(state.database) == str(rig.state.database if engine == POSTGRESQL else other / "kentongan.db")
    assert (other / "ca" / "ca.key").read_bytes() == (rig.state.directory / "ca" / "ca.key").read_bytes()


def test_a_restore_ends_the_sessions_that_the_backup_remembers(rig: CentreRig, tmp_path: Path) -> None:
    rig.rows('INSERT INTO session (token_hash, "user", created_at_ms, expires_at_ms) VALUES (?, 1, 0, 9)', b"x" * 32)
    assert make(rig, tmp_path / "one.tar") == 0
    assert restore([str(tmp_path / "one.tar"), "--state", state_of(rig), "--replace"]) == 0
    assert rig.rows("SELECT count(*) FROM session") == [(0,)]


def test_nothing_is_overwritten(
    rig: CentreRig, backed_up: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make(rig, backed_up) == 1
    assert restore([str(backed_up), "--state", state_of(rig)]) == 1
    with DirectoryLock(rig.state.directory):
        assert restore([str(backed_up), "--state", state_of(rig), "--replace"]) == 1
        assert "in use by another process" in capsys.readouterr().err
    assert users(rig)[-1] == "budi"
    assert not list(tmp_path.glob("*.part"))


def test_no_database_is_replaced_on_which_a_centre_works_from_another_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with tempfile.TemporaryDirectory(prefix="kc") as name, CentreRig.on(Path(name), POSTGRESQL) as rig:
        assert make(rig, tmp_path / "one.tar") == 0
        rig.add_user("budi", "admin")
        words = [str(tmp_path / "one.tar"), "--state", state_of(rig), "--replace"]
        with psycopg.connect(rig.state.database.url or "") as leading:
            leading.execute("SELECT pg_advisory_lock(%s)", (int(Lock.LEADER),))
            assert restore(words) == 1
        assert "a centre works on this database" in capsys.readouterr().err
        assert users(rig) == ["admin", "budi"]
        assert restore(words) == 0
        assert users(rig) == ["admin"]


@pytest.mark.parametrize("fault", ["cut", "changed", "more", "rewritten", "none", "climbs"])
def test_what_is_no_whole_backup_changes_nothing(
    rig: CentreRig, backed_up: Path, tmp_path: Path, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.tar"
    content = bytearray(backed_up.read_bytes())
    if fault == "cut":
        content = content[: len(content) // 2]
    elif fault == "changed":
        content[len(content) * 3 // 4] ^= 1
    elif fault == "none":
        content = bytearray(b"a shopping list" * 100)
    bad.write_bytes(bytes(content))
    if fault in ("more", "climbs"):
        with tarfile.open(bad, "a") as found:
            member = tarfile.TarInfo("../x" if fault == "climbs" else "x")
            member.size = 1
            found.addfile(member, io.BytesIO(b"x"))
    if fault == "rewritten":  # every hash of the file fits, the history's do not
        assert rig.rows("UPDATE feed SET facts = '{}' WHERE position = 2") == [(1,)]
        assert make(rig, tmp_path / "rewritten.tar") == 0
        bad = tmp_path / "rewritten.tar"
    before = users(rig)
    assert restore([str(bad), "--state", state_of(rig), "--replace"]) == 1
    assert "whole" in capsys.readouterr().err
    assert users(rig) == before
    assert not list(rig.state.directory.glob("restore.*"))


def test_another_key_is_refused(rig: CentreRig, backed_up: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = rig.state.settings.seal.key_file
    key.write_text("ab" * 32)
    assert restore([str(backed_up), "--state", state_of(rig), "--replace"]) == 1
    assert "not the sealing key" in capsys.readouterr().err
    assert users(rig)[-1] == "budi"


@pytest.mark.parametrize("fail_point", [BACKUP_BEFORE_ARCHIVE, BACKUP_BEFORE_RENAME])
def test_killed_in_the_middle_a_backup_leaves_nothing_that_looks_whole(
    rig: CentreRig, tmp_path: Path, fail_point: str
) -> None:
    out = tmp_path / "one.tar"
    assert killed(fail_point, "backup", "--state", state_of(rig), "--out", str(out)) == KILLED
    assert not out.exists()
    assert make(rig, out) == 0, "what was left is in nobody's way"
    assert sorted(path.name for path in tmp_path.glob("one*")) == ["one.tar"]


@pytest.mark.parametrize(
    ("fail_point", "is_new"),
    [(RESTORE_BEFORE_COMMIT, False), (RESTORE_BEFORE_FILE, True), (f"{RESTORE_BEFORE_FILE}:2", True),
     (f"{RESTORE_BEFORE_FILE}:5", True), (RESTORE_BEFORE_END, True)],
)  # fmt: skip
def test_killed_in_the_middle_a_restore_leaves_the_old_state_or_the_new_one(
    rig: CentreRig, backed_up: Path, fail_point: str, is_new: bool
) -> None:
    assert killed(fail_point, "restore", str(backed_up), "--state", state_of(rig), "--replace") == KILLED
    centre_state.open_state(rig.state.directory)
    assert users(rig) == (["admin", "sari"] if is_new else ["admin", "sari", "budi"])
    assert (rig.state.directory / HIGH_WATER).exists() is not is_new
    assert audit(["verify", "--state", state_of(rig)]) == 0
    assert not (rig.state.directory / "restore.ready").exists()
    assert restore([str(backed_up), "--state", state_of(rig), "--replace"]) == 0
    assert users(rig) == ["admin", "sari"]
    assert not list(rig.state.directory.glob("restore.*"))
