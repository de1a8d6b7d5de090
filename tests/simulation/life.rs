//! A seed, from the founding of its world to its rest.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use image_plane::{Ledger, Service, Settings};
use serde_json::json;
use stage::aws::{HUB, IRELAND, hours, minutes, target};
use stage::table::TABLE;

use crate::company::Size;
use crate::diary::Diary;
use crate::dice::Dice;
use crate::judge::Seen;
use crate::site::{Broken, Site};
use crate::weeks::live_for_weeks;
use crate::whole::live_as_a_whole;
use crate::year::live_for_days;

/// Sweeps right after faults stop. From then on they are an hour apart, which is as if others were lost.
pub(crate) const SOON: usize = 24;
/// Sweeps until everything must have come to rest: what failed again and again is looked at every six hours, what nobody points
/// to once a day.
pub(crate) const TO_REST: usize = SOON + 28;

/// What a seed came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) seen: Seen,
    /// Over how often each call was made and answered how, and each that was to change something with all it said.
    pub(crate) fingerprint: u64,
    pub(crate) diary: Vec<String>,
}

/// What kind of life it is.
enum Kind {
    Hours,
    Weeks,
    Whole,
    Days,
}

/// Plays a seed; where a rule does not hold, what happened until then.
pub(crate) fn play(seed: u64, scale: impl FnOnce(&mut Dice) -> Size) -> Result<Life, String> {
    play_a_life(seed, scale, &Kind::Hours)
}

/// The same of one in which weeks pass, and images are retired.
pub(crate) fn play_weeks(seed: u64) -> Result<Life, String> {
    play_a_life(seed, Size::of_weeks, &Kind::Weeks)
}

/// The same of a whole organization, in which people do each kind of thing.
pub(crate) fn play_whole(seed: u64) -> Result<Life, String> {
    play_a_life(seed, |_| Size::whole(), &Kind::Whole)
}

/// The same of one in which builds are started for reasons, for so many days.
pub(crate) fn play_days(seed: u64, days: usize) -> Result<Life, String> {
    play_a_life(seed, |dice| Size::of_days(dice, days), &Kind::Days)
}

fn play_a_life(seed: u64, scale: impl FnOnce(&mut Dice) -> Size, kind: &Kind) -> Result<Life, String> {
    let diary = Diary::default();
    let mut dice = Dice::new(!seed);
    let scale = scale(&mut dice);
    let played = catch_unwind(AssertUnwindSafe(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        let diary = diary.clone();
        match kind {
            Kind::Hours => runtime.block_on(Box::pin(live(seed, scale, &mut dice, diary))),
            Kind::Weeks => runtime.block_on(Box::pin(live_for_weeks(seed, scale, &mut dice, diary))),
            Kind::Whole => runtime.block_on(Box::pin(live_as_a_whole(seed, scale, &mut dice, diary))),
            Kind::Days => runtime.block_on(Box::pin(live_for_days(seed, scale, &mut dice, diary))),
        }
    }));
    let why = match played {
        Ok(Ok(life)) => return Ok(life),
        Ok(Err(broken)) => broken,
        Err(panic) => {
            let said = panic.downcast_ref::<String>().cloned();
            said.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string))
                .unwrap_or_default()
        }
    };
    let lines = diary.lines();
    let last = lines.len().saturating_sub(400);
    Err(format!(
        "seed {seed} of {scale:?}, after this:\n{}\n\nseed {seed}: {why}",
        lines[last..].join("\n")
    ))
}

async fn live(seed: u64, scale: Size, dice: &mut Dice, diary: Diary) -> Result<Life, Broken> {
    let settings = Settings {
        read_lag: *dice.pick(&[Duration::ZERO, Duration::ZERO, Duration::from_secs(5), minutes(2)]),
        organization_lag: *dice.pick(&[Duration::ZERO, Duration::from_secs(30)]),
        throttling: dice.chance(50),
        sparse_pages: dice.chance(50),
        copy_per_gib: *dice.pick(&[Duration::from_secs(30), minutes(2), minutes(10)]),
        ..Settings::default()
    };
    let mut site = Box::pin(Site::found(seed, scale, settings, diary)).await;
    site.acts = !dice.chance(8);
    let storms = site.draw_weather(dice);
    for at in 0..scale.families {
        site.build(at).await;
    }
    for number in 0..scale.steps {
        site.say(format!("step {number}"));
        site.may_storm(storms, dice);
        // The first release has its hour.
        for _ in 0..if number < 8 { 0 } else { dice.below(3) } {
            site.somebody_acts().await;
        }
        Box::pin(site.step(dice.chance(8))).await?;
    }
    site.clear_up();
    site.make_good().await;
    if site.acts {
        Box::pin(site.come_to_rest()).await?;
        Box::pin(site.change_once_more()).await?;
    }
    Ok(site.end())
}

impl Site {
    /// What all of it came to.
    pub(crate) fn end(self) -> Life {
        let fingerprint = self.plane().with(|world| fingerprint(world.ledger()));
        let mut seen = self.judge.seen;
        seen.built = self.judge.builds.seen;
        Life {
            seen,
            fingerprint,
            diary: self.diary.lines(),
        }
    }

