//! A seed in which weeks pass: images are built, used and forgotten, and go.

use std::time::Duration;

use image_plane::Settings;
use serde_json::json;
use stage::aws::{hours, minutes};

use crate::company::{Size, let_us_look};
use crate::diary::Diary;
use crate::dice::Dice;
use crate::life::Life;
use crate::retention::Retention;
use crate::site::{Broken, Site};

/// Builds that each family begins with, hours apart.
const FIRST_BUILDS: usize = 3;
/// What nobody needs is gone after so many days without faults: a shared image stays disabled for a week of them.
const TO_GO: usize = 16;
/// Where channels stand, and what was under way, has come to an end after so many.
const TO_SETTLE: usize = 3;

/// Plays it.
pub(crate) async fn live_for_weeks(seed: u64, scale: Size, dice: &mut Dice, diary: Diary) -> Result<Life, Broken> {
    let lag = *dice.pick(&[Duration::ZERO, Duration::ZERO, Duration::from_secs(5), minutes(2)]);
    let settings = Settings {
        read_lag: lag,
        throttling: dice.chance(50),
        sparse_pages: dice.chance(50),
        ..Settings::default()
    };
    let mut site = Box::pin(Site::found(seed, scale, settings, diary)).await;
    site.acts = !dice.chance(6);
    site.judge.needs.lag = lag;
    for member in site.company.members.clone() {
        if dice.chance(80) {
            let_us_look(site.plane(), member);
            site.company.looked_at.insert(member);
        }
    }
    site.weather.retires = true;
    let storms = site.draw_weather(dice);
    for at in 0..scale.families {
        if dice.chance(90) {
            site.families[at].policy.retain = Some(Retention::draw(&mut site.dice));
            site.apply_manifest(at).await;
        }
    }
    for _ in 0..FIRST_BUILDS {
        for at in 0..scale.families {
            site.build(at).await;
        }
        site.aws.pass(hours(2)).await;
        Box::pin(site.round(false)).await?;
    }
    for number in 0..scale.steps {
        site.say(format!("step {number}"));
        site.may_storm(storms, dice);
        let pauses = [
            minutes(5),
            minutes(36),
            minutes(61),
            hours(6),
            hours(13),
            hours(24),
            hours(24),
        ];
        site.aws.pass(*dice.pick(&pauses)).await;
        for _ in 0..dice.below(3) {
            Box::pin(site.somebody_needs_something()).await;
        }
        if dice.chance(5) {
            site.cool_down();
        }
        Box::pin(site.round(true)).await?;
    }
    site.clear_up();
    site.make_good().await;
    site.judge.needs.lag = Duration::ZERO;
    for member in site.company.looked_at.clone() {
        let_us_look(site.plane(), member);
    }
    if site.acts {
        Box::pin(site.let_go()).await?;
    }
    Ok(site.end())
}

impl Site {
    /// All that schedules wake, one after the other, and the work that is sent; people may act in between.
    pub(crate) async fn round(&mut self, people: bool) -> Result<(), Broken> {
        self.hand_over_events().await?;
        self.record_lineage(&json!({ "wake": "sweep" })).await?;
        self.tag_snapshots().await?;
        self.plan_by_sweep().await?;
        while self.acts && self.work().await? {}
        if self.is_built_for_reasons() {
            Box::pin(self.trigger_by_sweep()).await?;
        }
        self.look_around().await;
        if !people || !self.dice.chance(10) {
            Box::pin(self.gather()).await?;
        }
        if !people {
            Box::pin(self.accept()).await;
        } else if self.dice.chance(20) {
            Box::pin(self.somebody_needs_something()).await;
        }
        Box::pin(self.plan_pruning()).await?;
        if people && self.dice.chance(50) {
            Box::pin(self.somebody_needs_something()).await;
        }
        // Somebody was busy, or the next sweep is there already.
        let late = *self.dice.pick(&[
            None,
            None,
            None,
            None,
            Some(minutes(6)),
            Some(minutes(40)),
            Some(hours(2)),
        ]);
        if people && let Some(late) = late {
            self.aws.pass(late).await;
            self.look_around().await;
        }
        if people && self.dice.chance(10) {
            return Ok(());
        }
        while self.acts && Box::pin(self.prune()).await? {
            if people && self.dice.chance(20) {
                Box::pin(self.somebody_needs_something()).await;
            }
        }
        let families = &self.families;
        self.aws.plane.with(|world| self.judge.look(families, world))
    }

    /// Without faults what nobody needs goes, and all work ends.
    async fn let_go(&mut self) -> Result<(), Broken> {
        for at in 0..self.families.len() {
            if let Some(retain) = &mut self.families[at].policy.retain {
                retain.hurry();
                self.apply_manifest(at).await;
            }
        }
        let mut unneeded = None;
        for number in 0..TO_GO {
            self.aws.pass(hours(24)).await;
            // What another hand took away is believed to be gone once two sweeps agree, and they come every five minutes.
            self.record_lineage(&json!({ "wake": "sweep" })).await?;
            self.aws.pass(minutes(6)).await;
            Box::pin(self.round(false)).await?;
            if number == TO_SETTLE {
                let now = self.now();
                unneeded = Some(self.judge.unneeded(&self.families, now));
            }
        }
        self.say("rest");
        self.look_around().await;
        let still = self.judge.unneeded(&self.families, self.now());
        let left: Vec<_> = unneeded
            .iter()
            .flatten()
            .filter(|id| still.contains(id))
            .copied()
            .collect();
        self.judge.seen.retired.left += left.len();
        for id in left {
            let explained = self.steward(&["explain", &id.to_string()]).await.out;
            self.say(format!("nobody needs {id}, and it is there: {explained}"));
        }
        if self.has_pruning() {
            return Err(String::from("I15: there is pruning left"));
        }
        let broken = self.judge.attempts(&self.journal());
        crate::life::fail(&broken)
    }
}
