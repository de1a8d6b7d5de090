use super::super::state::{Ended, Ending, LineState};
use super::*;
use crate::RecipeArn;

fn now() -> Timestamp {
    at("2026-11-23T06:00:00.000Z")
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn schedule() -> Reason {
    Reason::Schedule {
        due: at("2026-11-23T04:00:00.000Z"),
    }
}

fn manual() -> Reason {
    Reason::Manual {
        who: String::from("ada"),
        why: Words::from("openssl"),
        at: at("2026-11-23T05:58:00.000Z"),
    }
}

fn attempt(begun: &str, build: Option<ImageBuildArn>) -> Attempt {
    let recipe: RecipeArn = "arn:aws:imagebuilder:eu-west-1:111122223333:image-recipe/web/1.0.0"
        .parse()
        .unwrap();
    Attempt {
        number: 1,
        retries: 0,
        fingerprint: String::from("f"),
        recipe,
        parent: None,
        reasons: vec![Reason::First, schedule()],
        waiting: None,
        begun: at(begun),
        build,
        ended: None,
        superseded: None,
        follows: false,
    }
}

fn build() -> ImageBuildArn {
    "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.0.0/7"
        .parse()
        .unwrap()
}

fn plan(lines: impl IntoIterator<Item = (&'static str, Fate, LineState)>) -> BuildPlan {
    let of = |(family, fate, state): (&str, Fate, LineState)| {
        let line = Line {
            family: family.parse().unwrap(),
            architecture: Architecture::X86_64,
        };
        (line, LinePlan { fate, state })
    };
    BuildPlan {
        lines: lines.into_iter().map(of).collect(),
    }
}

fn begun(attempt: Attempt) -> LineState {
    LineState {
        attempt: Some(attempt),
        ..LineState::default()
    }
}

#[test]
fn every_line_says_what_becomes_of_it_and_why_and_quiet_ones_are_counted() {
    let waits = Fate::Waits {
        reasons: vec![schedule()],
        until: at("2027-01-03T23:00:00.000Z"),
        why: Words::from("its manifest's freeze"),
    };
    let skipped = Fate::Skipped {
        reasons: vec![schedule()],
        why: Words::from("nothing of what it is made of is another"),
    };
    let blocked = Fate::Blocked {
        reasons: vec![manual()],
        why: Words::from("there is no pipeline: `steward apply`"),
    };
    let queued = Fate::Queued {
        reasons: vec![schedule()],
        ahead: 2,
    };
    let mut building = begun(attempt("2026-11-23T05:30:00.000Z", Some(build())));
    let since = at("2026-11-23T05:58:00.000Z");
    building.pending.push(Pending {
        reason: manual(),
        since,
    });
    let plan = plan([
        (
            "a-starts",
            Fate::Starts,
            begun(attempt("2026-11-23T06:00:00.000Z", None)),
        ),
        (
            "b-doubt",
            Fate::Starts,
            begun(attempt("2026-11-23T05:55:00.000Z", None)),
        ),
        ("c-building", Fate::Building, building),
        ("d-frozen", waits, LineState::default()),
        ("e-queued", queued, LineState::default()),
        ("f-skipped", skipped, LineState::default()),
        ("g-blocked", blocked, LineState::default()),
        ("h-unread", Fate::ToBeRead, LineState::default()),
        ("i-quiet", Fate::Quiet, LineState::default()),
    ]);
    let text = plan.text(now());
    assert_eq!(text, include_str!("lines.txt").trim_end());
}

#[test]
fn a_build_of_another_hand_is_told_as_that_and_not_with_the_reasons_of_a_build_that_ended() {
    let mut ended = attempt("2026-11-20T06:00:00.000Z", None);
    let how = Ending::Made;
    ended.ended = Some(Ended { at: now(), how });
    let mut state = begun(ended);
    state.adopted = Some(build());
    let shown = plan([("web", Fate::Building, state)]).shown(now());
    assert_eq!(shown[0].reasons, []);
    assert_eq!(shown[0].build, Some(build()));
    assert_eq!(shown[0].says, Some(Words::from("somebody else started it")));
}

#[test]
fn where_nothing_asks_for_a_build_there_is_no_table() {
    let plan = plan([("web", Fate::Quiet, LineState::default())]);
    assert_eq!(plan.text(now()), "0 builds to start, 1 with nothing to do.");
}

#[test]
fn programs_are_told_every_line_with_the_same_fields() {
    let queued = Fate::Queued {
        reasons: vec![manual()],
        ahead: 0,
    };
    let shown = plan([("web", queued, LineState::default())]).shown(now());
    let expected = serde_json::json!([{
        "family": "web",
        "architecture": "x86_64",
        "fate": "queued",
        "reasons": [{ "kind": "manual", "says": "ada asks for it: openssl", "from": null, "to": null }],
        "follows": [],
        "until": null,
        "ahead": 0,
        "says": null,
        "build": null,
    }]);
    assert_eq!(serde_json::to_value(shown).unwrap(), expected);
}
