"""Condition keys that ministack's evaluator lacks, or fills otherwise than AWS does."""

import contextvars
import json

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import iam

from . import pinned

# What AWS asks for where a call does the same to many.
_OF_EACH = {
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}

# The body of the request that is looked at.
_body = contextvars.ContextVar("local_cloud_body", default=b"")


def mend(organization):
    """All accounts are of one organization, as ours are; all calls are as if over TLS; and a session's principal is its role,
    with the role's path."""
    pinned.function(iam_evaluator, "_principal_org_id", "account_id")
    original = pinned.function(iam_evaluator, "_resolve_condition_key", "key", "ctx")

    def resolve(key, ctx):
        name = key.lower()
        if name == "aws:resourceorgid":
            return organization
        if name == "aws:securetransport":
            # Here is no TLS, and in AWS nothing of ours goes without.
            return "true"
        if name == "aws:principalarn":
            return _role_of(ctx.principal_arn) or original(key, ctx)
        return original(key, ctx)

    iam_evaluator._principal_org_id = lambda account_id: organization
    iam_evaluator._resolve_condition_key = resolve


def mend_actions():
    """PutEvents says what it puts on each bus, so that a policy can hold it to a source; a batch asks for no action of its
    own; and each parameter that is read is judged by its name."""
    words = ("access_key_id", "iam_action", "service", "region", "resource_arn", "service_context")
    original = pinned.function(iam_evaluator, "enforce", *words)
    tags = pinned.function(iam_actions, "request_tag_context", "service", "iam_action", "body", "params")
    pinned.function(iam_actions, "eventbridge_resource_arns", "body", "region", "account_id")

    def request_tag_context(service, iam_action, body, params):
        # The one place that sees each request's body, decoded, before it is judged.
        _body.set(body)
        return tags(service, iam_action, body, params)

    def enforce(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
        iam_action = _OF_EACH.get(iam_action, iam_action)
        if iam_action == "events:PutEvents":
            service_context = {**(service_context or {}), **_put_on(resource_arn, _body.get(), region)}
        if iam_action == "ssm:GetParameters":
            judged = (
                original(access_key_id, iam_action, service, region, arn, service_context)
                for arn in _parameters(_body.get(), region)
            )
            return next((denied for denied in judged if denied is not None), None)
        return original(access_key_id, iam_action, service, region, resource_arn, service_context)

    iam_actions.request_tag_context = request_tag_context
    iam_evaluator.enforce = enforce


def _parameters(body, region):
    """The parameters that a request asks for: AWS judges each by itself, and ministack none by its name."""
    names = json.loads(body).get("Names", [])
    return [f"arn:aws:ssm:{region}:{get_account_id()}:parameter/{name.lstrip('/')}" for name in names]


def _put_on(bus, body, region):
    """What is said of the events for one bus. AWS documents that sources and kinds are sets, and not whether the bus's
    or the whole request's: here the bus's, as each bus is asked for by itself."""

    def buses(text):
        return iam_actions.eventbridge_resource_arns(text, region, get_account_id())

    # Put by hand, not sent by a rule.
    keys = {"events:eventBusInvocation": "false"}
    if bus not in buses(body):
        return keys
    entries = [entry for entry in json.loads(body)["Entries"] if bus in buses(json.dumps({"Entries": [entry]}))]
    for key, member in (("events:source", "Source"), ("events:detail-type", "DetailType")):
        values = {str(entry[member]) for entry in entries if entry.get(member) is not None}
        # A key without values is absent.
        if values:
            keys[key] = sorted(values)
    return keys


def _role_of(arn):
    """`arn:aws:iam::111122223333:role/path/NAME` for `arn:aws:sts::111122223333:assumed-role/NAME/SESSION`."""
    if ":assumed-role/" not in arn:
        return None
    role = iam._roles.get_scoped(arn.split(":")[4], None, arn.split("/")[1])
    return role and role.get("Arn")