    /// Five minutes, and all that wakes in them.
    pub(crate) async fn step(&mut self, no_sweep: bool) -> Result<(), Broken> {
        self.aws.pass(minutes(5)).await;
        if self.dice.chance(5) {
            self.cool_down();
        }
        self.hand_over_events().await?;
        if !no_sweep {
            self.sweep().await?;
        }
        let families = &self.families;
        self.aws.plane.with(|world| self.judge.look(families, world))
    }

    /// What the schedules wake, and the work that is sent.
    pub(crate) async fn sweep(&mut self) -> Result<(), Broken> {
        self.record_lineage(&json!({ "wake": "sweep" })).await?;
        self.tag_snapshots().await?;
        self.plan_by_sweep().await?;
        while self.acts && self.work().await? {}
        if self.is_built_for_reasons() {
            Box::pin(self.trigger_by_sweep()).await?;
        }
        Ok(())
    }

    /// I15: without faults all work ends, and then nothing is changed any more.
    async fn come_to_rest(&mut self) -> Result<(), Broken> {
        for number in 0..TO_REST {
            let pause = if number < SOON { minutes(5) } else { hours(1) };
            self.aws.pass(pause).await;
            self.hand_over_events().await?;
            self.sweep().await?;
        }
        self.say("rest");
        let before = self.judge.seen.mutations;
        for _ in 0..3 {
            self.aws.pass(hours(9)).await;
            self.hand_over_events().await?;
            self.sweep().await?;
        }
        if self.judge.seen.mutations != before {
            return Err(String::from("I15: it never comes to rest"));
        }
        if self.has_work() {
            return Err(String::from("I15: there is work left"));
        }
        self.judge_rest().await
    }

    /// Where the channels of all families stand; each move that was new is judged.
    pub(crate) async fn judge_moves(&mut self) -> Result<(), Broken> {
        let record = &self.record;
        for family in &self.families {
            let name = family.policy.family.parse().unwrap();
            let channels = record.channels(&name).await.unwrap();
            let plane = &self.aws.plane;
            plane.with(|world| self.judge.moves(family, &channels, world))?;
        }
        Ok(())
    }

    /// All that must hold where nothing is left to do.
    pub(crate) async fn judge_rest(&mut self) -> Result<(), Broken> {
        let mut channels = std::collections::BTreeMap::new();
        for family in &self.families {
            let name = family.policy.family.parse().unwrap();
            let held = self.record.channels(&name).await.unwrap();
            channels.insert(family.policy.family.clone(), held);
        }
        let mut broken = self
            .aws
            .plane
            .with(|world| self.judge.at_rest(&self.families, &self.company, &channels, world));
        broken.extend(self.judge.attempts(&self.journal()));
        fail(&broken)
    }

    /// I17: what changes while nothing fails is so after one sweep.
    async fn change_once_more(&mut self) -> Result<(), Broken> {
        for _ in 0..3 {
            let at = self.dice.below(self.families.len());
            let change = self.families[at].policy.change(&mut self.dice, &self.company);
            self.say(format!(
                "last, somebody changes {}: {change}",
                self.families[at].policy.family
            ));
            self.apply_manifest(at).await;
            let account = *self.dice.pick(&self.company.members);
            let place = self.company.place(&mut self.dice);
            let moved = self.plane().with(|world| world.move_account(account, &place));
            self.say(format!("last, {account} moves to {place}: {moved:?}"));
            self.aws.pass(minutes(5)).await;
            self.sweep().await?;
            let broken = self
                .aws
                .plane
                .with(|world| self.judge.grants(&self.families, &self.company, world));
            fail(&broken)?;
            for _ in 0..3 {
                self.aws.pass(minutes(5)).await;
                self.sweep().await?;
            }
        }
        Ok(())
    }

    /// The sort keys of all that is in the journals.
    pub(crate) fn journal(&self) -> Vec<String> {
        let items = self
            .aws
            .plane
            .with_tables(|tables| tables.items(target(HUB, IRELAND), TABLE));
        let keys = items.iter().map(|item| item["sk"]["S"].as_str().unwrap().to_owned());
        keys.filter(|sk| sk.starts_with("J#")).collect()
    }
}

/// SNS's attributes are a map to the SDK, which sends them in another order each time: the ledger's own would tell two runs apart.
fn fingerprint(ledger: &Ledger) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (service, action, target, counts) in ledger.counts() {
        format!("{service} {action} {target} {counts:?}").hash(&mut hasher);
    }
    for mutation in ledger.mutations().iter().filter(|made| made.service != Service::Sns) {
        mutation.to_string().hash(&mut hasher);
    }
    hasher.finish()
}

pub(crate) fn fail(broken: &[Broken]) -> Result<(), Broken> {
    if broken.is_empty() {
        Ok(())
    } else {
        Err(broken.join("\n"))
    }
}
