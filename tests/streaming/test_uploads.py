"""Attachments above the inline limit, sent ahead through the real SDK to a server that takes uploads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from streamnb import Reply, api, compare
from streamnb.core import conversation
from streamnb.core.errors import StreamError, StreamInterrupted, UsageError
from streamnb.core.events import Event, Notice
from streamnb.core.reply import ToolCall
from streamnb.request import files
from streamnb.request.options import Options
from streamnb.streaming import session, uploads
from streamnb.streaming.dry_run import request_preview
from streamnb.streaming.planner import make_plan
from tests.streaming.files_api import FilesApi
from tests.upstream import Answer, ModelAnswer, Request, Upstream, answer_request, error_answer

FILM = b"\0\0\0\x18ftypmp42" + bytes(1_000_000)


@pytest.fixture(autouse=True)
def small_requests(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a request take a tenth of a megabyte, and nothing of an earlier test be remembered."""
    monkeypatch.setattr(files, "MAX_INLINE_BYTES", 100_000)
    yield
    session.close_session()


@pytest.fixture
def files_api() -> FilesApi:
    return FilesApi()


@pytest.fixture
def upstream(files_api: FilesApi) -> Iterator[Upstream]:
    with Upstream(aside=files_api) as server:
        yield server


def ask(upstream: Upstream, *prompt: Any, **keywords: Any) -> Reply:
    options: dict[str, Any] = {"model": "gemini:m", "base_url": upstream.gemini_url, "api_key": "k"}
    return api.stream(list(prompt), **(options | {"display": False} | keywords))


def parts(upstream: Upstream) -> list[dict[str, Any]]:
    """Return the parts of the person's last turn, as the model got them."""
    return list(upstream.requests[-1].json["contents"][-1]["parts"])


def file_of(part: dict[str, Any]) -> tuple[str, str]:
    """Return address and kind of a part that names a file; older SDKs spell the fields differently."""
    uri, kind = ("fileUri", "mimeType") if "fileUri" in part["fileData"] else ("file_uri", "mime_type")
    return part["fileData"][uri], part["fileData"][kind]


@pytest.mark.parametrize("sync", [False, True])
def test_a_large_file_is_uploaded_and_named_by_its_address(
    upstream: Upstream, files_api: FilesApi, tmp_path: Path, sync: bool
) -> None:
    film = tmp_path / "Übung №1.mp4"  # a name that no header can hold
    film.write_bytes(FILM)
    files_api.unread = 1
    reply = ask(upstream, "What happens in ", film, "?", sync=sync)
    assert reply.state == "complete"
    assert files_api.contents == {"file-1": FILM}
    assert files_api.looks == 2
    before, named, after = parts(upstream)
    assert (before, after) == ({"text": "What happens in "}, {"text": "?"})
    assert file_of(named) == ("https://files.example/file-1", "video/mp4")


@pytest.mark.parametrize("sync", [False, True])
def test_large_bytes_go_up_piece_by_piece(upstream: Upstream, files_api: FilesApi, sync: bool) -> None:
    film = FILM + bytes(9_000_000)
    ask(upstream, "Look: ", film, sync=sync)
    assert files_api.contents == {"file-1": film}
    assert [offset for _, offset in files_api.commands] == [0, 8 * 1024 * 1024]


def test_what_lies_there_already_is_not_uploaded_again(upstream: Upstream, files_api: FilesApi) -> None:
    ask(upstream, "One: ", FILM, chat="films")
    ask(upstream, "Two", chat="films")
    ask(upstream, "Three: ", FILM, FILM)
    assert list(files_api.contents) == ["file-1"]
    assert "file-1" in str(upstream.requests[-2].json["contents"][0])
    assert [file_of(part)[0][-6:] for part in parts(upstream)[1:]] == ["file-1", "file-1"]


def test_what_the_provider_has_no_more_is_uploaded_again_the_next_time(files_api: FilesApi) -> None:
    def gone(request: Request) -> Answer:
        return (
            error_answer("gemini", 403, "no such file")
            if "file-1" in str(request.json)
            else answer_request(request, ModelAnswer())
        )

    with Upstream(gone, aside=files_api) as server:
        with pytest.raises(StreamError, match="no such file"):
            ask(server, "Look: ", FILM)
        assert ask(server, "Look: ", FILM).state == "complete"
    assert list(files_api.contents) == ["file-1", "file-2"]


