"""Console blocks are read as promised: a page that promises something else is found out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.journeys.console import differences, matches, steps

PAGE = """
Text with `$ not a command`.

```console
$ printf 'one\\ntwo\\n' > file
$ cat file
one
two
```

```sh
rm -rf not run
```

```console exit=3
$ ls
file
$ exit 3
```
"""


def test_a_page_that_keeps_its_promises(tmp_path: Path) -> None:
    assert differences(PAGE, tmp_path, os.environ) == []


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        ("one\ntwo\n```", "one\n```"),
        ("\nfile\n", "\nfiles\n"),
        ("exit=3", "exit=2"),
        ("cat file", "cat no"),
    ],
)
def test_a_page_that_breaks_its_promise(tmp_path: Path, there: str, instead: str) -> None:
    assert there in PAGE
    assert differences(PAGE.replace(there, instead, 1), tmp_path, os.environ) != []


def test_a_command_may_go_on_over_lines() -> None:
    page = "```console\n$ echo \\\n  words\nwords\n```\n"
    (step,) = steps(page)
    assert step.command == "echo \\\n  words"
    assert step.output == ["words"]


def test_a_command_leaves_its_folder_and_its_exports_to_the_next(tmp_path: Path) -> None:
    page = "```console\n$ mkdir a; cd a; export B='x y'\n$ echo $(basename $PWD) $B\na x y\n```\n"
    assert differences(page, tmp_path, os.environ) == []


def test_a_block_begins_with_a_command() -> None:
    with pytest.raises(ValueError, match="must begin with a command"):
        steps("```console\noutput\n```\n")


@pytest.mark.parametrize(
    ("promised", "printed", "same"),
    [
        (["a … c"], "a b c\n", True),
        (["a … c"], "a b d\n", False),
        (["a … c"], "a b\n c\n", False),
        (["a", "…", "d"], "a\nb\nc\nd\n", True),
        (["a", "…", "d"], "a\nb\nc\n", False),
        (["a"], "a  \n", True),
        (["a.c"], "abc\n", False),
        ([], "", True),
        ([], "a\n", False),
    ],
)
def test_what_an_ellipsis_stands_for(promised: list[str], printed: str, *, same: bool) -> None:
    assert matches(promised, printed) is same
