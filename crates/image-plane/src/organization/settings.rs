//! How large an organization is, and how strange.

use super::Odds;
use crate::ids::AccountId;
use crate::region::Region;
use crate::world::Target;

/// What organization to found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrganizationSettings {
    /// The same seed founds the same organization.
    pub seed: u64,
    /// Where builds happen.
    pub hub: Target,
    /// How many accounts, the hub among them; at least one.
    pub accounts: usize,
    /// How many Regions, of those in the hub's partition that need no opting in; at least one, and 17 in `aws`.
    pub regions: usize,
    /// How many families.
    pub families: usize,
    /// How many builds each architecture of a family has had.
    pub releases_per_family: usize,
    /// Into how many targets each release went, where there are so many.
    pub targets_per_release: usize,
    /// Over how many days the builds are spread.
    pub days: u32,
    /// How many newest releases of each line nobody has begun to retire.
    pub untouched: usize,
    /// How many things use images.
    pub users: UserCounts,
    /// Instances in a [swarm](super::Oddity::Swarm).
    pub swarm: usize,
    /// Of a thousand members, so many are closed.
    pub suspended: u16,
    /// Of a thousand Regions of members, so many are switched off.
    pub switched_off: u16,
    /// Of a thousand placements, so many are tagged to be kept.
    pub kept: u16,
    /// Of a thousand placements, so many are protected from deregistration.
    pub protected: u16,
    /// How often what is out of the ordinary happens.
    pub odds: Odds,
}

/// How many of each kind use images, beside what oddities add. Parameters and pipelines of families come by themselves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UserCounts {
    /// Instances.
    pub instances: usize,
    /// Launch templates, each of up to five versions.
    pub templates: usize,
    /// Launch configurations; every second one has a group.
    pub configurations: usize,
    /// Groups by template and by mixed instances policy.
    pub groups: usize,
    /// EC2 Fleets and Spot Fleets.
    pub fleets: usize,
    /// Spot Instance requests.
    pub spot_requests: usize,
    /// Parameters of people's own.
    pub parameters: usize,
    /// Pipelines of people's own, and recipes without one.
    pub pipelines: usize,
}

impl UserCounts {
    /// Users for about so many images.
    #[must_use]
    pub const fn in_proportion(instances: usize) -> Self {
        Self {
            instances,
            templates: instances / 3 + 1,
            configurations: instances / 6 + 1,
            groups: instances / 3 + 1,
            fleets: instances / 6 + 1,
            spot_requests: instances / 6 + 1,
            parameters: instances / 6 + 1,
            pipelines: instances / 12 + 1,
        }
    }
}

impl Default for OrganizationSettings {
    /// Five accounts, three Regions and four families: a few hundred images.
    fn default() -> Self {
        Self {
            seed: 1,
            hub: Target {
                account: AccountId::new(111_122_223_333),
                region: Region::IRELAND,
            },
            accounts: 5,
            regions: 3,
            families: 4,
            releases_per_family: 12,
            targets_per_release: 6,
            days: 400,
            untouched: 5,
            users: UserCounts::in_proportion(30),
            swarm: 200,
            suspended: 60,
            switched_off: 60,
            kept: 20,
            protected: 20,
            odds: Odds::all(150),
        }
    }
}

impl OrganizationSettings {
    /// The default organization of another seed.
    #[must_use]
    pub fn of_seed(seed: u64) -> Self {
        Self {
            seed,
            ..Self::default()
        }
    }

    /// Three accounts, two Regions and two families: some forty images, for tests that found many organizations.
    #[must_use]
    pub fn tiny(seed: u64) -> Self {
        Self {
            accounts: 3,
            regions: 2,
            families: 2,
            releases_per_family: 7,
            targets_per_release: 3,
            users: UserCounts::in_proportion(12),
            swarm: 30,
            ..Self::of_seed(seed)
        }
    }

    /// 300 accounts in 17 Regions and more than 100,000 images.
    #[must_use]
    pub fn huge(seed: u64) -> Self {
        Self {
            accounts: 300,
            regions: 17,
            families: 20,
            releases_per_family: 20,
            targets_per_release: 280,
            users: UserCounts::in_proportion(4000),
            swarm: 3000,
            odds: Odds::all(150),
            ..Self::of_seed(seed)
        }
    }
}
