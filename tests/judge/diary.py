"""What a client says of a walk through a life: each step, and what it made of the answer."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

Answer = dict[str, Any]


class Place(NamedTuple):
    """A key and a Region. Any account's number is a key of that account."""

    account: str
    region: str
    secret: str = "secret"
    token: str | None = None


IRELAND, VIRGINIA = "eu-west-1", "us-east-1"
HUB = Place("111122223333", IRELAND)
HUB_ABROAD = Place("111122223333", VIRGINIA)
MEMBER = Place("222233334444", IRELAND)
CONSUMER = Place("333344445555", IRELAND)


class Refused(Exception):
    """What the client read of an error."""

    def __init__(self, said: Answer) -> None:
        super().__init__(said)
        self.said = said


class Client(Protocol):
    """One of AWS's own clients."""

    def call(self, place: Place, service: str, operation: str, parameters: Answer) -> Answer: ...

    def pages(self, place: Place, operation: str, parameters: Answer, paging: dict[str, Any]) -> Answer: ...


@dataclass
class Diary:
    client: Client
    endpoint: str
    # Whether the life's side stories are walked too; what follows does not need them.
    asides: bool = True
    steps: list[Answer] = field(default_factory=list)

    def note(self, step: str, saw: Answer) -> None:
        self.steps.append({"step": step, "saw": saw})

    def ec2(self, place: Place) -> Caller:
        return Caller(self, place, "ec2")

    def builder(self, place: Place) -> Caller:
        return Caller(self, place, "imagebuilder")

    def sts(self, place: Place) -> Caller:
        return Caller(self, place, "sts")

    def wait(self, seconds: int) -> None:
        """Lets the world's time pass; nobody sleeps and nobody polls."""
        self.world("clock", json.dumps({"advance_seconds": seconds}).encode())

    def world(self, command: str, body: bytes | None = None) -> Any:
        with urllib.request.urlopen(f"{self.endpoint}/_image-plane/{command}", body, timeout=60) as answer:
            return json.load(answer)


@dataclass
class Caller:
    """A service as one account sees it in one Region."""

    diary: Diary
    place: Place
    service: str

    def __call__(self, step: str, operation: str, **parameters: Any) -> Answer:
        saw = self.diary.client.call(self.place, self.service, operation, parameters)
        self.diary.note(step, saw)
        return saw

    def refused(self, step: str, operation: str, **parameters: Any) -> None:
        try:
            answer = self.diary.client.call(self.place, self.service, operation, parameters)
        except Refused as refusal:
            self.diary.note(step, {"refused": refusal.said})
        else:
            raise AssertionError(f"{step}: should have been refused, but got {answer}")

    def pages(self, step: str, operation: str, paging: dict[str, Any], **parameters: Any) -> Answer:
        """Walks a listing with the client's own paginator."""
        saw = self.diary.client.pages(self.place, operation, parameters, paging)
        self.diary.note(step, {key: value for key, value in saw.items() if key != "NextToken"})
        return saw
