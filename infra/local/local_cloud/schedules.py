"""Schedules that fire when they are told to, by name, and never by themselves: nobody waits five minutes for a test."""

import datetime
import json
import time
import uuid

from ministack.core.responses import request_scope
from ministack.services import eventbridge, scheduler

from . import pinned


def mend():
    """Stops the clockwork."""
    pinned.function(scheduler, "_tick_schedules")
    scheduler._tick_schedules = lambda: None


def fire(account, region, group, name):
    """Invokes the target of a schedule as Scheduler does, with its keywords replaced."""
    for (owner, where, key), schedule in scheduler._schedules._data.items():
        if (owner, where) == (account, region) and schedule.get("Name") == name:
            if schedule.get("GroupName", "default") != group:
                continue
            if schedule.get("State") != "ENABLED":
                raise LookupError(f"the schedule {group}/{name} is disabled")
            target = dict(schedule["Target"])
            now = datetime.datetime.fromtimestamp(time.time(), datetime.timezone.utc)
            execution = str(uuid.uuid4())
            words = {
                "<aws.scheduler.schedule-arn>": schedule["Arn"],
                "<aws.scheduler.scheduled-time>": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "<aws.scheduler.execution-id>": execution,
                "<aws.scheduler.attempt-number>": "1",
            }
            for word, value in words.items():
                target["Input"] = target.get("Input", "{}").replace(word, value)
            event = {"EventId": execution, "Source": "aws.scheduler", "DetailType": "Scheduled Event", "Detail": "{}"}
            event |= {"Time": int(now.timestamp()), "Resources": [schedule["Arn"]], "Account": owner, "Region": where}
            with request_scope(account, region):
                eventbridge._invoke_target(target, event, schedule)
            return json.loads(target["Input"])
    raise LookupError(f"{account} has no schedule {group}/{name} in {region}")
