"""The one rule for every request to the outside (decision 0007).

    egress = Egress()                                   # public addresses, ports 80 and 443
    answer = egress.fetch(Request("https://example.org/"))
    answer.status, answer.body, answer.hops             # each hop with the address it went to

- A name is resolved once, every address it resolves to is checked, and exactly such an address is
  dialled; TLS checks the certificate against the name. Each redirect is a new request under the
  same rule.
- Redirects, bytes and seconds are capped; what was compressed is counted after it is inflated.
- Only `http` and `https`, no credentials in addresses, no proxies and nothing else from the
  environment.
- Loopback and closed networks are reached only where the caller's `Rule` names them.

Nothing else in Muniment opens a connection: `tests/architecture/test_egress.py` holds it.

Not its job: judging what came back; cookies; keeping evidence of a capture (it says what to keep).
"""

from __future__ import annotations

from muniment.egress.addresses import Rule
from muniment.egress.exchange import Limits
from muniment.egress.requests import Answer, Egress, Hop, Request

__all__ = ["Answer", "Egress", "Hop", "Limits", "Request", "Rule"]
