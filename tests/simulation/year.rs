//! A seed in which builds are started for reasons, day after day, and are recorded, distributed, used, and retired.

use std::time::Duration;

use image_plane::Settings;
use stage::aws::{HUB, hours, minutes};

use crate::building::{BASE, Building};
use crate::company::{Size, let_us_look};
use crate::diary::Diary;
use crate::dice::Dice;
use crate::life::{Life, fail};
use crate::policy::{Policy, Stable};
use crate::retention::Retention;
use crate::site::{Broken, Site};

/// Families that are built on the base.
const CHILDREN: [&str; 2] = ["web", "shop"];
/// Hours in which nothing asks for anything any more, where all is settled.
const QUIET: Duration = minutes(160);
/// After so many days nothing goes wrong until all is settled.
const UNTIL_REST: usize = 3;
/// All is settled within this, once nothing goes wrong: a base and its children one after the other, and what failed by the way.
const SETTLED: Duration = hours(20);

/// Plays it.
pub(crate) async fn live_for_days(seed: u64, scale: Size, dice: &mut Dice, diary: Diary) -> Result<Life, Broken> {
    let lag = *dice.pick(&[Duration::ZERO, Duration::from_secs(5), minutes(2)]);
    let settings = Settings {
        throttling: dice.chance(50),
        sparse_pages: dice.chance(50),
        ..Settings::calm()
    };
    let mut site = Box::pin(Site::found(seed, scale, settings, diary)).await;
    site.judge.builds.at_once = *dice.pick(&[1, 2, 5]);
    for member in site.company.members.clone() {
        let_us_look(site.plane(), member);
        site.company.looked_at.insert(member);
    }
    site.keep_the_agent().await;
    site.base_moves();
    for (number, name) in [BASE].into_iter().chain(CHILDREN).enumerate() {
        let policy = site.draw_family(number, name);
        Box::pin(site.add_family(policy)).await;
        // A child is applied once its parent's channels point to something.
        Box::pin(site.settle()).await?;
    }
    let end = site.now() + hours(24 * u64::try_from(scale.steps).unwrap());
    while site.now() < end {
        for _ in 0..UNTIL_REST {
            let tomorrow = site.now() + hours(24);
            site.say("a day begins");
            site.weather.retires = true;
            site.weather.builds = true;
            let storms = site.draw_weather(dice);
            site.lag(lag);
            Box::pin(site.day(storms, dice)).await?;
            // Nobody is awake until the next.
            site.aws.pass(tomorrow.since(site.now())).await;
        }
        site.clear_up();
        Box::pin(site.make_good()).await;
        site.lag(Duration::ZERO);
        Box::pin(site.ask_where_a_person_must()).await;
        Box::pin(site.settle()).await?;
        Box::pin(site.round(false)).await?;
    }
    let broken = site.judge.attempts(&site.journal());
    fail(&broken)?;
    Ok(site.end())
}

impl Site {
    fn draw_family(&mut self, number: usize, name: &str) -> Policy {
        let mut policy = Policy::draw(&mut self.dice, &self.company, number);
        name.clone_into(&mut policy.family);
        // What is built on it is read in the hub.
        policy.to_hub = true;
        policy.stable = Stable::After(1);
        policy.architectures = vec!["x86_64"];
        policy.retain = Some(Retention::draw(&mut self.dice));
        policy.building = Some(Building::of(&mut self.dice, number));
        policy
    }

    /// EC2 and the table show what was true so long ago.
    fn lag(&mut self, lag: Duration) {
        self.plane().with(|world| world.settings_mut().read_lag = lag);
        if lag.is_zero() {
            self.plane().with_tables(|tables| tables.settings_mut().read_lag = lag);
        }
        self.judge.needs.lag = lag;
    }

    /// A day in which things go wrong, and people do what they do.
    async fn day(&mut self, storms: usize, dice: &mut Dice) -> Result<(), Broken> {
        for _ in 0..dice.between(2, 4) {
            self.may_storm(storms, dice);
            if dice.chance(60) {
                Box::pin(self.something_changes()).await;
            }
            if dice.chance(50) {
                Box::pin(self.somebody_needs_something()).await;
            }
            for _ in 0..dice.below(5) {
                Box::pin(self.step(dice.chance(8))).await?;
            }
            self.aws
                .pass(*dice.pick(&[minutes(5), minutes(30), hours(2), hours(4)]))
                .await;
            Box::pin(self.round(true)).await?;
        }
        Ok(())
    }

    /// Whoever is told that nothing is built any more asks for a build.
    async fn ask_where_a_person_must(&mut self) {
        Box::pin(self.see_builds(false)).await.unwrap();
        for at in 0..self.families.len() {
            let policy = &self.families[at].policy;
            let mut lines = policy.architectures.iter().map(|on| (policy.family.clone(), *on));
            if lines.any(|line| self.judge.builds.needs_a_person(&line)) {
                self.ask_for_a_build(at).await;
            }
        }
    }

    /// Nothing goes wrong until nothing asks for a build any more; then all is built that should be.
    async fn settle(&mut self) -> Result<(), Broken> {
        let began = self.now();
        let mut quiet = began;
        while self.now() < quiet + QUIET {
            let is_busy = !self.judge.builds.live().is_empty() || self.has_work();
            let started = self.judge.builds.seen.started;
            self.aws.pass(minutes(20)).await;
            Box::pin(self.hand_over_events()).await?;
            Box::pin(self.sweep()).await?;
            if is_busy || started < self.judge.builds.seen.started {
                quiet = self.now();
            }
            if began + SETTLED < self.now() {
                return Err(String::from("I15: builds do not come to an end"));
            }
        }
        self.look_around().await;
        let now = self.now();
        let images = self.plane().with(|world| world.survey_images(HUB));
        let mut owed = Vec::new();
        for family in &self.families {
            let policy = &family.policy;
            let Some(building) = &policy.building else { continue };
            for on in &policy.architectures {
                let line = (policy.family.clone(), *on);
                // Somebody took away what it is built on: it is blocked, and says so.
                let parent = self.judge.builds.would(&line).and_then(|of| of.parent.parse().ok());
                let base = parent.and_then(|parent| images.get(&parent));
                if base.is_none_or(|image| image.state != "available") {
                    continue;
                }
                let newest = family.builds.iter().rev().find(|build| build.architecture == *on);
                let is_on =
                    newest.is_some_and(|newest| self.judge.needs.is_on_channel(&policy.family, &newest.release, now));
                owed.extend(self.judge.builds.owed(&line, building, now, is_on));
            }
        }
        self.judge.builds.seen.settled += 1;
        fail(&owed)
    }
}
