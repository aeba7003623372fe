"""The browser's half of the widget in an empty page, without Jupyter; the test is its kernel."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from streamnb.render import static_files

__all__ = ["Bare"]

START = """
async ({ script, sheet, foot }) => {
  const style = document.createElement("style");
  style.textContent = sheet;
  document.head.append(style);
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const widget = (await import(address)).default();
  const traits = { frames: 0, patience: -1, kernel: "", pictures: "ask", foot };
  window.sent = [];
  const model = {
    on: (_name, hear) => (window.hear = hear), get: (name) => traits[name], send: (m) => window.sent.push(m),
  };
  widget.initialize({ model });
  // An output as JupyterLab makes one.
  document.body.innerHTML = '<div class="jp-OutputArea"><div class="jp-OutputArea-child"></div></div>';
  widget.render({ model, el: document.querySelector(".jp-OutputArea-child") });
}
"""
FRAMES = """
async (frames) => {
  for (const frame of frames) {
    window.hear(frame);
    if (frame.paint) await new Promise(requestAnimationFrame);
  }
  await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
}
"""
GIVE_WAY = """
(html) => {
  const fresh = document.createElement("div");
  fresh.className = "jp-OutputArea-child";
  fresh.innerHTML = html;
  document.querySelector(".jp-OutputArea-child").replaceWith(fresh);
}
"""
SHOWN = """
() => {
  const box = document.querySelector(".snb-answer").cloneNode(true);
  for (const own of box.querySelectorAll(".snb-own")) own.remove();
  for (const end of box.querySelectorAll("[data-snb-end]")) end.removeAttribute("data-snb-end");
  for (const stretch of box.querySelectorAll(".snb-stretch")) stretch.replaceWith(...stretch.childNodes);
  return box.querySelector(".snb-log").innerHTML + box.querySelector(".snb-tail").innerHTML;
}
"""
PARSED = """
(html) => {
  const box = document.createElement("template");
  box.innerHTML = html;
  // The page leaves out the white space between blocks, segment by segment.
  for (const node of [...box.content.childNodes])
    if (node.nodeType === Node.TEXT_NODE && !node.data.trim()) node.remove();
  return box.innerHTML;
}
"""


class Bare:
    """An empty page that shows one answer."""

    def __init__(self, page: Page, foot: str = "") -> None:
        self.page = page
        self._frames = 0
        page.goto("about:blank")
        page.evaluate(
            START, {"script": static_files.widget_script(), "sheet": static_files.stylesheet(), "foot": foot}
        )

    def send(self, frames: list[dict[str, Any]]) -> None:
        """Give the page frames; one with ``paint`` is painted before the next."""
        numbered = []
        for frame in frames:
            self._frames += 1
            numbered.append({"kind": "frame", "n": self._frames} | frame)
        self.page.evaluate(FRAMES, numbered)

    def say(self, message: dict[str, Any]) -> None:
        """Give the page any other message."""
        self.page.evaluate(FRAMES, [message])

    def give_way(self, html: str) -> None:
        """Put a saved output in the place of the live one, as the front end does."""
        self.page.evaluate(GIVE_WAY, html)

    def shown(self) -> str:
        """Return the HTML of the answer's text as the page has it, without what the page itself added."""
        html: str = self.page.evaluate(SHOWN)
        return html

    def parsed(self, html: str) -> str:
        """Return what a browser makes of a text of HTML."""
        made: str = self.page.evaluate(PARSED, html)
        return made
