"""Every kind of output that we leave, as nbclient saves it: of each, the cell that makes it."""

from __future__ import annotations

import nbformat
from nbclient import NotebookClient

from tests.upstream import Speech, Upstream, speak

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
class City(BaseModel):
    name: str
    founded: int
TEXT = {EVERYTHING + CODE!r}"""
ANSWER = """Reply(TEXT, model="openai:gpt-x", reasoning="clouds first", state="length",
      citations=[Citation("The sky", "https://example.org/sky")],
      tool_calls=[ToolCall("look", {"up": 1}, "c", "blue")])"""

KINDS = {
    "answer": ANSWER,
    "columns": "%%stream -m demo:haiku -m demo:thinking --speed 5\nhi",
    "x-ray": "%%stream demo:thinking --xray --speed 5\nhi",
    "fields": '%%stream openai:test --base-url {url} --schema City\n{"name": "Rome", "founded": -753}',
    "table": 'map(["one", "two"], model=["demo:haiku", "demo:tour"], speed=0)',
    "chat": "%%stream demo:haiku -c plan --speed 0\nhi",
}


def make_book() -> nbformat.NotebookNode:
    """Return a notebook with one output of each kind, in their order, from its second cell on."""
    with Upstream(lambda request: speak(request, Speech(request.json["messages"][-1]["content"]))) as server:
        code = [SETUP, *(cell.replace("{url}", server.openai_url) for cell in KINDS.values())]
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in code])
        NotebookClient(book, timeout=60).execute()
    return book
