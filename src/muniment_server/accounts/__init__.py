"""People who work here: roles, log-ins, tokens."""
