"""What ties a head of the log to a key: the signer and its memory."""
