//! Lives of families: builds come, people need images and need them no more, evidence is read or is not, workers die, Image Builder
//! misses what it has, and pruning runs in between. Each step that is made is judged by what really happened, written down apart from what is known of it. 1,000 of them;
//! more by IMAGE_STEWARD_LIVES.

mod judge;
mod real;

use fastrand::Rng;

use self::judge::Judge;
use self::real::{Ladder, Real};
use super::super::*;
use super::stage::*;
use crate::testing::how_many;
use crate::{Duration, Timestamp};

/// So often it is planned while people act, and so often after that: by then what nobody needs is gone.
const ROUNDS: usize = 14;
const TO_GO: usize = 80;

/// What a life came to.
#[derive(Debug, Default)]
struct Came {
    down: [usize; 3],
    up: usize,
    refused: usize,
    blocked: usize,
    over_share: usize,
}

/// A family, as it is and as it is known.
struct Life {
    rng: Rng,
    now: Timestamp,
    /// When Image Builder last did not find what it has.
    missed: Timestamp,
    real: Real,
    judge: Judge,
    known: World,
    came: Came,
}

#[test]
fn over_a_life_what_nobody_needs_goes_and_whatever_somebody_needs_stays() {
    let lives = how_many("IMAGE_STEWARD_LIVES", 1_000);
    let mut all = Came::default();
    for seed in 0..lives {
        let mut life = Life::of(seed);
        if let Err(broken) = life.live() {
            panic!("life {seed}: {broken}");
        }
        all.add(&life.came);
    }
    let Came {
        down,
        up,
        refused,
        blocked,
        over_share,
    } = all;
    // Silence is no consent: there was something to judge.
    let least = [down[0], down[1], down[2], up, refused, blocked, over_share]
        .into_iter()
        .min();
    assert!(least >= Some(10), "{all:?}");
}

impl Came {
    fn add(&mut self, other: &Self) {
        for (sum, more) in self.down.iter_mut().zip(other.down) {
            *sum += more;
        }
        self.up += other.up;
        self.refused += other.refused;
        self.blocked += other.blocked;
        self.over_share += other.over_share;
    }
}

impl Life {
    fn of(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let ladder = Ladder::draw(&mut rng);
        let known = family_that(ladder.retain());
        let mut life = Self {
            rng,
            now: day(0),
            missed: day(0),
            real: Real::new(),
            judge: Judge::new(ladder),
            known,
            came: Came::default(),
        };
        for _ in 0..life.rng.usize(2..6) {
            life.build();
            life.pass(Duration::hours(7));
        }
        life
    }

    fn live(&mut self) -> Result<(), String> {
        for _ in 0..ROUNDS {
            let pause = self.rng.choice([1, 5, 13, 24, 24, 25, 49]).unwrap();
            self.pass(Duration::hours(pause));
            if self.rng.u32(0..3) == 0 {
                self.build();
            }
            for _ in 0..self.rng.u32(0..3) {
                self.somebody_acts();
            }
            if self.rng.u32(0..6) > 0 {
                self.gather(true);
                // It takes a while.
                let while_at_it = self.rng.choice([1, 20, 50, 70]).unwrap();
                self.pass(Duration::minutes(while_at_it));
            }
            self.run(true)?;
        }
        self.real.let_go();
        for _ in 0..TO_GO {
            self.pass(Duration::hours(24));
            self.gather(false);
            self.pass(Duration::minutes(20));
            self.run(false)?;
            if self.judge.rests(&self.real).is_ok() {
                break;
            }
        }
        self.judge
            .rests(&self.real)
            .map_err(|why| format!("{why}: {:?}", self.known.fates()))
    }

    fn pass(&mut self, time: Duration) {
        self.now = self.now.saturating_add(time);
        self.known.now = self.now;
    }

    fn build(&mut self) {
        let regions = self.rng.usize(1..=2);
        let number = self.real.build(regions, self.now);
        self.known.facts.releases.push(self.real.as_recorded(number, self.now));
    }

