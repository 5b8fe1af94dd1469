"""Prints which TLS-PSK suites the firmware chooses of OFFERS (JSON lists): `micropython suites.py PATH[:PATH…]`."""

import json
import os
import sys

sys.path[0:0] = sys.argv[1].split(":")

from kentongan_button.link.psk import choose_suites  # noqa: E402
from kentongan_button.link.stream import LinkError  # noqa: E402

for offered in json.loads(os.getenv("OFFERS")):
    try:
        print(json.dumps(choose_suites(offered)))
    except LinkError as error:
        print(json.dumps(error.step + ": " + error.detail))
