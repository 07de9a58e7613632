"""`python -m muniment`: the command line, where its script is not on the path."""

from __future__ import annotations

import sys

from muniment.cli.main import main

sys.exit(main())
