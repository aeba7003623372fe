"""Every test has a home of its own, no keys, and no configuration of the person who runs it."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# At the end of the path, for "tests.support": what is tested is the streamnb that is installed.
sys.path.append(str(Path(__file__).resolve().parent.parent))

# STREAMNB_SHARED and STREAMNB_REQUIRE_ALL belong to the tests; every other variable of ours is
# the person's configuration.
_KEPT = frozenset(("STREAMNB_SHARED", "STREAMNB_REQUIRE_ALL", "STREAMNB_HYPOTHESIS"))
_FOREIGN = ("OPENAI_", "GEMINI_", "GOOGLE_", "AZURE_", "STREAMNB_", "IPYTHON", "JUPYTER_", "JPY_", "PYDEVD_")
_KEYS = ("_API_KEY", "_API_TOKEN", "_PROXY", "_proxy")

_home = Path(tempfile.mkdtemp(prefix="streamnb-tests-"))


def _isolate() -> None:
    """Change the environment for this process and all that it starts.

    Before collection, not in a fixture: modules read the environment while they are imported.
    """
    for name in list(os.environ):
        if name not in _KEPT and (name.startswith(_FOREIGN) or name.endswith(_KEYS)):
            del os.environ[name]
    folders = {
        "HOME": "",
        "USERPROFILE": "",  # what HOME is called on Windows
        "LOCALAPPDATA": "AppData/Local",
        "XDG_CONFIG_HOME": ".config",
        "XDG_CACHE_HOME": ".cache",
        "XDG_DATA_HOME": ".local/share",
        "IPYTHONDIR": ".ipython",
        "JUPYTER_CONFIG_DIR": ".jupyter",
        "JUPYTER_DATA_DIR": ".local/share/jupyter",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": ".jupyter/lab/settings",
        "JUPYTERLAB_WORKSPACES_DIR": ".jupyter/lab/workspaces",
    }
    for name, folder in folders.items():
        path = _home / folder
        path.mkdir(parents=True, exist_ok=True)
        os.environ[name] = str(path)
    # A shell ignores Ctrl-C for what it runs in the background (``&``, nohup), and every kernel and process
    # that a test starts would inherit that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # Jupyter warns until it is told which of its two layouts of folders to use.
    os.environ["JUPYTER_PLATFORM_DIRS"] = "1"
    # A proxy of the machine must not come between a test and its server on 127.0.0.1.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"


_isolate()

_SLOW_MACHINE = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("fast", max_examples=25, deadline=None, suppress_health_check=_SLOW_MACHINE)
settings.register_profile("slow", max_examples=500, deadline=None, suppress_health_check=_SLOW_MACHINE)


def pytest_configure(config: pytest.Config) -> None:
    """Look for few examples in the fast suite and for many where the slow tests are asked for."""
    profile = "slow" if config.option.markexpr.startswith("slow") else "fast"
    settings.load_profile(os.environ.get("STREAMNB_HYPOTHESIS", profile))


def pytest_unconfigure() -> None:
    """Remove the home that the tests lived in."""
    shutil.rmtree(_home, ignore_errors=True)
