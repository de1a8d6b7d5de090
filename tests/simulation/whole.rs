//! A whole organization: what goes wrong in it at first, then each kind of thing that people do, judged after the very next sweep.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use image_plane::{AccountId, Settings, World};
use stage::aws::{hours, minutes};

use crate::acts::Act;
use crate::company::{Company, Size};
use crate::diary::Diary;
use crate::dice::Dice;
use crate::judge::Judge;
use crate::life::{Life, SOON, TO_REST, fail};
use crate::policy::Policy;
use crate::site::{Broken, Site};

/// Steps in which nobody acts: the first release goes out.
const ALONE: usize = 3;
/// Whoever acts again leaves so many sweeps in between: what was done is read back, and written down as settled.
const IN_BETWEEN: usize = 3;

/// Accounts in the unit that the manifest names, at least.
const FEW: usize = 6;

/// Plays it.
pub(crate) async fn live_as_a_whole(seed: u64, scale: Size, dice: &mut Dice, diary: Diary) -> Result<Life, Broken> {
    let settings = Settings {
        read_lag: *dice.pick(&[Duration::ZERO, Duration::ZERO, Duration::from_secs(5), minutes(2)]),
        organization_lag: *dice.pick(&[Duration::ZERO, Duration::from_secs(30)]),
        throttling: dice.chance(50),
        sparse_pages: dice.chance(50),
        copy_per_gib: Duration::from_secs(30),
        ..Settings::default()
    };
    let mut site = Box::pin(Site::found(seed, scale, settings, diary)).await;
    let mut policy = Policy::draw(&mut site.dice, &site.company, 0);
    policy.architectures = vec!["x86_64"];
    Box::pin(site.add_family(policy)).await;
    Box::pin(site.declare()).await;
    let storms = site.draw_weather(dice);
    Box::pin(site.build(0)).await;
    site.aws.pass(hours(1)).await;
    for number in 0..scale.steps {
        site.say(format!("step {number}"));
        site.may_storm(storms, dice);
        if number >= ALONE {
            Box::pin(site.somebody_acts()).await;
        }
        Box::pin(site.step(dice.chance(8))).await?;
    }
    site.clear_up();
    Box::pin(site.make_good()).await;
    Box::pin(site.declare()).await;
    Box::pin(site.come_round()).await?;
    // Not while somebody may throw the switch: each worker has a call in flight then.
    site.in_pairs = true;
    Box::pin(site.everybody_acts()).await?;
    Ok(site.end())
}

impl Site {
    /// Everywhere, for one unit and two accounts beside it, and for nobody else.
    async fn declare(&mut self) {
        let Company {
            members,
            units,
            regions,
            ..
        } = &self.company;
        let policy = &mut self.families[0].policy;
        policy.declare_everywhere(regions);
        self.aws.plane.with(|world| {
            let of = |unit: &String| {
                let in_it = members.iter().filter(|member| Policy::is_in(unit, **member, world));
                in_it.copied().collect::<BTreeSet<AccountId>>()
            };
            // Whoever reads it costs a worker's run in each Region with each move of a channel: the smallest unit that has room for
            // whoever leaves.
            let unit = units.iter().min_by_key(|unit| {
                let accounts = of(unit).len();
                (accounts < FEW, accounts)
            });
            let unit = unit.unwrap();
            let inside = of(unit);
            let beside = members.iter().copied().filter(|member| {
                let works = world.account(*member).is_some_and(|account| account.state.usable());
                works && !inside.contains(member)
            });
            policy.accounts = beside.take(2).collect();
            policy.units = BTreeSet::from([unit.clone()]);
        });
        Box::pin(self.apply_manifest(0)).await;
    }

    /// I15: without faults all work ends. What died comes back within two hours, and some of what failed only after six.
    async fn come_round(&mut self) -> Result<(), Broken> {
        for number in 1..=TO_REST {
            self.aws.pass(if number <= SOON { minutes(5) } else { hours(1) }).await;
            Box::pin(self.hand_over_events()).await?;
            Box::pin(self.sweep()).await?;
            if number >= SOON && Box::pin(self.rests()).await.is_ok() {
                break;
            }
        }
        Box::pin(self.rests()).await
    }

