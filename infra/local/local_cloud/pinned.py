"""What is mended is the inside of one version of ministack; in another it may be elsewhere, or not needed any more."""

import importlib.metadata
import inspect

VERSION = "1.5.33"


class NotAsPinned(Exception):
    """One sentence: which mend does not fit, and what to do."""


def check_version():
    """Refuses any ministack but the pinned one."""
    found = importlib.metadata.version("ministack")
    if found != VERSION:
        raise NotAsPinned(
            f"ministack is {found}, and its mends are for {VERSION}: install infra/local/requirements.txt, "
            "or look through each mend and change VERSION in pinned.py."
        )


def function(module, name, *parameters):
    """A function of ministack that takes these parameters, or a sentence that says that it does not."""
    found = getattr(module, name, None)
    if not callable(found):
        raise NotAsPinned(f"{module.__name__}.{name} is not there: the mend of it does not fit this ministack.")
    taken = tuple(inspect.signature(found).parameters)
    if taken[: len(parameters)] != parameters:
        raise NotAsPinned(f"{module.__name__}.{name} takes {taken}, not {parameters}: its mend does not fit.")
    return found
