"""`python -m enrichcore.cli` is the same as `enrichcore`."""

import sys

from enrichcore.cli import main

sys.exit(main())