    fn somebody_acts(&mut self) {
        self.real.somebody_acts(&mut self.rng, self.now);
    }

    /// What can be read is known from then on; at times somebody cannot be asked.
    fn gather(&mut self, may_be_silent: bool) {
        let is_silent = may_be_silent && self.rng.u32(0..12) == 0;
        let silent = is_silent.then(|| self.rng.usize(0..3));
        self.real.is_read(&mut self.known, silent, self.now);
        if silent.is_none() {
            self.judge.was_read(self.now);
        }
    }

    /// Plans, and makes what is planned, as long as whoever does lives.
    fn run(&mut self, people: bool) -> Result<(), String> {
        self.real.is_wanted(&mut self.known.facts);
        // What a person let through lapses.
        self.known.facts.accepted = None;
        let mut plan = self.known.plan();
        let accepted = plan.acceptance().filter(|_| !people || self.rng.u32(0..4) == 0);
        if accepted.is_some() {
            // A person saw what it is, and lets it through.
            self.known.facts.accepted.clone_from(&accepted);
            plan = self.known.plan();
        }
        let wrong = check_plan(&self.known.facts, &plan, self.now);
        if !wrong.is_empty() {
            return Err(format!("{wrong:?}"));
        }
        self.came.blocked += usize::from(!plan.blocked.is_empty());
        self.came.over_share += usize::from(plan.over_share.is_some());
        self.judge
            .planned(&plan, &self.real, (&self.known, accepted.is_some()))?;
        let told = !people || self.rng.u32(0..8) > 0;
        self.known.note(&plan, told);
        for ami in plan.to_announce.iter().filter(|_| told) {
            self.judge.told(*ami, self.now);
        }
        let began = self.now;
        for step in &plan.steps {
            if people && self.rng.u32(0..20) == 0 {
                break;
            }
            let minutes = if people {
                self.rng.choice([0, 1, 1, 1, 1, 5, 45]).unwrap()
            } else {
                0
            };
            self.pass(Duration::minutes(minutes));
            if people && self.rng.u32(0..8) == 0 {
                self.somebody_acts();
            }
            self.take(step, began)?;
        }
        Ok(())
    }

    /// Whether Image Builder does not find what it has, as it may once and not for long.
    fn misses(&mut self) -> bool {
        let is_over = self.missed.saturating_add(Duration::hours(3)) <= self.now;
        let misses = is_over && self.rng.u32(0..6) == 0;
        if misses {
            self.missed = self.now;
        }
        misses
    }

    /// Looks at a step again, and makes it if that is still right.
    fn take(&mut self, step: &PruningStep, planned: Timestamp) -> Result<(), String> {
        let mut seen = self.real.seen(step, &self.known, self.now);
        if self.misses() {
            seen.output = seen.output.map(|_| OutputNow::Gone);
        }
        match look_again(&mut self.known.facts, step, &seen, self.now) {
            SecondLook::Make => {}
            SecondLook::Found | SecondLook::Waits(_) => return Ok(()),
            SecondLook::Refused(_) => {
                self.came.refused += 1;
                return Ok(());
            }
        }
        let moment = (planned, self.now);
        let judged = self.judge.makes(&step.effect, &self.real, moment);
        judged.map_err(|why| format!("{why}: {} at {}, planned at {planned}", step.effect, self.now))?;
        match &step.effect {
            Effect::Restore { .. } => self.came.up += 1,
            Effect::Deprecate { .. } => self.came.down[0] += 1,
            Effect::Disable { .. } => self.came.down[1] += 1,
            Effect::Deregister { .. } => self.came.down[2] += 1,
            Effect::DeprecateOutput(_) | Effect::DeleteOutput(_) => {}
        }
        self.real.make(step, self.now);
        self.known.facts.made(step, self.now);
        Ok(())
    }
}
