"""`python -m kentongan_tools` is the `kentongan` command."""

import sys

from kentongan_tools.main import main

sys.exit(main())
