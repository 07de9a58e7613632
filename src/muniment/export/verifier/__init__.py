# SPDX-License-Identifier: 0BSD
"""The parts of `verify.py`, the reader that travels inside every exhibit bundle.

- Standard library of Python 3.8 or later only; each part imports nothing but other parts.
- Names are unique across the parts: `muniment.export.verifier_assembly` joins them into one file,
  in which an expert can read the whole check from top to bottom.
- It shares no code with `muniment.verify`, which makes the same checks in other ways: proofs by
  recursion instead of iteration, JSON by a scanner that knows one spelling, the ZIP from its front.
"""

from __future__ import annotations
