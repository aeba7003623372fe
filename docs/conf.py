"""How the pages are built: scripts/docs.  Plain Markdown, the lessons run anew, warnings are errors."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

import streamnb

HERE = Path(__file__).parent

project = "streamnb"
author = "The streamnb maintainers"
copyright = "the streamnb maintainers, MIT licence"
version = release = streamnb.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"streamnb {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
myst_links_external_new_tab = True
# Shells and cells with magics are no Python; what cannot be coloured is shown plain.
suppress_warnings = ["misc.highlighting_failure", "mystnb.unknown_mime_type"]

nb_execution_mode = "force"
nb_execution_timeout = 120
nb_execution_raise_on_error = False
nb_merge_streams = True

autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_member_order = "bysource"
add_module_names = False
napoleon_google_docstring = False
napoleon_use_ivar = True

# The lessons are pages: copied for the build, the originals stay without outputs.
shutil.rmtree(HERE / "lessons", ignore_errors=True)
shutil.copytree(HERE.parent / "notebooks", HERE / "lessons", ignore=shutil.ignore_patterns(".*"))
# Nobody watches a build: the demo answers come without their pauses, and no key leads anywhere.
os.environ["STREAMNB_SPEED"] = "0"


class OnlyHtml(SphinxTransform):
    """Take the Markdown of an output out where it has HTML: a rule in it cannot stand inside a cell."""

    default_priority = 800  # before docutils looks where rules stand

    def apply(self) -> None:
        for output in list(self.document.findall(nodes.container)):
            if output.get("nb_element") == "mime_bundle":
                kinds = {node.get("mime_type"): node for node in output.children}
                if "text/html" in kinds and "text/markdown" in kinds:
                    output.remove(kinds["text/markdown"])


def setup(app: Sphinx) -> None:
    app.add_transform(OnlyHtml)
