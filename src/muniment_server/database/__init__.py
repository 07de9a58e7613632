"""SQLite for several processes: writers queue on one lock instead of polling."""
