"""The defaults of a notebook: those that are named as an option are its row's, in value and in refusals."""

from __future__ import annotations

from typing import Any

import pytest
from traitlets import TraitError

from streamnb.core.errors import UsageError
from streamnb.magic.magics import StreamMagics
from streamnb.request.line_parser import parse_line
from streamnb.request.option_table import OPTIONS, row_by_dest

OF_AN_OPTION = {"model", "system", "speed", "into", "timeout", "retries"}
OF_NONE = {
    "frames_per_second",
    "images",
    "journal",
    "cassette",
    "budget",
    "max_text",
    "max_line",
    "log",
    "aliases",
}


@pytest.fixture
def magics() -> StreamMagics:
    """The defaults without a shell."""
    return StreamMagics(None)


def test_every_default_is_an_option_s_or_none_s(magics: StreamMagics) -> None:
    assert set(magics.traits(config=True)) == OF_AN_OPTION | OF_NONE
    assert {row.dest for row in OPTIONS} >= OF_AN_OPTION
    assert not OF_NONE & {row.dest for row in OPTIONS}


def test_a_default_that_is_not_set_is_the_row_s_or_says_that_it_is_not(magics: StreamMagics) -> None:
    for name in OF_AN_OPTION:
        assert getattr(magics, name) in (row_by_dest(name).default, None, ""), name
    assert (magics.into, magics.retries, magics.timeout, magics.speed) == ("answer", 2, None, None)
    assert magics.frames_per_second == 25
    helps = {name: trait.help for name, trait in magics.traits(config=True).items()}
    assert "None: 600 before the first, 60 after." in helps["timeout"]
    assert "None: STREAMNB_SPEED, else 1." in helps["speed"]
    assert "None: 10,000,000." in helps["max_text"]
    assert "None: 1,000,000." in helps["max_line"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("model", "two words"),
        ("into", "2nd"),
        ("into", ""),
        ("timeout", 0.0),
        ("timeout", float("inf")),
        ("retries", -1),
        ("speed", -1.0),
        ("speed", float("nan")),
    ],
)
def test_a_default_is_refused_as_the_option_is_refused_on_a_line(
    name: str, value: Any, magics: StreamMagics
) -> None:
    with pytest.raises(UsageError) as on_the_line:
        parse_line(f"--{name}='{value}'")
    before = getattr(magics, name)
    with pytest.raises(TraitError) as as_default:
        setattr(magics, name, value)
    assert str(as_default.value) == str(on_the_line.value)
    assert getattr(magics, name) == before


def test_a_default_is_read_as_the_option_is_and_can_be_taken_back(magics: StreamMagics) -> None:
    for name, value, read in [
        ("model", " demo ", "demo"),
        ("timeout", 5, 5.0),
        ("speed", 4.0, 4.0),
        ("retries", 0, 0),
    ]:
        unset = getattr(magics, name)
        setattr(magics, name, value)
        assert getattr(magics, name) == read
        setattr(magics, name, unset)
        assert getattr(magics, name) == unset