    /// All is as it should be, and nothing is left to do.
    async fn rests(&mut self) -> Result<(), Broken> {
        if self.has_work() {
            return Err(String::from("I15: there is work left"));
        }
        Box::pin(self.judge_rest()).await
    }

    /// Each kind of thing that people do, one after the other.
    async fn everybody_acts(&mut self) -> Result<(), Broken> {
        // Channels go back to what they left, and forward where a Region is not wanted any more.
        let mut moves = VecDeque::from([
            Act::Promotes,
            Act::DropsARegion,
            Act::Builds,
            Act::Promotes,
            Act::RollsBack,
            Act::Revokes,
        ]);
        let mut others = vec![
            Act::JoinsAUnit,
            Act::LeavesAUnit,
            Act::Closes,
            Act::GrantsAStranger,
            Act::NamesAnAccount,
            Act::NamesAnAccountInVain,
            Act::DropsAnAccount,
        ];
        Box::pin(self.act(Act::Builds)).await?;
        while moves.len() + others.len() > 0 {
            let at = self.dice.below(moves.len() + others.len());
            let act = if at < others.len() {
                others.swap_remove(at)
            } else {
                moves.pop_front().unwrap()
            };
            Box::pin(self.act(act)).await?;
        }
        Box::pin(self.act(Act::DropsAUnit)).await
    }

    /// Somebody does that; one sweep later all is as declared for whoever has something, and soon everything is.
    async fn act(&mut self, act: Act) -> Result<(), Broken> {
        let pointers = self.judge.seen.pointers;
        let why = |why: Broken| format!("{act:?}: {why}");
        let came = Box::pin(self.perform(act)).await.map_err(why)?;
        self.say(format!("somebody acts, {act:?}: {came}"));
        // Or the sweep would have nothing to do, and the judge nothing to see.
        if act.leaves_grants_wrong() && self.wrong_grants().is_empty() {
            return Err(why(format!("{came}, and that changes nothing for anybody")));
        }
        self.judge.seen.acted[act as usize] += 1;
        for number in 1..=SOON {
            let before = self.plane().with(|world| world.ledger().mutations().len());
            self.aws.pass(minutes(5)).await;
            Box::pin(self.sweep()).await?;
            self.judge_sweep(act, before).map_err(why)?;
            if number >= IN_BETWEEN && Box::pin(self.is_done(act)).await && Box::pin(self.rests()).await.is_ok() {
                break;
            }
        }
        Box::pin(self.rests()).await.map_err(why)?;
        if !Box::pin(self.is_done(act)).await {
            return Err(why(String::from("candidate is not on what was built")));
        }
        if act.moves_a_channel() && self.judge.seen.pointers == pointers {
            return Err(why(String::from("nothing was published")));
        }
        Ok(())
    }

    /// After a sweep in which nothing failed: I16 and I17 over all accounts and Regions.
    fn judge_sweep(&self, act: Act, before: usize) -> Result<(), Broken> {
        let mut broken = self.aws.plane.with(|world| {
            let published = Judge::published(before, &self.families, &self.company, world);
            let readers = self.judge.readers(&self.families, &self.company, world);
            [published, readers].concat()
        });
        // A copy that has just come about is shared by the sweep after it.
        if act != Act::Builds {
            broken.extend(self.wrong_grants());
        }
        fail(&broken)
    }

    fn wrong_grants(&self) -> Vec<Broken> {
        let judged = |world: &mut World| self.judge.grants(&self.families, &self.company, world);
        self.aws.plane.with(judged)
    }

    async fn is_done(&self, act: Act) -> bool {
        let built = self.families[0].builds.last().unwrap();
        act != Act::Builds || Box::pin(self.on_candidate()).await.contains(&built.release)
    }
}
