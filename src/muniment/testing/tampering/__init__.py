"""Tampering on purpose: what somebody wants to achieve, tried on packages of evidence.

- `mutations`: the one generator. A mutation is a wish, such as that a file should show something
  else; it is tried in every way that a format has.
- `format`: what a format must offer to be tried: some forty lines for most.
- `trial`: tries them, and counts what the format's own reader did not accept.
- `exhibits`: Muniment's bundle as such a format.

`muniment bench tamper` tries other formats with the same generator (docs/reference/tampering.md).
"""
