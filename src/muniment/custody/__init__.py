"""The pure mathematics of the custody log: no files, no clock, no network, no database."""
