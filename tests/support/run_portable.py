"""Run test modules on MicroPython: `run_portable.py SCRATCH PATH[:PATH…] MODULE …`.

Prints `ok MODULE TEST` or `failed MODULE TEST` with the traceback on standard error. A module with
`NEEDS_DIRECTORY` gets an empty directory as each test's argument.
"""

import os
import sys

SCRATCH = sys.argv[1]
sys.path[0:0] = sys.argv[2].split(":")


def load(name):
    module = __import__(name)
    for part in name.split(".")[1:]:
        module = getattr(module, part)
    return module


def run(name):
    module = load(name)
    for test in sorted([entry for entry in dir(module) if entry.startswith("test_")]):
        arguments = []
        if getattr(module, "NEEDS_DIRECTORY", False):
            directory = SCRATCH + "/" + name + "." + test
            os.mkdir(directory)  # noqa: PTH102 - MicroPython has no pathlib
            arguments = [directory]
        try:
            getattr(module, test)(*arguments)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test failed
            print("failed", name, test)
            sys.print_exception(error, sys.stderr)  # type: ignore[attr-defined]
        else:
            print("ok", name, test)


for wanted in sys.argv[3:]:
    try:
        run(wanted)
    except Exception as error:  # noqa: BLE001 - the other modules can still run
        print("failed", wanted)
        sys.print_exception(error, sys.stderr)  # type: ignore[attr-defined]
