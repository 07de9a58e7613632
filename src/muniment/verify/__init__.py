"""Checks an exhibit bundle offline and reports seven verdicts (custody-log §7, §8).

It shares no code with the writer of bundles, nor with `verify.py` inside them: three readers that
agree by accident of shared code would prove nothing. Of the rest of the library it imports only
`muniment.errors`. It opens no network connection and no workspace, and believes nothing that the
bundle says about itself except what the log's signature covers.

Which check belongs to which verdict:

- `bytes_intact`: the bundle's form (ZIP, paths, BagIt files, the two manifests remade byte for
  byte), every file against path, size and SHA-256 in the signed selection, no file missing without
  being withheld by name and none too many; each part's digest in an `object` group of its item's
  chain and each part of the chain in the bundle; `record.json`; `record.html` remade.
- `included`: `custody/keys`, the checkpoint and its signature, each leaf's form, one inclusion
  proof an entry and no proof too many.
- `append_only`: for each item the first kept head at or above its first leaf, its signature, and
  its consistency with the checkpoint; no head too many.
- `chain_complete`: each item's acts n = 0..N, `prev`, `t`; each chain ends in this export; each
  member's batch leaf; the export batch remade from its members; no entry too many.
- `witnessed`: cosignatures against `custody/policy`.
- `existed_before`: time tokens over heads in the bundle, each one checked; `proved` under a root
  that the reader brought, otherwise `absent`, and a token that does not hold fails the bundle.
- `disclosed`: each disclosure's form, digest, place and name; what is withheld.

Where custody-log §7 and §8 leave a choice, this reader takes the strict one:

- A ZIP has exactly one form for given files: local headers one after another from offset 0 in the
  order of their ASCII paths, then the central directory, then its end; "made by" and "needed" 2.0
  on Unix (4.5 where a ZIP64 field stands), flags 0, STORED, 1980-01-01 00:00, no comments, no
  extra field but ZIP64, internal attributes 0, external attributes 0o100644 << 16. ZIP64 fields
  stand exactly where a size or offset is at or above 2³²-1 (or there are 65,535 members or more).
- Both manifests are `<digest>  <path>` LF, sorted by path, and equal what the files give.
- Paths are unique without regard to case, and nothing outside the layout of §7 may be there.
- `custody/keys`, `custody/policy`: no comments, no blank lines; every key after the log's signs
  something in the bundle; the policy's one `log` line is the log's key. Every signature line
  belongs to a key of `keys` or `policy`, or one that the reader brought.
- An old head may equal the checkpoint (`consistency/<n>-<n>`, no hashes).
- The export leaf is the last entry of the bundle; only it discloses `selection`.
- A missing disclosure where the selection withholds nothing but files is `failed`, not `absent`.
- A file that the selection withholds by name is absent; one that is present all the same is one
  too many.
- In `record.html` a file stands under "text" if its bytes are valid UTF-8, else under "binary".
"""

from __future__ import annotations

from muniment.verify.bundle import verify
from muniment.verify.keys import VerifierKey, read_log_keys
from muniment.verify.report import VERDICTS, Overall, Report, State, Verdict

__all__ = [
    "VERDICTS",
    "Overall",
    "Report",
    "State",
    "Verdict",
    "VerifierKey",
    "read_log_keys",
    "verify",
]
