"""streamnb: a model's answer, streamed into the notebook cell as live Markdown."""

__version__ = "0.1.0"
