//! Accounts: the hub, the members in their units, and outsiders.

use std::collections::BTreeSet;

use super::super::Account;
use super::Founding;
use crate::ids::AccountId;
use crate::organizations;
use crate::region::Region;
use crate::world::Target;
use crate::world::accounts::{AccountState, Membership};

const UNITS: u64 = 4;
const ROOT: &str = "r-ab12";
/// Numbers with a meaning: Amazon's, and the seller of the Marketplace.
const TAKEN: [u64; 4] = [137_112_412_989, 801_119_661_308, 99_720_109_477, 679_593_333_241];
const OUTSIDERS: usize = 3;

impl Founding<'_> {
    pub(super) fn accounts(&mut self) {
        let hub = self.settings.hub;
        let mut dice = self.dice.of("accounts");
        self.made.regions = self.regions();
        let mut taken: BTreeSet<AccountId> = TAKEN.map(AccountId::new).into();
        taken.insert(hub.account);
        let mut number = |dice: &mut super::Dice| loop {
            // One in ten begins with a zero.
            let id = AccountId::new(dice.between(1_000_000_000, 999_999_999_999));
            if taken.insert(id) {
                return id;
            }
        };
        let management = number(&mut dice);
        let organization = format!("o-{:010x}", dice.below(1 << 40));
        let partition = hub.region.partition();
        let arn = |rest: String| format!("arn:{partition}:organizations::{management}:{rest}");
        self.made.arn = arn(format!("organization/{organization}"));
        for place in 0..self.settings.accounts.max(1) {
            let id = if place == 0 { hub.account } else { number(&mut dice) };
            let unit = dice.between(1, UNITS);
            let suspended = dice.chance(self.settings.suspended) && place > 0;
            let mut switched_off = BTreeSet::new();
            for region in &self.made.regions {
                if dice.chance(self.settings.switched_off) && place > 0 && *region != hub.region {
                    switched_off.insert(*region);
                }
            }
            let unit = arn(format!("ou/{organization}/{}", unit_id(unit)));
            self.made.accounts.push(Account {
                id,
                unit,
                suspended,
                switched_off,
            });
        }
        // What is in the world already stays, and a world has one organization.
        if self.world.organization.is_none() {
            let founded = self.made.founded;
            let mut known = organizations::Organization::new(partition, management, &organization, ROOT, founded);
            for unit in 1..=UNITS {
                known.add_unit(&unit_id(unit), ROOT, &format!("unit-{unit}"));
            }
            self.world.account_mut(management).membership = Some(known.place(ROOT));
            self.world.organization = Some(known);
        }
        self.made.outsiders = (0..OUTSIDERS).map(|_| number(&mut dice)).collect();
        for account in &self.made.accounts {
            let known = self.world.account_mut(account.id);
            if account.suspended {
                known.state = AccountState::Closed;
            }
            known.disabled.extend(account.switched_off.iter().copied());
            known.membership = Some(Membership {
                organization_arn: self.made.arn.clone(),
                unit_arns: vec![account.unit.clone()],
            });
            if account.suspended {
                self.closed.insert(account.id);
            }
            let off = account.switched_off.iter().map(|region| Target {
                account: account.id,
                region: *region,
            });
            self.switched_off.extend(off);
        }
    }

    /// The hub's Region, then others of its partition that are on unless switched off.
    fn regions(&self) -> Vec<Region> {
        let hub = self.settings.hub.region;
        let usual = |region: &Region| region.partition() == hub.partition() && !region.needs_opt_in() && *region != hub;
        let others: Vec<Region> = Region::all().filter(usual).collect();
        let others = self.dice.of("regions").shuffled(&others);
        let all = std::iter::once(hub).chain(others);
        all.take(self.settings.regions.max(1)).collect()
    }
}

fn unit_id(number: u64) -> String {
    format!("ou-ab12-{number:08}")
}
