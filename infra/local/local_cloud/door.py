"""What tests and `cargo xtask up` do past every API, below `/_local/`."""

import asyncio
import json

from . import authorize, events, schedules


class Door:
    """Answers below `/_local/`, and passes everything else on."""

    def __init__(self, inner, clock, state):
        self._inner = inner
        self._commands = {
            "health": lambda body: {"ready": True, "state": str(state)},
            "clock": lambda body: _clock(clock, body),
            "events": events.deliver,
            "fire": lambda body: schedules.fire(body["account"], body["region"], body["group"], body["name"]),
            "identify": authorize.identify,
            "authorize": authorize.authorize,
        }

    async def __call__(self, scope, receive, send):
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith("/_local/"):
            await self._inner(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        status, answer = await asyncio.to_thread(self._answer, path.removeprefix("/_local/"), body)
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    def _answer(self, command, body):
        if command not in self._commands:
            return 404, {"message": f"there is no /_local/{command}; there are {', '.join(self._commands)}"}
        try:
            return 200, self._commands[command](json.loads(body or b"{}"))
        except (KeyError, ValueError, LookupError) as error:
            return 400, {"message": f"/_local/{command}: {error}"}


def _clock(clock, body):
    if "advance_seconds" in body:
        clock.advance(int(body["advance_seconds"]))
    return {"ahead_seconds": clock.ahead, "now": clock.now()}
