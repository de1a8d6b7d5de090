"""What an answer contains that botocore's model of the service does not know, and so would read over in silence."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.utils import parse_timestamp

# AWS itself answers `windows`, whatever its model says.
AS_AWS_DOES = {("PlatformValues", "windows")}


def unread(operation: OperationModel, body: bytes) -> list[str]:
    """Every disagreement between an answer and the model of its operation, as a path and a reason."""
    protocol, shape = operation.service_model.protocol, operation.output_shape
    look = Look()
    if protocol == "query":
        parts = {plain(child): child for child in ElementTree.fromstring(body)}
        look.found += [
            f"{operation.name}.{name} is unknown"
            for name in parts.keys() - {f"{operation.name}Result", "ResponseMetadata"}
        ]
        look.structure_xml(operation.name, shape, parts[f"{operation.name}Result"])
    elif protocol == "ec2":
        # Where the model has no answer at all, EC2 sends <return>true</return> all the same.
        beside = frozenset({"requestId"} if shape else {"requestId", "return"})
        look.structure_xml(operation.name, shape, ElementTree.fromstring(body), beside)
    elif shape is not None:
        look.json(operation.name, shape, json.loads(body or b"{}"))
    elif body.strip() not in (b"", b"{}"):
        look.say(operation.name, "has a body where none is expected")
    return look.found


class Look:
    def __init__(self) -> None:
        self.found: list[str] = []

    def say(self, path: str, what: str) -> None:
        self.found.append(f"{path} {what}")

    def xml(self, path: str, shape: Shape, element: ElementTree.Element) -> None:
        if isinstance(shape, StructureShape):
            self.structure_xml(path, shape, element)
        elif isinstance(shape, ListShape):
            item = shape.member.serialization.get("name", "member")
            for place, child in enumerate(element):
                if plain(child) != item:
                    self.say(f"{path}[{place}]", f"is <{plain(child)}> where <{item}> is expected")
                self.xml(f"{path}[{place}]", shape.member, child)
            if (element.text or "").strip():
                self.say(path, "has text in a list")
        elif len(element):
            self.say(path, f"has children where a {shape.type_name} is expected")
        else:
            self.scalar(path, shape, element.text or "")

    def structure_xml(
        self,
        path: str,
        shape: StructureShape | None,
        element: ElementTree.Element,
        beside: frozenset[str] = frozenset(),
    ) -> None:
        known = (
            {member.serialization.get("name", name): member for name, member in shape.members.items()} if shape else {}
        )
        seen: set[str] = set()
        for child in element:
            name = plain(child)
            if name in beside:
                continue
            if name not in known:
                self.say(f"{path}.{name}", "is unknown")
            elif name in seen:
                self.say(f"{path}.{name}", "comes twice")
            else:
                self.xml(f"{path}.{name}", known[name], child)
            seen.add(name)
        self.required(path, shape, seen)

    def json(self, path: str, shape: Shape, value: Any) -> None:
        if isinstance(shape, StructureShape):
            if not isinstance(value, dict):
                self.say(path, "is no object")
                return
            known = {member.serialization.get("name", name): member for name, member in shape.members.items()}
            for name, inner in value.items():
                if name in known:
                    self.json(f"{path}.{name}", known[name], inner)
                else:
                    self.say(f"{path}.{name}", "is unknown")
            self.required(path, shape, set(value))
        elif isinstance(shape, ListShape):
            if not isinstance(value, list):
                self.say(path, "is no list")
                return
            for place, inner in enumerate(value):
                self.json(f"{path}[{place}]", shape.member, inner)
        elif isinstance(shape, MapShape):
            for key, inner in value.items():
                self.scalar(f"{path}[{key}]", shape.key, key)
                self.json(f"{path}[{key}]", shape.value, inner)
        elif shape.type_name == "string" and not isinstance(value, str):
            self.say(path, f"is {value!r} where a string is expected")
        elif shape.type_name in ("integer", "long") and (isinstance(value, bool) or not isinstance(value, int)):
            self.say(path, f"is {value!r} where a number is expected")
        elif shape.type_name == "boolean" and not isinstance(value, bool):
            self.say(path, f"is {value!r} where true or false is expected")
        elif shape.type_name == "timestamp" and not isinstance(value, (int, float)):
            self.say(path, f"is {value!r} where seconds are expected")
        else:
            self.scalar(path, shape, str(value).lower() if isinstance(value, bool) else str(value))

    def scalar(self, path: str, shape: Shape, text: str) -> None:
        enum = getattr(shape, "enum", [])
        if enum and text not in enum and (shape.name, text) not in AS_AWS_DOES:
            self.say(path, f"is {text!r}, which is not among {enum}")
        elif shape.type_name == "boolean" and text not in ("true", "false"):
            self.say(path, f"is {text!r} where true or false is expected")
        elif shape.type_name in ("integer", "long") and not text.lstrip("-").isdigit():
            self.say(path, f"is {text!r} where a number is expected")
        elif shape.type_name == "timestamp" and not isinstance(parse_timestamp(text), datetime):
            self.say(path, f"is {text!r} where a time is expected")
        elif shape.type_name == "string":
            self.string(path, shape, text)

    def string(self, path: str, shape: Shape, text: str) -> None:
        pattern, least, most = (shape.metadata.get(name) for name in ("pattern", "min", "max"))
        if pattern and not re.search(pattern, text):
            self.say(path, f"is {text!r}, which does not match {pattern}")
        if not (least or 0) <= len(text) <= (most or len(text)):
            self.say(path, f"is {text!r}, which has not {least} to {most} characters")

    def required(self, path: str, shape: StructureShape | None, seen: set[str]) -> None:
        if shape is None:
            return
        for name in shape.required_members:
            if shape.members[name].serialization.get("name", name) not in seen:
                self.say(f"{path}.{name}", "is required and missing")


def plain(element: ElementTree.Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]
