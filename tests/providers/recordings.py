"""The recorded streams, and what each should come to by the rules of streamnb.

``expected.json`` says what the SDKs make of a stream.  Where they lose something, the tables
below say what is right; they know nothing of the adapters' code.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import shared

DIALECTS = {"chat": "chat", "responses": "responses", "gemini": "gemini", "vertex": "gemini"}

# The last word of a recording -> its state. Words of all three wires; None is a stream without one.
STATE_OF_WORD = {
    None: "unfinished",
    "stop": "complete",
    "tool_calls": "complete",
    "completed": "complete",
    "STOP": "complete",
    "length": "length",
    "SAFETY": "filtered",
    "RECITATION": "filtered",
}

# Recordings in which a server put usage where the SDKs do not look.
HIDDEN_USAGE = {
    "groq-think-tags-long": (21, 988, None, None, 1009),
    "groq-compound-executed-tools": (5003, 359, None, None, 5362),
    "openrouter-error-length-comments": (43, 10, 11, 0, 53),
}

# Arguments that came bit by bit, which the SDK hands on unassembled.
ARGUMENTS = {"streamed-tool-no-args": [{}, {"id": "A"}, {"id": "B"}, {"id": "C"}]}


@dataclass(frozen=True)
class Recorded:
    """One recording: its bytes and what it should come to."""

    path: Path
    dialect: str
    status: int
    expected: dict[str, Any]

    @property
    def name(self) -> str:
        return self.path.name.partition(".")[0]

    @property
    def body(self) -> bytes:
        return self.path.read_bytes()

    @property
    def text(self) -> str:
        text = self.expected["text"] + self.expected["refusal"]  # a refusal is the answer that was given
        return re.sub(r"\A<think>.*?</think>", "", text, flags=re.DOTALL)

    @property
    def reasoning(self) -> str:
        tagged = re.match(r"<think>(.*?)</think>", self.expected["text"], re.DOTALL)
        if tagged:
            return tagged[1]
        if self.name == "snowflake-reasoning-details":
            return "".join(json.loads(f'"{bit}"') for bit in _details(self.body.decode()))
        return str(self.expected["reasoning"])

    @property
    def state(self) -> str:
        if self.expected["error"] is not None:
            return "error"
        if self.expected["block_reason"] is not None:
            return "filtered"
        return STATE_OF_WORD[self.expected["finish_reason"]]

    @property
    def finish_reason(self) -> str | None:
        return self.expected["finish_reason"] or self.expected["block_reason"]

    @property
    def tool_calls(self) -> list[tuple[str | None, str, Any]]:
        calls = self.expected["tool_calls"]
        given = ARGUMENTS.get(self.name) or [_arguments(call["arguments"]) for call in calls]
        return [(call["id"], call["name"], arguments) for call, arguments in zip(calls, given, strict=True)]

    @property
    def usage(self) -> tuple[int | None, ...]:
        """Input, output, reasoning, cached, total."""
        if self.name in HIDDEN_USAGE:
            return HIDDEN_USAGE[self.name]
        usage = self.expected["usage"] or {}
        return _gemini_usage(usage) if self.dialect == "gemini" else _openai_usage(usage)


def _details(body: str) -> list[str]:
    return re.findall(r'"reasoning_details":\[\{[^]]*?"text":"((?:[^"\\]|\\.)*)"', body)


def _arguments(text: str) -> Any:
    try:
        return json.loads(text or "{}")
    except ValueError:
        return text


def _openai_usage(usage: dict[str, Any]) -> tuple[int | None, ...]:
    read = usage.get("prompt_tokens", usage.get("input_tokens"))
    written = usage.get("completion_tokens", usage.get("output_tokens"))
    reasoning = (usage.get("completion_tokens_details") or usage.get("output_tokens_details") or {}).get(
        "reasoning_tokens"
    )
    cached = (usage.get("prompt_tokens_details") or usage.get("input_tokens_details") or {}).get(
        "cached_tokens"
    )
    total = usage.get("total_tokens")
    if reasoning and total != read + written:  # xAI's chat
        written += reasoning
    return read, written, reasoning, cached, total


def _gemini_usage(usage: dict[str, Any]) -> tuple[int | None, ...]:
    outputs = [usage.get("candidates_token_count"), usage.get("thoughts_token_count")]
    written = sum(count or 0 for count in outputs) if any(count is not None for count in outputs) else None
    cached = usage.get("cached_content_token_count")
    return usage.get("prompt_token_count"), written, outputs[1], cached, usage.get("total_token_count")


def recorded() -> list[Recorded]:
    """Return the recordings of the three wires, in the order of the manifest."""
    folder = shared("wire")
    with (folder / "MANIFEST.tsv").open(encoding="utf-8", newline="") as manifest:
        rows = [row for row in csv.DictReader(manifest, delimiter="\t") if row["sdk_surface"] in DIALECTS]
    return [
        Recorded(
            folder / row["file"],
            DIALECTS[row["sdk_surface"]],
            int(row["http_status"]),
            json.loads(_beside(folder / row["file"]).read_text(encoding="utf-8")),
        )
        for row in rows
    ]


def _beside(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(".sse") + ".expected.json")
