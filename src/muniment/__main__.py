"""`python -m muniment`: the command line, where its script is not on the path."""

import sys

from muniment.cli.main import main

sys.exit(main())
