from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kentongan_host.errors import HostError
from kentongan_host.files import DirectoryLock, make_private_directory, write_private
from kentongan_host.secret_files import SECRET_MAX, read_hex_secret, read_secret, write_secret


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_private_file_is_written_whole_with_mode_0600(tmp_path: Path):
    path = tmp_path / "secret"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, b"new")
    assert (path.read_bytes(), mode(path)) == (b"new", 0o600)
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "secret"
    path.write_text("old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_private(path, b"new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret"]


def test_a_private_directory_is_closed_to_others(tmp_path: Path):
    path = tmp_path / "a" / "b"
    assert mode(make_private_directory(path)) == 0o700
    path.chmod(0o755)
    assert mode(make_private_directory(path)) == 0o700


def test_a_private_directory_that_cannot_be_made_says_so(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(HostError, match="cannot make the private folder"):
        make_private_directory(tmp_path / "file" / "b")


def test_a_directory_is_held_by_one_process_only(tmp_path: Path):
    script = (
        "import sys; from pathlib import Path; from kentongan_host.files import DirectoryLock\n"
        "with DirectoryLock(Path(sys.argv[1])): pass"
    )
    with DirectoryLock(tmp_path):
        second = subprocess.run([sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=False)
    assert f"is in use by another process (id {os.getpid()})" in second.stderr
    third = subprocess.run([sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=False)
    assert third.returncode == 0, third.stderr


@pytest.mark.parametrize("open_to", [0o640, 0o604, 0o660, 0o700])
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, open_to: int):
    path = tmp_path / "secret"
    path.write_bytes(b"x")
    path.chmod(open_to)
    with pytest.raises(HostError, match=f"has mode {open_to:04o}; expected 0600.*chmod 600"):
        read_secret(path)


@pytest.mark.parametrize("kept", [0o600, 0o400])
def test_a_secret_of_its_owner_is_read(tmp_path: Path, kept: int):
    path = tmp_path / "secret"
    path.write_bytes(b"x")
    path.chmod(kept)
    assert read_secret(path) == b"x"


def test_no_plain_file_is_no_secret(tmp_path: Path):
    with pytest.raises(HostError, match="is not a plain file"):
        read_secret(tmp_path)


def test_a_missing_secret_is_named(tmp_path: Path):
    with pytest.raises(HostError, match=r"cannot read the secret file .*/nothing: No such file"):
        read_secret(tmp_path / "nothing")


def test_a_huge_secret_is_refused(tmp_path: Path):
    write_secret(tmp_path / "secret", b"x" * (SECRET_MAX + 1))
    with pytest.raises(HostError, match="is larger than"):
        read_secret(tmp_path / "secret")


def test_a_hex_secret_is_read_and_a_wrong_one_is_not_shown(tmp_path: Path):
    path = tmp_path / "secret"
    write_secret(path, b"00ff\n")
    assert read_hex_secret(path, 2) == b"\x00\xff"
    for wrong in (b"00f", b"00fg", b"00ff00", b"\xff\xff\xff\xff"):
        write_secret(path, wrong)
        with pytest.raises(HostError, match="expected 4 hex digits") as caught:
            read_hex_secret(path, 2)
        assert wrong.decode(errors="replace") not in str(caught.value)


def test_a_secret_without_a_folder_says_so(tmp_path: Path):
    with pytest.raises(HostError, match="cannot write the secret file"):
        write_secret(tmp_path / "nowhere" / "secret", b"x")
