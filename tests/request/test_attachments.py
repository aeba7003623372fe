"""Everything that can stand in a prompt, sent to a server on each of the three wires: what goes out."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from streamnb import api
from streamnb.core.errors import UsageError
from streamnb.core.reply import Reply
from tests.upstream import Upstream

DIALECTS = ("openai", "openai-responses", "gemini")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
PDF = b"%PDF-1.4 paper"
WAV = b"RIFF\0\0\0\0WAVEfmt "


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


def sent(upstream: Upstream, dialect: str, *prompt: Any, **keywords: Any) -> list[dict[str, Any]]:
    """Send a prompt; return the parts of the turn that the server got."""
    upstream.requests.clear()
    url = upstream.gemini_url if dialect == "gemini" else upstream.openai_url
    api.stream(list(prompt), model=f"{dialect}:m", base_url=url, api_key="k", display=False, **keywords)
    body = upstream.requests[-1].json
    if dialect == "gemini":
        return list(body["contents"][-1]["parts"])
    if dialect == "openai-responses":
        return list(body["input"][-1]["content"])
    content = body["messages"][-1]["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def spelled(part: dict[str, Any]) -> dict[str, Any]:
    """Return a part of Gemini's as its newer SDK spells it; the oldest that we take says ``mimeType``."""
    return {re.sub("[A-Z]", lambda match: f"_{match[0].lower()}", name): part[name] for name in part}


def data_of(part: dict[str, Any]) -> tuple[str, bytes]:
    """Return the kind and the bytes of a part, whatever the dialect."""
    if inline := part.get("inlineData"):
        return spelled(inline)["mime_type"], base64.b64decode(inline["data"])
    if audio := part.get("input_audio"):
        return f"audio/{audio['format']}", base64.b64decode(audio["data"])
    file = part.get("file", part)
    url = part.get("image_url") or file.get("file_data")
    url = url["url"] if isinstance(url, dict) else url
    head, _, data = url.partition(";base64,")
    return head.removeprefix("data:"), base64.b64decode(data)


def texts(parts: list[dict[str, Any]]) -> str:
    return "".join(part.get("text", "") for part in parts)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_parts_go_out_in_the_order_in_which_they_were_written(
    dialect: str, upstream: Upstream, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("from a file", encoding="utf-8")
    parts = sent(upstream, dialect, "Before ", PNG, " between ", tmp_path / "notes.txt", PDF, " after")
    assert data_of(parts[1]) == ("image/png", PNG)
    assert texts(parts[:1]) == "Before "
    assert texts(parts) == "Before  between from a file after"
    assert data_of(next(part for part in parts if "text" not in part and part is not parts[1]))[1] == PDF


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_pillow_image_and_a_figure_go_out_as_pictures(dialect: str, upstream: Upstream) -> None:
    image = pytest.importorskip("PIL.Image").new("RGB", (2, 2), "red")
    figures = pytest.importorskip("matplotlib.figure")
    figure = figures.Figure()
    figure.subplots().plot([1, 2])
    parts = sent(upstream, dialect, "Look: ", image, figure)
    assert [data_of(part)[0] for part in parts[1:]] == ["image/png", "image/png"]
    assert all(data_of(part)[1].startswith(b"\x89PNG") for part in parts[1:])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_tables_say_what_was_left_out(dialect: str, upstream: Upstream) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"n": range(1000)})
    received = texts(sent(upstream, dialect, "Sum: ", frame, frame["n"].head(3)))
    assert "| n" in received
    assert "1,000 rows" in received
    assert received.count("\n") < 400


@pytest.mark.parametrize("dialect", DIALECTS)
def test_dicts_replies_and_exceptions_go_out_as_text(dialect: str, upstream: Upstream) -> None:
    try:
        raise KeyError("lost")
    except KeyError as error:
        fault = error
    received = texts(sent(upstream, dialect, {"a": [1, None]}, Reply("said before"), fault))
    assert json.dumps({"a": [1, None]}) in received.replace("\n", "").replace("  ", "") or '"a"' in received
    assert "said before" in received
    assert "KeyError: 'lost'" in received
    assert "test_attachments.py" in received


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_address_is_passed_on_and_never_fetched(dialect: str, upstream: Upstream) -> None:
    address = "https://pictures.example/cat.png"
    parts = sent(upstream, dialect, "What is it?", attach=[address])
    assert address in json.dumps(parts)
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("dialect", ["openai", "gemini"])
def test_audio_goes_where_it_is_taken(dialect: str, upstream: Upstream) -> None:
    parts = sent(upstream, dialect, "Listen: ", WAV)
    assert data_of(parts[1]) == ("audio/wav", WAV)


def test_a_file_that_was_uploaded_goes_out_by_its_name(upstream: Upstream) -> None:
    from google.genai import types
    from openai.types import FileObject

    uploaded = FileObject.model_construct(id="file-1", object="file")
    assert sent(upstream, "openai", "Read: ", uploaded)[1]["file"] == {"file_id": "file-1"}
    part = sent(upstream, "openai-responses", "Read: ", uploaded)[1]
    assert (part["type"], part["file_id"]) == ("input_file", "file-1")
    file = types.File(uri="https://files.example/1", mime_type="video/mp4")
    assert spelled(sent(upstream, "gemini", "Watch: ", file)[1]["fileData"]) == {
        "file_uri": "https://files.example/1",
        "mime_type": "video/mp4",
    }


@pytest.mark.parametrize(
    ("dialect", "part", "message"),
    [
        ("openai-responses", WAV, "audio/wav"),
        ("openai", bytes(range(256)), "neither text nor a known image"),
        ("openai", "gs://bucket/film.mp4", "gs://bucket/film.mp4"),
        ("openai-responses", "gs://bucket/film.mp4", "gs://bucket/film.mp4"),
        ("openai", PNG + bytes(20_000_000), "20.0 MB.*a request takes 20 MB"),
        ("openai", Path("nowhere.png"), "no such file"),
    ],
)
def test_what_a_provider_does_not_take_is_refused_in_one_line_and_nothing_is_sent(
    dialect: str, part: Any, message: str, upstream: Upstream
) -> None:
    upstream.requests.clear()
    with pytest.raises(UsageError, match=message) as refused:
        sent(upstream, dialect, "Look", attach=[part])
    assert len(str(refused.value)) <= 200
    assert "\n" not in str(refused.value)
    assert not upstream.requests


def test_another_providers_own_value_is_refused_in_one_line(upstream: Upstream) -> None:
    from google.genai import types

    file = types.File(uri="https://files.example/1", mime_type="video/mp4")
    upstream.requests.clear()
    with pytest.raises(UsageError, match="no value of openai's"):
        sent(upstream, "openai", "Watch: ", file)
    assert not upstream.requests


def test_libraries_that_nobody_imported_are_not_looked_for(upstream: Upstream) -> None:
    received = texts(sent(upstream, "openai", "Value: ", SimpleNamespace(x=1)))
    assert received == "Value: namespace(x=1)"
