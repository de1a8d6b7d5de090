//! Odd images: each oddity picks its victim among the images of a family, changes it, or adds one beside it.

use std::time::Duration;

use super::super::dice::Dice;
use super::super::{Claim, Made, Oddity, Orphan, Placement, State};
use super::Founding;
use crate::ids::{AccountId, ImageId, SnapshotId};
use crate::world::Target;

/// Who sells in the Marketplace.
const SELLER: AccountId = AccountId::new(679_593_333_241);
const IMAGES: [Oddity; 16] = [
    Oddity::FutureDate,
    Oddity::Pending,
    Oddity::Failed,
    Oddity::DoublyClaimed,
    Oddity::UnknownFamily,
    Oddity::Untagged,
    Oddity::SharedSnapshot,
    Oddity::HandCopy,
    Oddity::TaggedHandCopy,
    Oddity::NameConfusion,
    Oddity::GoneButRunning,
    Oddity::InBin,
    Oddity::Backup,
    Oddity::Marketplace,
    Oddity::OrphanSnapshot,
    Oddity::Legacy,
];

impl Founding<'_> {
    pub(super) fn odd_images(&mut self) {
        let mut ends = Vec::new();
        for placement in &self.made.placements {
            ends.push(placement.release.map(|release| self.made.releases[release].family));
        }
        for family in 0..self.made.families.len() {
            // Those there are now: oddities are not made odd again by the next one.
            let own: Vec<usize> = (0..ends.len()).filter(|place| ends[*place] == Some(family)).collect();
            let mut victims = self.dice.of(&format!("victims in family {family}")).shuffled(&own);
            for oddity in IMAGES {
                if !self.happens(oddity, family) {
                    continue;
                }
                let Some(at) = self.victim(oddity, &mut victims) else {
                    continue;
                };
                let mut dice = self.dice.of(&format!("{oddity:?} at {at}"));
                let about = self.make_odd(oddity, family, at, &mut dice);
                if !about.is_empty() {
                    self.strange(oddity, family, about);
                }
            }
        }
    }

    /// An image that fits, taken out of those that are left.
    fn victim(&self, oddity: Oddity, left: &mut Vec<usize>) -> Option<usize> {
        let fits = |placement: &Placement| {
            let open = !self.is_closed(placement.home.account);
            match oddity {
                Oddity::GoneButRunning | Oddity::InBin | Oddity::OrphanSnapshot => {
                    open && !matches!(placement.state, State::Available)
                }
                Oddity::Pending | Oddity::Failed => open && placement.made == Made::Copied && placement.is_there(),
                _ => open && placement.is_there(),
            }
        };
        let fitting = left.iter().position(|place| fits(&self.made.placements[*place]));
        fitting.map(|place| left.swap_remove(place))
    }

    /// Makes an image odd, and says what it is about; nothing where it cannot be done.
    fn make_odd(&mut self, oddity: Oddity, family: usize, at: usize, dice: &mut Dice) -> Vec<String> {
        let ami = self.made.placements[at].ami.to_string();
        let founded = self.made.founded;
        let victim = &mut self.made.placements[at];
        match oddity {
            Oddity::FutureDate => victim.created = founded + Duration::from_hours(dice.between(2, 900)),
            Oddity::Pending => (victim.state, victim.last_launched) = (State::Pending, None),
            Oddity::Failed => (victim.state, victim.last_launched) = (State::Failed, None),
            Oddity::Untagged => victim.claim = Claim::None,
            Oddity::UnknownFamily => victim.claim = Claim::Other("forgotten".into()),
            Oddity::DoublyClaimed => return self.claim_twice(family, at, dice),
            Oddity::SharedSnapshot => return self.share_snapshot(at, dice),
            Oddity::HandCopy | Oddity::TaggedHandCopy => return self.copy_by_hand(oddity, at, dice),
            Oddity::NameConfusion => {
                let (region, name) = (victim.home.region, victim.name.to_string());
                let Some(account) = self.made.outsiders.last().copied() else {
                    return Vec::new();
                };
                let other = self.add_foreign(Target { account, region }, &name, Made::Outsider);
                return vec![self.made.placements[other].ami.to_string(), ami];
            }
            Oddity::GoneButRunning => {
                victim.state = State::Deregistered;
                self.haunted.insert(at, None);
            }
            Oddity::InBin => {
                let until = founded + Duration::from_hours(dice.between(24, 700));
                victim.state = State::InBin { until };
            }
            Oddity::OrphanSnapshot => {
                victim.state = State::Deregistered;
                let orphans = victim.snapshots.iter().map(|snapshot| Orphan {
                    home: victim.home,
                    snapshot: *snapshot,
                    tagged: victim.claim == Claim::Own,
                });
                self.made.orphans.extend(orphans);
            }
            Oddity::Backup | Oddity::Legacy | Oddity::Marketplace => return self.add_beside(oddity, at),
            _ => return Vec::new(),
        }
        vec![ami]
    }

    fn claim_twice(&mut self, family: usize, at: usize, dice: &mut Dice) -> Vec<String> {
        let others = self.made.families.iter().enumerate();
        let others: Vec<&str> = others
            .filter(|(place, _)| *place != family)
            .map(|(_, other)| other.name.as_str())
            .collect();
        let Some(other) = dice.pick(&others).map(|other| Box::from(*other)) else {
            return Vec::new();
        };
        let victim = &mut self.made.placements[at];
        victim.claim = Claim::Other(other);
        vec![victim.ami.to_string()]
    }

    /// A second image over the same snapshots, registered by hand.
    fn share_snapshot(&mut self, at: usize, dice: &mut Dice) -> Vec<String> {
        let first = self.made.placements[at].clone();
        let second = Placement {
            ami: ImageId::draw(&mut dice.random),
            name: format!("{}-again-{}", first.name, self.number()).into(),
            state: State::Available,
            made: Made::Hand,
            claim: Claim::None,
            kept: false,
            ..first.clone()
        };
        let about = [&second, &first].map(|image| image.ami.to_string());
        self.add(second);
        about.into()
    }

    fn copy_by_hand(&mut self, oddity: Oddity, at: usize, dice: &mut Dice) -> Vec<String> {
        let source = self.made.placements[at].clone();
        let open = self
            .made
            .accounts
            .iter()
            .filter(|account| account.answers(source.home.region));
        let members: Vec<AccountId> = open.map(|account| account.id).collect();
        let Some(account) = dice.pick(&members).copied() else {
            return Vec::new();
        };
        let copy = Placement {
            home: Target {
                account,
                region: source.home.region,
            },
            ami: ImageId::draw(&mut dice.random),
            name: format!("Copy of {} {}", source.name, self.number()).into(),
            created: self.between(source.created, dice),
            snapshots: source
                .snapshots
                .iter()
                .map(|_| SnapshotId::draw(&mut dice.random))
                .collect(),
            state: State::Available,
            made: Made::Hand,
            claim: if oddity == Oddity::TaggedHandCopy {
                source.claim.clone()
            } else {
                Claim::None
            },
            kept: false,
            last_launched: None,
            ..source.clone()
        };
        let about = [&copy, &source].map(|image| image.ami.to_string());
        self.add(copy);
        about.into()
    }

    /// An image of no family, in the same place or at least in the same Region.
    fn add_beside(&mut self, oddity: Oddity, at: usize) -> Vec<String> {
        let home = self.made.placements[at].home;
        let number = self.number();
        let at = match oddity {
            Oddity::Backup => self.add_foreign(home, &format!("AwsBackup_i-{number}"), Made::Backup),
            Oddity::Legacy => self.add_foreign(home, &format!("legacy-app-{number}"), Made::Hand),
            _ => {
                let shop = Target {
                    account: SELLER,
                    ..home
                };
                self.add_foreign(shop, &format!("appliance-{number}"), Made::Marketplace)
            }
        };
        vec![self.made.placements[at].ami.to_string()]
    }
}
