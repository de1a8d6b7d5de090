//! What people read, and what programs do.

use super::super::*;
use super::stage::*;

#[test]
fn what_is_wrong_with_a_channel_says_what_would_put_it_right() {
    let (build, release, architecture) = (order("1.4.2/3"), id(A, "1.4.2/3"), A);
    let said = [
        (
            Wait::Revoked { build, architecture },
            "it points to 1.4.2/3 of arm64, which is revoked, and there is no good release to go to: build one, or have a good one restored that is disabled: steward rollback"
                .to_owned(),
        ),
        (
            Wait::Disabled { build, architecture },
            "it points to 1.4.2/3 of arm64, which is disabled: promote it again to have it enabled, promote another one, or \
             roll back"
                .to_owned(),
        ),
        (
            Wait::Retired { build, architecture },
            "it points to 1.4.2/3 of arm64, which is gone: promote another one, or roll back".to_owned(),
        ),
        (
            Wait::Unknown { release, architecture },
            format!(
                "it points to {release} of arm64, which the record does not know, and stays there: promote another one"
            ),
        ),
    ];
    for (wait, words) in said {
        assert_eq!(wait.to_string(), words);
        assert!(wait.is_alarm());
    }
}

#[test]
fn what_only_takes_its_time_is_no_alarm() {
    let world = family()
        .usable(&["1.0.0/1"])
        .moved("candidate", 1, "1.0.0/1")
        .has(A, "1.0.0/2", "");
    let world = world.has(X, "1.0.0/2", FAILED).has(X, "1.1.0/1", BUILDING).at(2);
    let plan = world.plan();
    assert_eq!(plan.waits.len(), 3);
    assert!(!plan.waits.values().flatten().any(Wait::is_alarm));
    let behind = Wait::Behind {
        build: order("1.0.0/1"),
        architecture: A,
        mark: order("1.0.0/2"),
    };
    assert!(!behind.is_alarm());
}

#[test]
fn at_the_end_of_all_calendars_what_soaks_names_no_day() {
    let soaking = Wait::Soaking {
        source: name("candidate"),
        since: "9999-12-30T00:00:00Z".parse().unwrap(),
        after: "2d".parse().unwrap(),
    };
    assert_eq!(
        soaking.to_string(),
        "what candidate has pointed to since 9999-12-30T00:00:00.000Z moves on once it stood there for 2d"
    );
}

#[test]
fn a_plan_is_told_to_programs_by_names_and_ids() {
    let world = family().usable(&["1.0.0/1"]).has(X, "1.1.0/1", COMING);
    assert_eq!(
        serde_json::to_value(world.plan()).unwrap(),
        serde_json::json!({
            "moves": {
                "candidate": {
                    "number": 1,
                    "to": { "arm64": id(A, "1.0.0/1"), "x86_64": id(X, "1.0.0/1") },
                    "at": hour(100),
                    "by": "itself",
                    "why": "1.0.0/1 is everywhere",
                    "backward": false,
                },
            },
            "waits": {
                "candidate": [
                    { "lacking": { "version": "1.1.0", "architecture": "arm64", "nearest": null } },
                    { "lacking": {
                        "version": "1.1.0",
                        "architecture": "x86_64",
                        "nearest": ["1.1.0/1", { "coming": "us-east-1 is missing" }],
                    } },
                ],
                "pinned": ["person"],
                "stable": [{ "soaking": { "source": "candidate", "since": hour(100), "after": "24h" } }],
            },
        })
    );
}
