"""An orderly end of the kernel while an answer comes: what has come stays in the output and in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.browser.lab import OpenNotebook, Server, until
from tests.upstream import TEXT, ModelAnswer, Upstream, answer_request

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def provider() -> Iterator[Upstream]:
    with Upstream(lambda request: answer_request(request, ModelAnswer(TEXT * 200, delay=0.02))) as server:
        yield server


def test_a_stream_in_the_background_leaves_its_text_so_far(
    open_notebook: Callable[..., OpenNotebook], lab: Server, provider: Upstream
) -> None:
    line = f"%%stream openai:test --bg --base-url {provider.openai_url}"
    notebook = open_notebook("%load_ext streamnb", f"{line} -o first\nhi", f"{line} -o second\nhi", "1 + 1")
    for index in range(4):
        notebook.run(index)
    for index in (1, 2):
        notebook.output(index).get_by_text("Rayleigh").first.wait_for()
    lab.shut_down_kernels()
    assert provider.wait_until(lambda seen: seen.left == 2, 5), "the provider goes on"
    for index in (1, 2):
        output = notebook.output(index)
        footer = output.locator(".snb-footer")
        until(lambda footer=footer: "interrupted" in footer.inner_text(), "the footer", notebook.page)
        assert "Rayleigh" in output.inner_text()
    notebook.cell(3).locator(".cm-content").click()
    for cell in notebook.save().cells[1:3]:
        (output,) = cell.outputs
        assert set(output.data) == {"text/html", "text/markdown", "text/plain"}
        assert "Rayleigh" in output.data["text/plain"]
        assert output.metadata["streamnb"]["state"] == "interrupted"
