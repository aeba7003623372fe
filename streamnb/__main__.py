"""``python -m streamnb``: the same as ``streamnb``."""

import sys

from .cli import main

sys.exit(main())
