"""Gemini's Files API, as the test provider speaks it: the resumable protocol, and files that take time."""

from __future__ import annotations

from typing import Any

from tests.upstream import Answer, Request
from tests.upstream.wire_formats import encode_json

__all__ = ["FilesApi"]


class FilesApi:
    """Takes uploads and answers for what it has; give it to ``Upstream`` as ``aside``.

    Attributes
    ----------
    contents : what was uploaded, by the name of the file.
    commands : what each request of an upload asked for, and from which byte on.
    looks : how often a file was looked at.
    unread : how many looks say that the file is still being read; the verdict follows.
    verdict : its state then.
    refuses : the status with which an upload is refused before it begins.
    pause : seconds before each piece is taken.
    breaks : how many uploads break off at their first piece.
    """

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.kinds: list[str] = []
        self.commands: list[tuple[str, int]] = []
        self.looks = 0
        self.unread = 0
        self.verdict = "ACTIVE"
        self.refuses = 0
        self.pause = 0.0
        self.breaks = 0

    def __call__(self, request: Request) -> Answer:
        path = request.path.partition("?")[0]
        if request.method == "GET":
            self.looks += 1
            return _json({**self._file(path.rpartition("/")[2])})
        command = request.headers["x-goog-upload-command"]
        if command == "start":
            return self._begin(request)
        name = request.path.partition("upload_id=")[2].partition("&")[0]
        self.commands.append((command, int(request.headers["x-goog-upload-offset"])))
        assert len(self.contents[name]) == self.commands[-1][1]
        if self.breaks:
            self.breaks -= 1
            return Answer((), end="reset", framing="raw")
        self.contents[name] += request.raw
        if "finalize" not in command:
            return Answer((), headers={"x-goog-upload-status": "active"}, framing="length", before=self.pause)
        return _json({"file": self._file(name)}, {"x-goog-upload-status": "final"}, before=self.pause)

    def _begin(self, request: Request) -> Answer:
        if self.refuses:
            body = {"error": {"code": self.refuses, "message": "no room left", "status": "REFUSED"}}
            return _json(body, status=self.refuses)
        assert request.headers["x-goog-upload-protocol"] == "resumable"
        name = f"file-{len(self.contents) + 1}"
        self.contents[name] = b""
        self.kinds.append(request.headers["x-goog-upload-header-content-type"])
        host = request.headers["host"]
        url = f"http://{host}/upload/v1beta/files?upload_id={name}&upload_protocol=resumable"
        return _json({}, {"x-goog-upload-url": url, "x-goog-upload-status": "active"})

    def _file(self, name: str) -> dict[str, Any]:
        state = "PROCESSING" if self.looks <= self.unread and self.unread else self.verdict
        file = {"name": f"files/{name}", "uri": f"https://files.example/{name}", "mimeType": self.kinds[-1]}
        return {**file, "state": state, "sizeBytes": str(len(self.contents[name]))}


def _json(value: Any, headers: dict[str, str] | None = None, **more: Any) -> Answer:
    return Answer(
        (encode_json(value),),
        headers=headers or {},
        content_type="application/json",
        framing="length",
        **more,
    )
