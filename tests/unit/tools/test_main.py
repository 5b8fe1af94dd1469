"""The `kentongan` command finds sub-commands, says what is missing and passes exit codes on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kentongan_tools.main import main

METADATA = """\
Metadata-Version: 2.4
Name: kentongan
Version: 9.8.7
Provides-Extra: server
Provides-Extra: sim
Requires-Dist: pytest>=1; extra == 'server'
Requires-Dist: no-such-package>=1; extra == 'server'
Requires-Dist: kentongan[server]; extra == 'sim'
Requires-Dist: no-such-interpreter; (platform_machine == 'abacus') and extra == 'sim'
"""

ENTRY_POINTS = """\
[kentongan.commands]
ring = guard_post.cli:ring
wait = guard_post.cli:wait
broken = guard_post.broken:start
absent = no_such_room.cli:start
unwritten = guard_post.cli:unwritten
serve = guard_post.cli:ring [server]
city = guard_post.cli:ring [sim]
"""

CLI = '''\
def ring(argv: list[str]) -> int:
    """Strikes the drum as often as asked.

    More about it.
    """
    print("tok " * int(argv[0]))
    return 7


def wait(argv: list[str]) -> int:
    """Waits until interrupted."""
    raise KeyboardInterrupt
'''


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed distribution with sub-commands of a made-up room."""
    info = tmp_path / "kentongan-9.8.7.dist-info"
    room = tmp_path / "guard_post"
    info.mkdir()
    room.mkdir()
    (info / "METADATA").write_text(METADATA)
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    (room / "__init__.py").write_text("")
    (room / "cli.py").write_text(CLI)
    (room / "broken.py").write_text("import no_such_dependency\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.startswith("guard_post")]:
        monkeypatch.delitem(sys.modules, name)


def test_runs_the_sub_command_with_its_arguments_and_returns_its_exit_code(capsys):
    assert main(["ring", "3"]) == 7
    assert capsys.readouterr().out == "tok tok tok \n"


def test_without_arguments_lists_every_sub_command_with_its_first_docstring_line(capsys):
    assert main([]) == 0
    out = capsys.readouterr().out
    assert "  ring       Strikes the drum as often as asked.\n" in out
    assert "  wait       Waits until interrupted.\n" in out
    assert "  absent     (not part of this installation)\n" in out
    assert "More about it" not in out


def test_listing_says_which_extra_a_sub_command_lacks(capsys):
    main(["--help"])
    line = next(li for li in capsys.readouterr().out.splitlines() if li.startswith("  serve"))
    assert line.endswith("(needs: pip install 'kentongan[server]')")


def test_missing_packages_of_an_extra_are_named_with_the_remedy(capsys):
    assert main(["serve", "1"]) == 69
    err = capsys.readouterr().err
    assert "(no-such-package)" in err
    assert "pip install 'kentongan[server]'" in err


def test_an_extra_inside_an_extra_is_followed_and_other_platforms_are_left_out(capsys):
    assert main(["city", "1"]) == 69
    err = capsys.readouterr().err
    assert "(no-such-package)" in err
    assert "pip install 'kentongan[sim]'" in err


@pytest.mark.parametrize("name", ["absent", "unwritten"])
def test_a_sub_command_that_is_not_installed_says_so(name, capsys):
    assert main([name]) == 69
    assert f"{name} is not part of this installation" in capsys.readouterr().err


def test_a_room_that_fails_to_import_is_not_hidden():
    with pytest.raises(ModuleNotFoundError, match="no_such_dependency"):
        main(["broken"])


def test_unknown_sub_command_lists_the_known_ones(capsys):
    assert main(["rung"]) == 2
    err = capsys.readouterr().err
    assert "'rung'" in err
    assert "ring" in err


def test_interrupt_ends_quietly():
    assert main(["wait"]) == 130


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == "kentongan 9.8.7\n"
