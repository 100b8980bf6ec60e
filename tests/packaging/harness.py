"""What the packaging tests share: the build they look at, and trees of their own to install into."""

import os
import pathlib
import shutil
import subprocess
import tempfile

HERE = pathlib.Path(__file__).parent
BUILD = pathlib.Path(os.environ.get("BUILD", HERE / "../../build/dev")).resolve()
CMAKE = os.environ.get("CMAKE", "cmake")
CPACK = os.environ.get("CPACK", "cpack")
CXX = os.environ.get("CXX", "g++")
HELIOGRAPH = BUILD / "bin/heliograph"
VERSION = os.environ.get("VERSION", "0.1.0")


def folder(test):
    """A temporary folder that goes away with its test, or with its class."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="heliograph-"))
    add = test.addClassCleanup if isinstance(test, type) else test.addCleanup
    add(shutil.rmtree, path, ignore_errors=True)
    return path


def run(*command, **options):
    """What a command prints, which has to succeed."""
    done = subprocess.run(
        [str(word) for word in command], text=True, capture_output=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def install(prefix, *components):
    """`cmake --install`, of everything or of these components."""
    for component in components or [None]:
        chosen = ["--component", component] if component else []
        run(CMAKE, "--install", BUILD, "--prefix", prefix, *chosen)
