"""The archive: objects, the published log and its details, in a form that needs no database.

`deposit` stores many files, `objects` one; `log_files` and `details` publish what the log commits
to; `check` tells whether all of it still is what it was. `layout` says where everything stands.
"""
