"""One clock for everything: ministack's own time, the image plane's, and the functions'."""

import json
import pathlib
import threading
import time
import urllib.request

_real_time = time.time


class Clock:
    """Time as it would be had so many seconds more passed since the start."""

    def __init__(self, image_plane, faketime_file):
        self._ahead = 0
        self._lock = threading.Lock()
        self._image_plane = image_plane
        self._file = pathlib.Path(faketime_file)

    def install(self):
        """From here on `time.time()` is this clock's; libfaketime gives it to the functions by the file."""
        time.time = self.now
        self._write()

    def now(self):
        return _real_time() + self._ahead

    def advance(self, seconds):
        """Lets so much time pass at once, everywhere."""
        with self._lock:
            # The image plane first: what falls due there is told with the new time.
            body = json.dumps({"advance_seconds": seconds}).encode()
            request = urllib.request.Request(f"{self._image_plane}/_image-plane/clock", data=body, method="POST")
            urllib.request.urlopen(request, timeout=60).read()
            self._ahead += seconds
            self._write()

    def _write(self):
        # In one step: a function may be reading it.
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"+{self._ahead}\n")
        fresh.replace(self._file)

    @property
    def ahead(self):
        return self._ahead

    @property
    def file(self):
        return self._file
