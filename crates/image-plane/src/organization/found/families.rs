//! Families: what they are called, what they are built on, and where they go.

use super::super::dice::Dice;
use super::super::{Architecture, Family, Oddity};
use super::Founding;
use crate::ids::AccountId;
use crate::region::Region;
use crate::world::Target;

const NAMES: [&str; 16] = [
    "base",
    "web",
    "shop",
    "java",
    "batch",
    "bastion",
    "proxy",
    "queue",
    "search",
    "metrics",
    "runner",
    "gpu",
    "mail",
    "vpn",
    "cache",
    "windowless",
];
/// Accounts that launch from the hub's images.
const MOST_AUDIENCE: usize = 3;

impl Founding<'_> {
    pub(super) fn families(&mut self) {
        for place in 0..self.settings.families {
            let mut dice = self.dice.of(&format!("family {place}"));
            let round = place / NAMES.len();
            let name = NAMES[place % NAMES.len()];
            let name = if round == 0 {
                name.to_owned()
            } else {
                format!("{name}-{}", round + 1)
            };
            let (parent, architectures) = self.lineage(place, &mut dice);
            let (copy_to, targets) = self.reach(&mut dice);
            let audience = self.audience(&copy_to, &mut dice);
            if architectures.len() == 2 {
                self.strange(Oddity::TwoArchitectures, place, vec![name.clone()]);
            }
            self.made.families.push(Family {
                name,
                architectures,
                parent,
                targets,
                copy_to,
                audience,
                channels: Vec::new(),
            });
        }
    }

    /// What it is built on, and for which architectures: a parent has at least its children's.
    fn lineage(&self, place: usize, dice: &mut Dice) -> (Option<usize>, Vec<Architecture>) {
        let architectures = if self.happens(Oddity::TwoArchitectures, place) {
            vec![Architecture::X86, Architecture::Arm]
        } else if dice.chance(200) {
            vec![Architecture::Arm]
        } else {
            vec![Architecture::X86]
        };
        let fits = |parent: &usize| {
            let known = &self.made.families[*parent].architectures;
            architectures.iter().all(|architecture| known.contains(architecture))
        };
        let fitting: Vec<usize> = (0..place).filter(fits).collect();
        let parent = dice.chance(700).then(|| dice.pick(&fitting).copied()).flatten();
        (parent, architectures)
    }

    /// Who owns copies, and every place a release goes to: so many as there should be, in several Regions.
    fn reach(&self, dice: &mut Dice) -> (Vec<AccountId>, Vec<Target>) {
        let wanted = self.settings.targets_per_release.max(1);
        let most = self.made.regions.len().min(wanted);
        let least = wanted.div_ceil(self.made.accounts.len()).min(most);
        let count = dice.between(u64::try_from(least).unwrap_or(1), u64::try_from(most).unwrap_or(1));
        let count = usize::try_from(count).unwrap_or(1);
        let regions: Vec<Region> = self.made.regions.iter().copied().take(count).collect();
        let mut targets = Vec::new();
        let mut copy_to = Vec::new();
        let hub = &self.made.accounts[..1];
        let members = dice.shuffled(&self.made.accounts[1..]);
        for account in hub.iter().chain(&members) {
            let on = regions.iter().filter(|region| !account.switched_off.contains(region));
            let more = on.map(|region| Target {
                account: account.id,
                region: *region,
            });
            let before = targets.len();
            targets.extend(more.take(wanted - before));
            if targets.len() > before && account.id != self.settings.hub.account {
                copy_to.push(account.id);
            }
            if targets.len() >= wanted {
                break;
            }
        }
        (copy_to, targets)
    }

    fn audience(&self, copy_to: &[AccountId], dice: &mut Dice) -> Vec<AccountId> {
        let members = self.made.accounts[1..].iter().map(|account| account.id);
        let others: Vec<AccountId> = members.filter(|id| !copy_to.contains(id)).collect();
        let count = dice.below(MOST_AUDIENCE + 1);
        dice.shuffled(&others).into_iter().take(count).collect()
    }
}