def test_another_address_gets_an_upload_of_its_own(upstream: Upstream, files_api: FilesApi) -> None:
    ask(upstream, "Look: ", FILM)
    with Upstream(aside=files_api) as other:
        ask(other, "Look: ", FILM)
    assert list(files_api.contents) == ["file-1", "file-2"]


def test_small_attachments_stay_in_the_request(upstream: Upstream, files_api: FilesApi) -> None:
    ask(upstream, "Look: ", FILM[:1000])
    assert "inlineData" in parts(upstream)[1]
    assert not files_api.contents


def test_the_person_is_told_while_it_goes_up(upstream: Upstream) -> None:
    events = api.stream_events(["Look: ", FILM], model="gemini:m", base_url=upstream.gemini_url, api_key="k")
    assert next(events) == Notice("uploading video/mp4 (1.0 MB)")
    list(events)


def test_a_dry_run_says_what_would_be_uploaded_and_uploads_nothing(
    upstream: Upstream, files_api: FilesApi
) -> None:
    options = Options(models=("gemini:m",), base_url=upstream.gemini_url, api_key="k")
    preview = request_preview(make_plan(["Look: ", FILM], options))
    assert "uploading video/mp4 (1.0 MB)" in preview
    assert "(video/mp4, uploaded first)" in preview
    assert not upstream.requests
    ask(upstream, "Look: ", FILM)
    preview = request_preview(make_plan(["Look: ", FILM], options))
    assert "https://files.example/file-1" in preview
    assert "uploading" not in preview


@pytest.mark.parametrize("sync", [False, True])
def test_an_upload_that_is_refused_is_one_line_and_no_question_is_asked(
    upstream: Upstream, files_api: FilesApi, sync: bool
) -> None:
    files_api.refuses = 403
    with pytest.raises(
        StreamError, match=r"video/mp4 \(1.0 MB\) was not uploaded: 403, no room left"
    ) as failed:
        ask(upstream, "Look: ", FILM, sync=sync)
    assert "\n" not in str(failed.value)
    assert [request.dialect for request in upstream.requests] == [None]


def test_a_connection_that_breaks_is_tried_again(upstream: Upstream, files_api: FilesApi) -> None:
    files_api.breaks = 1
    assert ask(upstream, "Look: ", FILM).state == "complete"
    assert files_api.contents["file-2"] == FILM
    assert "file-2" in str(parts(upstream))


def test_a_server_that_knows_no_uploads_is_one_line() -> None:
    with (
        Upstream() as server,
        pytest.raises(StreamError, match=r"was not uploaded: .*attach an address") as failed,
    ):
        ask(server, "Look: ", FILM)
    assert len(str(failed.value)) <= 200


def test_a_file_that_cannot_be_read_at_the_other_end_is_one_line(
    upstream: Upstream, files_api: FilesApi
) -> None:
    files_api.unread, files_api.verdict = 1, "FAILED"
    with pytest.raises(StreamError, match="was uploaded, but cannot be read by Gemini"):
        ask(upstream, "Look: ", FILM)
    assert all(request.dialect is None for request in upstream.requests)


