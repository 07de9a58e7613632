# SPDX-License-Identifier: 0BSD
"""Ed25519 signatures, checked as RFC 8032 defines them, in plain integers.

- Strict: the scalar S is below the group order, the key's y is below the field's prime, R is
  compared as bytes. No signature has a second valid spelling.
- A key of small order is refused: under such a key anyone can sign anything.
- Only public values are handled, so nothing here needs to run in constant time.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_SQRT_MINUS_1 = pow(2, (_P - 1) // 4, _P)


class _Point(NamedTuple):
    """A point in extended coordinates (RFC 8032 5.1.4): x = X/Z, y = Y/Z, xy = T/Z."""

    x: int
    y: int
    z: int
    t: int


_NEUTRAL = _Point(0, 1, 1, 0)


def _add(p: _Point, q: _Point) -> _Point:
    # RFC 8032 5.1.4
    a = (p.y - p.x) * (q.y - q.x) % _P
    b = (p.y + p.x) * (q.y + q.x) % _P
    c = 2 * p.t * q.t * _D % _P
    d = 2 * p.z * q.z % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return _Point(e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _double(p: _Point) -> _Point:
    # RFC 8032 5.1.4
    a = p.x * p.x % _P
    b = p.y * p.y % _P
    h = a + b
    e = h - (p.x + p.y) * (p.x + p.y)
    g = a - b
    f = 2 * p.z * p.z + g
    return _Point(e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _encode(p: _Point) -> bytes:
    inverse = pow(p.z, _P - 2, _P)
    x, y = p.x * inverse % _P, p.y * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _decode(data: bytes) -> _Point | None:
    # RFC 8032 5.1.3
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= _P:
        return None
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    if v * x * x % _P == -u % _P:
        x = x * _SQRT_MINUS_1 % _P
    if v * x * x % _P != u or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return _Point(x, y, 1, x * y % _P)


def _combination(s: int, p: _Point, k: int, q: _Point) -> _Point:
    """s·p + k·q, doubling once for both."""
    both = _add(p, q)
    total = _NEUTRAL
    for bit in range(max(s.bit_length(), k.bit_length()) - 1, -1, -1):
        total = _double(total)
        chosen = (s >> bit & 1, k >> bit & 1)
        if chosen == (1, 1):
            total = _add(total, both)
        elif chosen == (1, 0):
            total = _add(total, p)
        elif chosen == (0, 1):
            total = _add(total, q)
    return total


_BASE = _decode((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little")) or _NEUTRAL


def is_weak_key(public: bytes) -> bool:
    """Whether the key's y is not reduced, or the key is a point whose order divides 8."""
    if int.from_bytes(public, "little") & (1 << 255) - 1 >= _P:
        return True
    point = _decode(public)
    # A point of small order with the other sign of x is of small order too.
    point = point or _decode(public[:31] + bytes([public[31] ^ 0x80]))
    if point is None:
        return False
    return _encode(_double(_double(_double(point)))) == _encode(_NEUTRAL)


def signature_holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether this 64-byte signature over the message was made with this 32-byte public key."""
    # RFC 8032 5.1.7: S·B = R + k·A, so R = S·B - k·A
    point = _decode(public) if len(public) == 32 and len(signature) == 64 else None  # noqa: PLR2004 - sizes of RFC 8032
    if point is None:
        return False
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if s >= _ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % _ORDER
    minus = _Point(_P - point.x, point.y, 1, _P - point.t)
    return _encode(_combination(s, _BASE, k, minus)) == r
