//! The samples, as `steward apply families` made them: a schedule falls due, the base's channel moves, and what is built on it is
//! built, with the deployed roles as all that may be done.

use std::time::Duration;

use serde_json::Value;
use steward_deployed::Cloud;

use crate::DAY;
use crate::family::release_of;
use crate::swept::swept;

const FAMILIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../families");
const FUNCTIONS: [&str; 3] = ["trigger-builds", "record-lineage", "plan-distribution"];
/// A build takes two hours, and the base's channel `stable` a day: a few sweeps come to it, however slow they are.
const LATER: Duration = Duration::from_hours(8);

/// The releases of a family that have what the record says of why they were built.
fn because(cloud: &Cloud, family: &str) -> Vec<(String, Value)> {
    let items = cloud.partition(&format!("F#{family}"));
    let releases = items.iter().filter_map(release_of);
    let said = releases.filter_map(|release| Some((release.clone(), cloud.item(&release, "WHY")?)));
    said.collect()
}

/// The names of the releases whose builds were started for a reason of this kind.
fn built_for(cloud: &Cloud, family: &str, kind: &str) -> Vec<String> {
    let of_kind = |(_, because): &(String, Value)| {
        let reasons = because["reasons"]["L"].as_array().unwrap();
        reasons
            .iter()
            .any(|reason| reason["S"] == kind || reason["M"].get(kind).is_some())
    };
    let named = |(release, _): (String, Value)| {
        let name = cloud.item(&release, "META")?["name"]["S"].as_str()?.to_owned();
        let (_, number) = name.split_once(":image/")?.1.split_once('/')?;
        Some(format!("{family}/{number}"))
    };
    because(cloud, family)
        .into_iter()
        .filter(of_kind)
        .filter_map(named)
        .collect()
}

/// What led to a release, where that began with a schedule and went over the base.
fn way_from_a_schedule(cloud: &Cloud, release: &str) -> Option<String> {
    let explained = cloud.steward(&["explain", release]);
    let mut ways = explained
        .lines()
        .filter_map(|line| line.trim().strip_prefix("because: "));
    let whole = |way: &&str| {
        way.contains("its schedule was due at ")
            && way.contains(" → base/")
            && way.ends_with(&format!(" → {release}, asked for by policy"))
    };
    ways.find(whole).map(str::to_owned)
}

#[test]
fn a_schedule_falls_due_and_what_is_built_on_the_base_follows_its_channel_and_says_why_all_the_way() {
    let cloud = Cloud::here();
    let swept = |what: &str, fact: &dyn Fn() -> Option<String>| swept(&cloud, (&FUNCTIONS, LATER), what, fact);
    swept("the first base", &|| {
        because(&cloud, "base").pop().map(|(release, _)| release)
    });
    cloud.pass(DAY);
    // What is built on it is made once its channel names a release.
    let apply = ["apply", "--yes", "--wait", "--message", "the base is there", FAMILIES];
    swept("a base for web", &|| {
        (!cloud.steward(&apply).contains("web waits")).then(String::new)
    });
    swept("the first web", &|| {
        because(&cloud, "web").pop().map(|(release, _)| release)
    });
    cloud.pass(7 * DAY);
    swept("a base that its schedule asked for", &|| {
        built_for(&cloud, "base", "schedule").pop()
    });
    cloud.pass(DAY);
    // One that another hand built the base of may come first.
    swept("a web that followed it, and says so", &|| {
        let followed = built_for(&cloud, "web", "parent");
        followed.iter().find_map(|release| way_from_a_schedule(&cloud, release))
    });
}
