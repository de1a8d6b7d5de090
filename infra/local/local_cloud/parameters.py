"""Parameters that name images: Parameter Store looks whether there is such an image, Image Builder reads them, and vendors have theirs."""

import hashlib
import json
import re
import urllib.parse
import urllib.request

from ministack.core.responses import get_account_id, get_region
from ministack.services import ssm

from . import pinned

_AMI = re.compile(r"ami-[0-9a-f]{8,17}")


def mend(image_plane):
    """A value that is no image its account can see is refused late: the call succeeds, and the old value stays. One that is, is known
    to the image plane too; and what vendors publish is what that says."""
    original = pinned.function(ssm, "_put_parameter", "data")
    pinned.function(ssm, "_public_parameter", "name")

    def put(data):
        if data.get("DataType") == "aws:ec2:image" and not _is_there(image_plane, data.get("Value", "")):
            existing = ssm._parameters.get(data.get("Name"))
            version = existing["Version"] + 1 if existing else 1
            body = json.dumps({"Version": version, "Tier": "Standard"}).encode()
            return 200, {"Content-Type": "application/x-amz-json-1.1"}, body
        answer = original(data)
        if answer[0] == 200 and _AMI.fullmatch(data.get("Value", "")):
            _ask(image_plane, data["Name"], value=data["Value"])
        return answer

    def public(name):
        value = _ask(image_plane, name) if name.startswith("/aws/service/") else None
        if value is None:
            return None
        arn = f"arn:aws:ssm:{get_region()}::parameter{name}"
        return {"Name": name, "Type": "String", "Value": value, "Version": 1, "LastModifiedDate": 1765324800, "ARN": arn}

    ssm._put_parameter = put
    ssm._public_parameter = public


def _ask(image_plane, name, **more):
    """What the image plane has as the value of a parameter, after it is set if a value is given."""
    body = json.dumps({"account": get_account_id(), "region": get_region(), "name": name, **more}).encode()
    request = urllib.request.Request(f"{image_plane}/_image-plane/parameter", data=body, method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["value"]


def _is_there(image_plane, value):
    if not _AMI.fullmatch(value):
        return False
    words = {"Action": "DescribeImages", "Version": "2016-11-15", "ImageId.1": value}
    scope = f"{get_account_id()}/20260101/{get_region()}/ec2/aws4_request"
    headers = {
        "authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature={hashlib.sha256(b'').hexdigest()}",
        "content-type": "application/x-www-form-urlencoded",
    }
    body = urllib.parse.urlencode(words).encode()
    request = urllib.request.Request(image_plane, data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return value.encode() in answer.read()
    except urllib.error.HTTPError:
        return False
