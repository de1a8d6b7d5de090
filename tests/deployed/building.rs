//! The samples, as `steward apply families` made them: a schedule falls due, the base's channel moves, and what is built on it is
//! built, with the deployed roles as all that may be done.

use std::time::Duration;

use serde_json::Value;
use steward_deployed::Cloud;

use crate::DAY;
use crate::family::release_of;
use crate::swept::swept;

const FUNCTIONS: [&str; 3] = ["trigger-builds", "record-lineage", "plan-distribution"];
/// A build takes two hours.
const LATER: Duration = Duration::from_mins(40);

/// The releases of a family that have what the record says of why they were built.
fn because(cloud: &Cloud, family: &str) -> Vec<(String, Value)> {
    let items = cloud.partition(&format!("F#{family}"));
    let releases = items.iter().filter_map(release_of);
    let said = releases.filter_map(|release| Some((release.clone(), cloud.item(&release, "WHY")?)));
    said.collect()
}

/// The name of a release whose build was started for a reason of this kind.
fn built_for(cloud: &Cloud, family: &str, kind: &str) -> Option<String> {
    let of_kind = |(_, because): &(String, Value)| {
        let reasons = because["reasons"]["L"].as_array().unwrap();
        reasons
            .iter()
            .any(|reason| reason["S"] == kind || reason["M"].get(kind).is_some())
    };
    let (release, _) = because(cloud, family).into_iter().find(of_kind)?;
    let number = cloud.item(&release, "META")?["name"]["S"].as_str()?.to_owned();
    let (_, number) = number.split_once(":image/")?;
    let (_, number) = number.split_once('/')?;
    Some(format!("{family}/{number}"))
}

#[test]
fn a_schedule_falls_due_and_what_is_built_on_the_base_follows_its_channel_and_says_why_all_the_way() {
    let cloud = Cloud::here();
    let swept = |what: &str, fact: &dyn Fn() -> Option<String>| swept(&cloud, (&FUNCTIONS, LATER), what, fact);
    // The first of each: web's pipeline has nothing to build on before the base's channel names a release.
    swept("the first base", &|| {
        built_for(&cloud, "base", "first").or_else(|| built_for(&cloud, "base", "schedule"))
    });
    cloud.pass(DAY);
    swept("the first web", &|| {
        because(&cloud, "web").first().map(|(release, _)| release.clone())
    });
    cloud.pass(7 * DAY);
    let base = swept("a base that its schedule asked for", &|| {
        built_for(&cloud, "base", "schedule")
    });
    cloud.pass(DAY);
    let web = swept("a web that its parent asked for", &|| {
        built_for(&cloud, "web", "parent")
    });
    let explained = cloud.steward(&["explain", &web]);
    let ways = explained
        .lines()
        .filter_map(|line| line.trim().strip_prefix("because: "));
    let whole = |way: &&str| {
        way.contains("its schedule was due at ") && way.ends_with(&format!(" → {web}, asked for by policy"))
    };
    let way = ways.clone().find(whole);
    assert!(
        way.is_some_and(|way| way.contains(" → base/")),
        "{base}, {web}: {explained}"
    );
}
