"""Every kind of output that we leave, as nbclient saves it: of each, the cell that makes it."""

from __future__ import annotations

import nbformat
from nbclient import NotebookClient

from tests.upstream import ModelAnswer, Upstream, answer_request

from .everything import EVERYTHING

__all__ = ["KINDS", "make_book"]

CODE = """
```diff
-gone
+new
```

```python
@decorated
class Cloud(Exception):  # a comment
    drops = 3.5 + len(f"{None}\\n")
```
"""
SETUP = f"""%load_ext streamnb
from pydantic import BaseModel
from streamnb import Citation, Reply, map
from streamnb.core.reply import ToolCall
from streamnb.core.sent_items import SentItem
class City(BaseModel):
    name: str
    founded: int
words = ["rain", "snow"]
TEXT = {EVERYTHING + CODE!r}
%config StreamMagics.log = True
get_ipython().run_cell("1 / 0")"""
ANSWER = """Reply(TEXT, model="openai:gpt-x", reasoning="clouds first", state="length",
      citations=[Citation("The sky", "https://example.org/sky")],
      tool_calls=[ToolCall("look", {"up": 1}, "c", "blue")])"""
SENT = """from PIL import Image; import io; box = io.BytesIO()
Image.new("RGB", (40, 20), "teal").save(box, "PNG")
about = ["{{ a }} is a text of 900 letters", "sky.png is a picture"]
picture = SentItem(about[1], mime_type="image/png", data=box.getvalue())
Reply("It is teal.", model="m", details=about, sent=[SentItem(about[0], "rain " * 180, 900), picture])"""

KINDS = {
    "answer": ANSWER,
    "columns": "%%stream -m demo:haiku -m demo:thinking --speed 5\nhi",
    "x-ray": "%%stream demo:thinking --xray --speed 5\nhi",
    "fields": '%%stream openai:test --base-url {url} --schema City\n{"name": "Rome", "founded": -753}',
    "table": 'map(["one", "two"], model=["demo:haiku", "demo:tour"], speed=0)',
    "chat": "%%stream demo:haiku -c plan --speed 0\nhi",
    "conversation": "%stream chats show plan",
    "comparison": "%stream compare hi -m demo:haiku --speed 5",
    "stopped": 'Reply("Going to\\n\\n```python\\ndef f(", model="m", state="interrupted")',
    "error": 'Reply("It began", model="m", state="error", error="no more quota", details=["asked once"])',
    "sent": SENT,
    "each": "%%stream demo:haiku -m demo:tour --each words --speed 0\nOn {{ it }}.",
    "fix": "%stream fix demo:haiku",
    "log": "%stream log -n 3",
}


def make_book() -> nbformat.NotebookNode:
    """Return a notebook with one output of each kind, in their order, from its second cell on."""
    with Upstream(
        lambda request: answer_request(request, ModelAnswer(request.json["messages"][-1]["content"]))
    ) as server:
        code = [SETUP, *(cell.replace("{url}", server.openai_url) for cell in KINDS.values())]
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in code])
        NotebookClient(book, timeout=60).execute()
    return book
