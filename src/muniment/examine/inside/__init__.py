"""Programs that run inside the sandbox: the only code of ours that opens an untrusted file.

Each is a file of its own: the standard library, one or two parsers, the path of the source as its
argument, its answer on standard output. None is ever imported here.
"""
