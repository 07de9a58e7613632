"""Examinations: what a file says about itself, asked without trusting it.

`api` is the contract, `examiner` runs it, every other file is one examination, and `inside` holds
the programs that open the file in the sandbox. A new examination is one file here (and one in
`inside` if it needs Python there), one entry point, and its class in the contract suite.
"""
