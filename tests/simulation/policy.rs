//! What a family's manifest says, as the simulation knows it: written out for the functions, and asked by the judge.

use std::collections::{BTreeMap, BTreeSet};

use image_plane::{AccountId, AccountState, Membership, World};
use stage::aws::{HUB, IRELAND};

use crate::building::Building;
use crate::company::{Company, organization_arn, unit_arn};
use crate::dice::Dice;
use crate::retention::Retention;

/// What a manifest says of a Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OfRegion {
    pub(crate) required: bool,
    pub(crate) key: bool,
}

/// Who moves `stable`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stable {
    /// There is none.
    None,
    /// What stood on `candidate` for so many hours.
    After(usize),
    ByHand,
}

/// A family's manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) family: String,
    pub(crate) architectures: Vec<&'static str>,
    pub(crate) regions: BTreeMap<&'static str, OfRegion>,
    pub(crate) accounts: BTreeSet<AccountId>,
    pub(crate) units: BTreeSet<String>,
    pub(crate) organization: bool,
    pub(crate) may_copy: bool,
    pub(crate) exclusive: bool,
    pub(crate) tag: usize,
    pub(crate) to_hub: bool,
    pub(crate) to_audience: bool,
    pub(crate) stable: Stable,
    /// What stays, where anything goes at all.
    pub(crate) retain: Option<Retention>,
    /// How it is built, where that is by reasons.
    pub(crate) building: Option<Building>,
}

impl Policy {
    pub(crate) fn draw(dice: &mut Dice, company: &Company, number: usize) -> Self {
        let architectures: &[&str] = if dice.chance(40) {
            &["x86_64", "arm64"]
        } else {
            &["x86_64"]
        };
        let regions = dice.some(&company.regions, company.regions.len());
        let regions = regions.into_iter().map(|region| {
            let of_region = OfRegion {
                required: dice.chance(70),
                key: dice.chance(20),
            };
            (region, of_region)
        });
        let mut policy = Self {
            family: format!("family-{number}"),
            architectures: architectures.to_vec(),
            regions: regions.collect(),
            accounts: BTreeSet::new(),
            units: BTreeSet::new(),
            organization: false,
            may_copy: dice.chance(50),
            exclusive: dice.chance(80),
            tag: 0,
            to_hub: dice.chance(70),
            to_audience: dice.chance(60),
            stable: *dice.pick(&[Stable::None, Stable::After(1), Stable::After(6), Stable::ByHand]),
            retain: None,
            building: None,
        };
        policy.accounts.extend(dice.some(&company.members, 3));
        for _ in 0..3 {
            policy.change(dice, company);
        }
        policy
    }

    /// Changes something of it, as people do; says what.
    pub(crate) fn change(&mut self, dice: &mut Dice, company: &Company) -> String {
        match dice.below(10) {
            0 | 1 => {
                let account = *dice.pick(&company.members);
                toggle(&mut self.accounts, account)
            }
            2 | 3 => {
                let unit = dice.pick(&company.units).clone();
                toggle(&mut self.units, unit)
            }
            4 => {
                self.may_copy = !self.may_copy;
                format!("may_copy {}", self.may_copy)
            }
            5 => {
                self.exclusive = !self.exclusive;
                format!("exclusive {}", self.exclusive)
            }
            6 => {
                let region = *dice.pick(&company.regions);
                if self.regions.remove(region).is_none() {
                    let required = dice.chance(60);
                    let key = dice.chance(20);
                    self.regions.insert(region, OfRegion { required, key });
                }
                format!("Regions {:?}", self.regions.keys())
            }
            7 => {
                self.tag += 1;
                format!("tag {}", self.tag)
            }
            8 => {
                self.organization = !self.organization && dice.chance(30);
                format!("organization {}", self.organization)
            }
            _ => {
                let region = *dice.pick(&company.regions);
                if let Some(of_region) = self.regions.get_mut(region) {
                    of_region.required = !of_region.required;
                }
                format!("required Regions {:?}", self.required())
            }
        }
    }

    /// Wants it in all of these Regions, published there too, with all that an audience may do and no more.
    pub(crate) fn declare_everywhere(&mut self, regions: &[&'static str]) {
        for region in regions {
            let of_region = OfRegion {
                required: false,
                key: false,
            };
            self.regions.entry(region).or_insert(of_region);
        }
        self.organization = false;
        self.may_copy = true;
        self.exclusive = true;
        self.to_hub = true;
        self.to_audience = true;
        self.stable = Stable::ByHand;
    }

    pub(crate) fn has_audience(&self) -> bool {
        !self.accounts.is_empty() || !self.units.is_empty() || self.organization
    }

    pub(crate) fn publishes(&self) -> bool {
        self.to_hub || self.publishes_to_audience()
    }

    pub(crate) fn publishes_to_audience(&self) -> bool {
        self.to_audience && self.has_audience()
    }

    /// The Regions in which a release must be before it is usable.
    pub(crate) fn required(&self) -> BTreeSet<&'static str> {
        let required = self.regions.iter().filter(|(_, of_region)| of_region.required);
        required.map(|(region, _)| *region).chain([IRELAND]).collect()
    }

