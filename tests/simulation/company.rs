//! A whole organization: its units, its accounts, where each may be reached, and the hub's keys.

use std::collections::BTreeSet;

use image_plane::{AccountId, ImagePlane};
use stage::aws::{HUB, IRELAND, target};
use stage::member::{self, LET_EC2_LOOK, LET_IN, LOOK, LOOK_AT_USERS, LOOK_ROLE, PUBLISH_ROLE, TRUST};
use steward::consumers::VIEW_ROLE;

use crate::dice::Dice;

pub(crate) const MANAGEMENT: AccountId = AccountId::new(999_900_001_111);
pub(crate) const ROOT: &str = "r-ab12";
const ORGANIZATION: &str = "o-exampleorgid";
/// Where releases may go beside their home; the last needs opting in.
const REGIONS: [&str; 7] = [
    "us-east-1",
    "eu-central-1",
    "us-west-2",
    "ap-northeast-1",
    "ap-south-1",
    "sa-east-1",
    "me-south-1",
];

/// How large an organization may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) members: usize,
    /// Beside the hub's own.
    pub(crate) regions: usize,
    pub(crate) families: usize,
    pub(crate) steps: usize,
}

impl Size {
    /// What most seeds play.
    pub(crate) fn of_most(dice: &mut Dice) -> Self {
        Self {
            members: dice.between(2, 6),
            regions: dice.between(1, 3),
            families: dice.between(1, 3),
            steps: dice.between(25, 45),
        }
    }

    /// What plays for weeks.
    pub(crate) fn of_weeks(dice: &mut Dice) -> Self {
        Self {
            members: dice.between(1, 2),
            regions: *dice.pick(&[1, 1, 2]),
            families: *dice.pick(&[1, 1, 2]),
            steps: dice.between(14, 24),
        }
    }

    /// What plays for so many days. Its families come one after the other.
    pub(crate) fn of_days(dice: &mut Dice, days: usize) -> Self {
        Self {
            members: dice.between(1, 2),
            regions: 1,
            families: 0,
            steps: days,
        }
    }

    /// Fifty accounts and eight Regions, with the hub's. Its one family comes after them.
    pub(crate) const fn whole() -> Self {
        Self {
            members: 49,
            regions: 7,
            families: 0,
            steps: 8,
        }
    }

    /// What is played twice.
    pub(crate) const fn small() -> Self {
        Self {
            members: 2,
            regions: 1,
            families: 1,
            steps: 14,
        }
    }
}

/// Who and what there is beside families.
#[derive(Debug)]
pub(crate) struct Company {
    pub(crate) members: Vec<AccountId>,
    pub(crate) units: Vec<String>,
    pub(crate) regions: Vec<&'static str>,
    /// The hub's, one in each of those Regions.
    pub(crate) keys: Vec<String>,
    /// Who let us look at what uses images, sooner or later.
    pub(crate) looked_at: BTreeSet<AccountId>,
}

impl Company {
    pub(crate) fn found(plane: &ImagePlane, dice: &mut Dice, size: Size) -> (Self, BTreeSet<AccountId>) {
        let members: Vec<AccountId> = (0..size.members)
            .map(|n| AccountId::new(200_000_000_000 + 1_111 * (1 + u64::try_from(n).unwrap())))
            .collect();
        let regions: Vec<&'static str> = REGIONS[..size.regions].to_vec();
        let mut units: Vec<String> = Vec::new();
        let mut keys = Vec::new();
        plane.with(|world| {
            world.create_organization(MANAGEMENT, ORGANIZATION, ROOT).unwrap();
            // At most three deep: the first below the root, others below any of the first three.
            for n in 0..dice.between(1, 5) {
                let parent = match dice.below(n.min(3) + 1) {
                    0 => ROOT.to_owned(),
                    at => units[at - 1].clone(),
                };
                let id = format!("ou-ab12-1111111{n}");
                world.create_unit(&id, &parent, &format!("unit-{n}")).unwrap();
                units.push(id);
            }
            for (n, account) in [HUB].iter().chain(&members).enumerate() {
                let parent = place(dice, &units);
                world.enrol_account(*account, &parent, &format!("account-{n}")).unwrap();
            }
            world.delegate_organization(LET_IN).unwrap();
            for region in &regions {
                let key = world.create_key(target(HUB, region), Some("alias/golden"), members.iter().copied());
                keys.push(key.to_string());
            }
            let bahrain = "me-south-1".parse().unwrap();
            for account in [HUB].iter().chain(&members) {
                if *account == HUB || dice.chance(60) {
                    world.account_mut(*account).opted_in.insert(bahrain);
                }
            }
        });
        let company = Self {
            members,
            units,
            regions,
            keys,
            looked_at: BTreeSet::new(),
        };
        // Some accounts nobody has let us into.
        let admitted = company.members.iter().copied().filter(|_| dice.chance(85));
        let admitted: BTreeSet<AccountId> = admitted.collect();
        for member in &admitted {
            let_us_publish(plane, *member);
            if dice.chance(80) {
                plane.with(|world| world.link_auto_scaling(target(*member, IRELAND)));
            }
            if dice.chance(70) {
                let role = plane.with(|world| world.create_role(*member, VIEW_ROLE, TRUST, &[&member::view(*member)]));
                role.unwrap();
            }
        }
        (company, admitted)
    }

    /// The Regions that a release may be in, its home first.
    pub(crate) fn all_regions(&self) -> impl Iterator<Item = &'static str> + '_ {
        [IRELAND].into_iter().chain(self.regions.iter().copied())
    }

    /// Every account of the organization but the hub.
    pub(crate) fn everybody(&self) -> impl Iterator<Item = AccountId> {
        self.members.iter().copied().chain([MANAGEMENT])
    }

    /// Where an account may move to.
    pub(crate) fn place(&self, dice: &mut Dice) -> String {
        place(dice, &self.units)
    }
}

/// Lets the hub publish in an account, as its stack does.
pub(crate) fn let_us_publish(plane: &ImagePlane, account: AccountId) {
    // Where the role is there already it stays.
    drop(plane.with(|world| world.create_role(account, PUBLISH_ROLE, TRUST, &[&member::publish(account)])));
}

/// Lets the hub look at images in an account and at what uses them, as its stack does.
pub(crate) fn let_us_look(plane: &ImagePlane, account: AccountId) {
    let policies = [LOOK, LOOK_AT_USERS, LET_EC2_LOOK];
    // Where the role is there already it stays.
    drop(plane.with(|world| world.create_role(account, LOOK_ROLE, TRUST, &policies)));
}

fn place(dice: &mut Dice, units: &[String]) -> String {
    match dice.below(units.len() + 1) {
        0 => ROOT.to_owned(),
        at => units[at - 1].clone(),
    }
}

pub(crate) fn role_in(account: AccountId) -> String {
    format!("arn:aws:iam::{account}:role/{PUBLISH_ROLE}")
}

pub(crate) fn unit_arn(unit: &str) -> String {
    format!("arn:aws:organizations::{MANAGEMENT}:ou/{ORGANIZATION}/{unit}")
}

pub(crate) fn organization_arn() -> String {
    format!("arn:aws:organizations::{MANAGEMENT}:organization/{ORGANIZATION}")
}
