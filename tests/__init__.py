"""A package, so that no `tests` that something installed brings along hides this one."""
