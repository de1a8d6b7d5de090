"""Parameters of the data type `aws:ec2:image`: Parameter Store looks whether there is such an image."""

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
    """A value that is no image its account can see is refused late: the call succeeds, and the old value stays."""
    original = pinned.function(ssm, "_put_parameter", "data")

    def put(data):
        if data.get("DataType") == "aws:ec2:image" and not _is_there(image_plane, data.get("Value", "")):
            existing = ssm._parameters.get(data.get("Name"))
            version = existing["Version"] + 1 if existing else 1
            body = json.dumps({"Version": version, "Tier": "Standard"}).encode()
            return 200, {"Content-Type": "application/x-amz-json-1.1"}, body
        return original(data)

    ssm._put_parameter = put


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