    /// The Regions that it is to be in.
    pub(crate) fn wanted(&self) -> BTreeSet<&'static str> {
        self.regions.keys().copied().chain([IRELAND]).collect()
    }

    pub(crate) fn manifest(&self) -> String {
        let quoted = |all: Vec<String>| -> String {
            let all: Vec<String> = all.into_iter().map(|one| format!("\"{one}\"")).collect();
            all.join(", ")
        };
        let regions = self.regions.iter().map(|(region, OfRegion { required, key })| {
            let key = if *key { ", kms_key: alias/golden" } else { "" };
            format!("{region}: {{ required: {required}{key} }}")
        });
        let mut share = vec![format!("may_copy: {}", self.may_copy)];
        if !self.accounts.is_empty() {
            let accounts = self.accounts.iter().map(ToString::to_string).collect();
            share.push(format!("accounts: [{}]", quoted(accounts)));
        }
        if !self.units.is_empty() {
            let units = self.units.iter().map(|unit| unit_arn(unit)).collect();
            share.push(format!("units: [{}]", quoted(units)));
        }
        if self.organization {
            share.push(format!("organizations: [\"{}\"]", organization_arn()));
        }
        let mut distribute = vec![
            format!("exclusive: {}", self.exclusive),
            format!("tags: {{ team: t{} }}", self.tag),
        ];
        if !self.regions.is_empty() {
            distribute.push(format!("regions: {{ {} }}", regions.collect::<Vec<_>>().join(", ")));
        }
        if self.has_audience() {
            distribute.push(format!("share_with: {{ {} }}", share.join(", ")));
        }
        if self.publishes() {
            let to = [
                self.to_hub.then_some("hub"),
                self.publishes_to_audience().then_some("audience"),
            ];
            let to: Vec<&str> = to.into_iter().flatten().collect();
            distribute.push(format!(
                "publish: {{ parameter: \"/golden/{{family}}/{{architecture}}/{{channel}}\", to: [{}] }}",
                to.join(", ")
            ));
        }
        let stable = match self.stable {
            Stable::None => String::new(),
            Stable::After(hours) => format!(", stable: {{ from: candidate, after: {hours}h }}"),
            Stable::ByHand => String::from(", stable: { by: hand }"),
        };
        let build = self.building.as_ref().map_or_else(
            || {
                String::from(
                    "build:\n  parent: { parameter: \"/base/{architecture}\", owner: self }\n  infrastructure: { instance_types: \
                     [t3.medium], instance_profile: P }\n",
                )
            },
            Building::says,
        );
        format!(
            "family: {}\narchitectures: [{}]\n{build}distribute: {{ {} }}\nchannels: {{ candidate: {{ from: release }}{stable} }}\n{}",
            self.family,
            self.architectures.join(", "),
            distribute.join(", "),
            self.retain
                .as_ref()
                .map(|retain| retain.says(self.has_audience()))
                .unwrap_or_default(),
        )
    }

    /// Who may launch its images by it, as the organization stands.
    pub(crate) fn launchers(&self, world: &World) -> BTreeSet<String> {
        let named = self.named(world).map(|account| account.to_string());
        let units = self.units.iter().map(|unit| unit_arn(unit));
        let organization = self.organization.then(organization_arn);
        named.chain(units).chain(organization).collect()
    }

    /// Whom it names, by whatever word.
    pub(crate) fn declared(&self) -> BTreeSet<String> {
        let accounts = self.accounts.iter().map(ToString::to_string);
        let units = self.units.iter().map(|unit| unit_arn(unit));
        accounts
            .chain(units)
            .chain(self.organization.then(organization_arn))
            .collect()
    }

    /// Who may copy their snapshots.
    pub(crate) fn copiers(&self, world: &World, company: &Company) -> BTreeSet<String> {
        if !self.may_copy {
            return BTreeSet::new();
        }
        let named = self.named(world);
        let meant = company.everybody().filter(|account| self.means(world, *account));
        let both: BTreeSet<AccountId> = named.chain(meant).collect();
        both.iter().map(ToString::to_string).collect()
    }

    /// The accounts that are its audience: those named and those meant by their units.
    pub(crate) fn readers(&self, world: &World, company: &Company) -> BTreeSet<AccountId> {
        let named: BTreeSet<AccountId> = self.named(world).collect();
        company
            .everybody()
            .filter(|account| named.contains(account) || self.means(world, *account))
            .collect()
    }

    /// Accounts that are named, those that are closed left out.
    fn named(&self, world: &World) -> impl Iterator<Item = AccountId> {
        let closed = |account: &AccountId| {
            let account = world.account(*account);
            account.is_some_and(|account| account.state == AccountState::Closed)
        };
        self.accounts
            .iter()
            .copied()
            .filter(move |account| *account != HUB && !closed(account))
    }

    /// Whether an account is meant by a unit that it is in, however deep, or by the organization, and works.
    fn means(&self, world: &World, account: AccountId) -> bool {
        let Some(membership) = membership(account, world) else {
            return false;
        };
        self.organization
            || self
                .units
                .iter()
                .any(|unit| membership.unit_arns.contains(&unit_arn(unit)))
    }

    /// Whether an account is in a unit, however deep, and works.
    pub(crate) fn is_in(unit: &str, account: AccountId, world: &World) -> bool {
        membership(account, world).is_some_and(|membership| membership.unit_arns.contains(&unit_arn(unit)))
    }
}

/// Where an account that works is in the organization.
fn membership(account: AccountId, world: &World) -> Option<&Membership> {
    let there = world.account(account).filter(|there| there.state.usable());
    there.and_then(|there| there.membership.as_ref())
}

fn toggle<T: Ord + Clone + std::fmt::Display>(all: &mut BTreeSet<T>, one: T) -> String {
    let says = one.to_string();
    if all.remove(&one) {
        format!("without {says}")
    } else {
        all.insert(one);
        format!("with {says}")
    }
}
