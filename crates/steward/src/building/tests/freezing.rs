use super::stage::*;
use crate::Duration;
use crate::building::{BuildRequest, Fate};

const FROZEN: &str = r#"{ base: 1h, debounce: 0m, schedule: { cron: "0 4 * * ? *" },
  freeze: [ { from: 2026-12-20, to: 2026-12-24, timezone: Europe/Berlin, except: [manual] },
            { from: 2026-12-25, to: 2026-12-26, timezone: Europe/Berlin, except: [manual] } ] }"#;

#[test]
fn a_freeze_holds_everything_and_then_one_build_has_all_of_it() {
    let mut yard = Yard::built("2026-12-19T06:00:00Z", &FROZEN.replace('\n', " "));
    yard.pass(Duration::days(1));
    assert!(yard.started.is_empty(), "{:#?}", yard.told());
    yard.web().of.parent = 2;
    yard.pass(Duration::days(3));
    assert!(yard.started.is_empty());
    let Fate::Waits { until, why, .. } = yard.fate().clone() else {
        panic!("{:?}", yard.fate());
    };
    assert_eq!(
        (until, why.to_string().as_str()),
        (at("2026-12-26T23:00:00Z"), "its manifest's freeze")
    );
    yard.web().of.parent = 3;
    yard.pass(Duration::days(4));
    assert_eq!(yard.started[0].at, at("2026-12-26T23:00:00Z"));
    assert_eq!(
        yard.told()[0],
        "web 2026-12-26T23:00:00.000Z: its base moved: vendor/1.0.1 → vendor/1.0.3; its schedule was due at \
         2026-12-26T04:00:00.000Z"
    );
}

#[test]
fn what_a_freeze_lets_through_is_built_with_all_that_waits() {
    let mut yard = Yard::built("2026-12-19T06:00:00Z", &FROZEN.replace('\n', " "));
    yard.pass(Duration::days(2));
    yard.web().of.parent = 2;
    yard.pass(Duration::hours(3));
    let now = yard.now;
    yard.web().requests.push(BuildRequest {
        who: String::from("ann"),
        why: "an outage".into(),
        at: now,
        architecture: None,
    });
    yard.pass(SWEEP);
    assert_eq!(yard.started.len(), 1);
    assert_eq!(yard.started[0].reasons.len(), 3);
}
