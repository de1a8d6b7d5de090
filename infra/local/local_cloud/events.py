"""Events of services, delivered as they are; forwarded between accounts and Regions; and a policy on the bus."""

import datetime
import json

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners

from . import pinned

# A bus's policy statements, by (account, Region, bus), then by statement id.
_policies = {}


def deliver(event):
    """Puts a whole event of a service on the default bus of its account and Region, and says how many rules took it."""
    at = datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp()
    record = {
        "EventId": event["id"],
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": json.dumps(event["detail"]),
        "EventBusName": "default",
        "Time": int(at),
        "Resources": event.get("resources", []),
        "Account": event["account"],
        "Region": event["region"],
    }
    with request_scope(event["account"], event["region"]):
        eventbridge._dispatch_event(record)


def mend_forwarding():
    """A rule's target may be a bus of another account or Region: one hop, by the target's role, if the bus admits it."""
    original = pinned.function(eventbridge, "_dispatch_to_event_bus", "spec", "event", "rule", "event_path")
    invoke = pinned.function(eventbridge, "_invoke_target", "target", "event", "rule", "view")
    pinned.function(eventbridge, "_dispatch_event", "event", "view")
    role = {}

    def invoke_with_role(target, event, rule, view=None):
        role["arn"] = target.get("RoleArn", "")
        invoke(target, event, rule, view)

    def forward(spec, event, rule, event_path, target_input_payload=None):
        home = (get_account_id(), get_region())
        if (spec.account_id, spec.region) == home:
            return original(spec, event, rule, event_path, target_input_payload)
        if event.get("_Forwarded"):
            return None
        bus = spec.resource.split("/", 1)[1]
        _check_sender(role["arn"], str(spec))
        _check_receiver(role["arn"], spec, bus, event)
        with request_scope(spec.account_id, spec.region):
            eventbridge._dispatch_event({**event, "EventBusName": bus, "_Forwarded": True})
        return None

    eventbridge._invoke_target = invoke_with_role
    eventbridge._dispatch_to_event_bus = forward


def _context(arn, resource, keys=None):
    account = arn.split(":")[4]
    return iam_evaluator.EvalContext(
        principal_arn=arn,
        principal_type="AssumedRole",
        principal_account=account,
        action="events:PutEvents",
        resource_arn=resource,
        region=get_region(),
        service_context=keys or {},
    )


def _check_sender(role, bus_arn):
    if not role:
        raise PermissionError(f"a rule that sends to {bus_arn} needs a RoleArn")
    policies = iam_evaluator._gather_role_policies(role.rsplit("/", 1)[-1], role.split(":")[4])
    if iam_evaluator.evaluate(_context(role, bus_arn), policies).decision != "Allow":
        raise PermissionError(f"{role} may not put events on {bus_arn}")


def _check_receiver(role, spec, bus, event):
    if role.split(":")[4] == spec.account_id:
        return
    statements = _policies.get((spec.account_id, spec.region, bus), {})
    document = {"Version": "2012-10-17", "Statement": list(statements.values())}
    keys = {
        "events:source": [event["Source"]],
        "events:detail-type": event["DetailType"],
        # Sent by a rule, not put by hand.
        "events:eventbusinvocation": "true",
    }
    decision = iam_evaluator.evaluate_resource_policy(document, _context(role, str(spec), keys))
    if decision.decision != "Allow":
        raise PermissionError(f"the bus {spec} admits no event of {event['Source']} from {role}")


def mend_bus_policies():
    """`AWS::Events::EventBusPolicy`, a type that ministack's CloudFormation does not know."""
    handlers = provisioners._RESOURCE_HANDLERS
    if "AWS::Events::EventBusPolicy" in handlers:
        raise pinned.NotAsPinned("ministack knows AWS::Events::EventBusPolicy by now: remove the mend.")

    def place(props):
        return (get_account_id(), get_region(), props.get("EventBusName", "default"))

    def create(logical_id, props, stack_name):
        statement = props.get("Statement") or {}
        _policies.setdefault(place(props), {})[props["StatementId"]] = statement
        return f"{stack_name}-{props['StatementId']}", {}

    def update(physical_id, old_props, new_props, stack_name):
        delete(physical_id, old_props)
        return create("", new_props, stack_name)

    def delete(physical_id, props):
        _policies.get(place(props), {}).pop(props.get("StatementId"), None)

    handlers["AWS::Events::EventBusPolicy"] = {"create": create, "update": update, "delete": delete}
