"""The application: people working on evidence. The library `muniment` works without it."""
