"""Time from outside: RFC 3161 tokens over the heads of a log (custody-log §1).

    authority = TimeAuthority("Example TSA", "https://tsa.example/", roots=(pem,))
    stamp = client.request_stamp(egress, authority, stamped_bytes(note, [log_key]))
    stamp.verdict.finding            # HOLDS, or the first thing that is wrong
    stamp.reply                      # kept whatever the verdict: raw, as it came

- What is stamped is the note's text, a blank line and the log's own signature lines; the imprint is
  SHA-512. Cosignatures come later and change nothing that was stamped.
- A token counts if imprint, nonce, policy, the certificate's sole purpose, its path to a root that
  was chosen beforehand, and its status all hold at the time it states. Whether the authority is
  qualified is said only with a basis.
- Chain and revocation data are fetched and kept with the token: in twenty years nobody serves them.
- A token ages: `due_for_restamp` says when its head needs another one.
- What goes out, `client`, is imported by its name: whoever judges a token loads no network.

Not its job: when to ask (the queue's, by `RetryPlan`), where it is kept (the archive's).
"""

from __future__ import annotations

from muniment.seal.rfc3161.authority import Qualification, Standing, TimeAuthority
from muniment.seal.rfc3161.checking import Finding, Verdict, check_token
from muniment.seal.rfc3161.kept import kept_files
from muniment.seal.rfc3161.renewal import Renewal, RenewalRule, due_for_restamp
from muniment.seal.rfc3161.retry import RetryPlan
from muniment.seal.rfc3161.revocation import RevocationData
from muniment.seal.rfc3161.stamped import stamped_bytes
from muniment.seal.rfc3161.token import Token, read_reply

__all__ = [
    "Finding",
    "Qualification",
    "Renewal",
    "RenewalRule",
    "RetryPlan",
    "RevocationData",
    "Standing",
    "TimeAuthority",
    "Token",
    "Verdict",
    "check_token",
    "due_for_restamp",
    "kept_files",
    "read_reply",
    "stamped_bytes",
]
