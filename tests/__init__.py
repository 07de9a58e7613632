"""A package, so that nothing installed beside us that brings a `tests` of its own hides this one."""