def test_a_file_that_is_gone_by_then_is_one_line(upstream: Upstream, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(FILM)
    options = Options(models=("gemini:m",), base_url=upstream.gemini_url, api_key="k")
    plan = make_plan(["Look: ", film], options)
    film.unlink()
    with pytest.raises(StreamError, match=r"film.mp4 cannot be read: no such file"):
        api.raise_for_state(api.run_plan(plan, _Silent()))


@pytest.mark.parametrize("sync", [False, True])
def test_an_upload_can_be_stopped(upstream: Upstream, files_api: FilesApi, sync: bool) -> None:
    files_api.pause = 60.0
    options = Options(models=("gemini:m",), base_url=upstream.gemini_url, api_key="k", sync=sync)
    view = _Silent()

    def stop_when_it_goes_up() -> None:
        upstream.wait_until(lambda server: len(server.requests) == 2, 10)
        view.stop()

    threading.Thread(target=stop_when_it_goes_up).start()
    with pytest.raises(StreamInterrupted):
        api.run_plan(make_plan(["Look: ", FILM], options), view)
    assert upstream.wait_until_client_left(5)


@pytest.mark.parametrize("sync", [False, True])
def test_the_wait_until_it_was_read_can_be_stopped(
    upstream: Upstream, files_api: FilesApi, sync: bool
) -> None:
    files_api.unread = 1000
    options = Options(models=("gemini:m",), base_url=upstream.gemini_url, api_key="k", sync=sync)
    view = _Silent()

    def stop_when_it_is_looked_at() -> None:
        upstream.wait_until(lambda server: any(one.method == "GET" for one in server.requests), 10)
        view.stop()

    threading.Thread(target=stop_when_it_is_looked_at).start()
    with pytest.raises(StreamInterrupted):
        api.run_plan(make_plan(["Look: ", FILM], options), view)
    assert all(request.dialect is None for request in upstream.requests)


@pytest.mark.parametrize("sync", [False, True])
def test_what_is_never_read_is_given_up(
    upstream: Upstream, files_api: FilesApi, sync: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "PROCESSING_TIMEOUT_S", 0.2)
    files_api.unread = 1000
    with pytest.raises(StreamError, match=r"was uploaded, but the provider has not read it within 0.2 s"):
        ask(upstream, "Look: ", FILM, sync=sync)


def test_streams_that_want_the_same_file_upload_it_once(upstream: Upstream, files_api: FilesApi) -> None:
    files_api.pause = 0.1
    asked_with: dict[str, Any] = {"base_url": upstream.gemini_url, "api_key": "k", "display": False}
    compare(["Look: ", FILM], models=["gemini:a*3"], **asked_with)
    assert list(files_api.contents) == ["file-1"]
    assert sum(request.dialect == "gemini" for request in upstream.requests) == 3


def test_a_conversation_with_an_upload_says_that_it_cannot_be_kept_in_a_file(
    upstream: Upstream, tmp_path: Path
) -> None:
    ask(upstream, "Look: ", FILM, chat="films")
    with pytest.raises(UsageError, match=r"holds video/mp4 \(1.0 MB\), which is too large"):
        conversation.save(session.current_session().get_chat("films"), tmp_path / "films.json")
    assert not (tmp_path / "films.json").exists()


@pytest.mark.parametrize("dialect", ["openai", "openai-responses"])
def test_a_provider_without_uploads_refuses_and_says_what_to_do(upstream: Upstream, dialect: str) -> None:
    with pytest.raises(UsageError, match=r"video/mp4 \(1.0 MB\): a request takes 20 MB") as refused:
        ask(upstream, "Look: ", FILM, model=f"{dialect}:m", base_url=upstream.openai_url)
    assert len(str(refused.value)) <= 200
    assert not upstream.requests


def test_vertex_reads_from_buckets() -> None:
    with pytest.raises(UsageError, match="vertex takes no uploads"):
        api.stream(["Look: ", FILM], model="vertex:m", base_url="http://127.0.0.1:9", api_key="k")


def test_large_text_is_refused_and_not_uploaded(upstream: Upstream, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(b"a" * 200_000)
    for value in (tmp_path / "notes.txt", b"a" * 200_000):
        with pytest.raises(UsageError, match="of text a request takes 20 MB at most"):
            ask(upstream, "Read: ", value)
    assert not upstream.requests


class _Silent:
    """A view that shows nothing and can stop the stream."""

    def __init__(self) -> None:
        self.stop: Callable[[], None] = lambda: None

    def open(self, stop: Callable[[], None]) -> None:
        self.stop = stop

    def show(self, events: Sequence[Event]) -> None:
        """Show nothing."""

    def ask(self, call: ToolCall) -> bool | None:
        """Ask nobody."""
        return None

    def close(self, reply: Reply) -> None:
        """Leave nothing."""
