//! A crash at each call of a distribution, and one fault more at another: one build, two Regions, shared and published.

use std::collections::{BTreeMap, BTreeSet};

use image_plane::{Effect, Fault, Settings};
use serde_json::json;
use stage::aws::{hours, minutes};

use crate::company::{Size, let_us_publish};
use crate::diary::Diary;
use crate::policy::{OfRegion, Policy, Stable};
use crate::site::{Broken, Site};
use crate::weather::{Door, inject};

const SCALE: Size = Size {
    members: 1,
    regions: 1,
    families: 0,
    steps: 0,
};
/// Sweeps until the release is everywhere, where nothing fails.
const SWEEPS: usize = 5;

/// A fault, and at which call of its door.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At {
    pub(crate) door: Door,
    pub(crate) effect: Effect,
    pub(crate) call: u64,
    pub(crate) times: u64,
}

/// Plays the scenario with these faults; says whether a function crashed.
pub(crate) fn distribute(faults: &[At]) -> Result<bool, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let diary = Diary::default();
    let played = runtime.block_on(Box::pin(distributed(faults, diary.clone())));
    played.map_err(|why| format!("{}\n{faults:?}: {why}", diary.lines().join("\n")))
}

async fn distributed(faults: &[At], diary: Diary) -> Result<bool, Broken> {
    let mut site = Box::pin(Site::found(1, SCALE, Settings::calm(), diary)).await;
    let policy = Policy {
        family: String::from("web"),
        architectures: vec!["x86_64"],
        regions: BTreeMap::from([(
            site.company.regions[0],
            OfRegion {
                required: true,
                key: false,
            },
        )]),
        accounts: BTreeSet::from([site.company.members[0]]),
        units: BTreeSet::new(),
        organization: false,
        may_copy: true,
        exclusive: true,
        tag: 0,
        to_hub: true,
        to_audience: true,
        stable: Stable::None,
        retain: None,
        building: None,
    };
    site.add_family(policy).await;
    let_us_publish(site.plane(), site.company.members[0]);
    site.judge.admitted.insert(site.company.members[0]);
    site.build(0).await;
    site.aws.pass(hours(1)).await;
    site.record_lineage(&json!({ "wake": "sweep" })).await?;
    site.tag_snapshots().await?;
    site.weather.persists = true;
    for At {
        door,
        effect,
        call,
        times,
    } in faults
    {
        inject(site.plane(), *door, Fault::new(*effect).after(*call).times(*times));
    }
    for _ in 0..SWEEPS {
        site.aws.pass(minutes(5)).await;
        site.plan_by_sweep().await?;
        while site.work().await? {}
    }
    site.weather.clear();
    crate::weather::calm(site.plane());
    let crashed = site.crashes > 0;
    // What was sent to somebody who died of it comes back after half an hour, what failed again within the hour.
    for _ in 0..4 {
        site.aws.pass(minutes(40)).await;
        site.sweep().await?;
    }
    for _ in 0..4 {
        site.aws.pass(minutes(5)).await;
        site.sweep().await?;
    }
    site.aws.pass(minutes(5)).await;
    site.judge_rest().await.map(|()| crashed)
}
