//! Where releases are to be and how far that is: who may use a family, and how each release stood in each target.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use serde::{Deserialize, Serialize};
use steward::distribution::{Copier, Grantee, Places, ResolvedAudience, SnapshotAudience, Stood};
use steward::evidence::LookedUp;
use steward::manifest::Distribute;
use steward::organization::UnitPath;
use steward::publication::PublishUnder;
use steward::{
    AccountId, Duration, FamilyName, OrganizationArn, OrganizationalUnitArn, Region, ReleaseId, Target, Timestamp,
    Words,
};

use super::keys::{Key, SENT, STOOD, STOOD_WITH_HUB, of_family, stood_of, with_hub_in};
use super::table::Condition;
use super::{AT_ONCE, Record};
use crate::Problem;

/// After so long a message is taken for lost, and sent again. The queue shows it again by then if its worker was killed.
pub const DISTRIBUTION_LOST: Duration = Duration::minutes(30);

/// Who may use a family is looked up by each sweep. What is older may be wrong by now, and nothing is granted or taken by it.
const AUDIENCE_HOLDS: Duration = Duration::hours(1);

/// A family's audience, as it was last looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldAudience {
    /// Who may use it.
    pub audience: ResolvedAudience,
    /// By which of the family's manifests.
    pub manifest: u32,
    /// The accounts that are it; none: they are not known.
    pub readers: Option<BTreeSet<AccountId>>,
    /// Since when its organization cannot be read: the accounts are as they were then.
    pub unread_since: Option<Timestamp>,
    /// The members that own copies.
    pub owners: BTreeSet<AccountId>,
    /// Where in their organization the accounts are that it names: by that keys may let them in.
    pub places: Places,
    /// Under what the hub may write parameters for it; none: nobody said.
    pub publish_under: Option<PublishUnder>,
    /// What tells it from another.
    pub digest: String,
    /// When.
    pub as_of: Timestamp,
}

impl HeldAudience {
    /// The same, account by account, for whoever goes by this manifest; none where they are not known.
    pub fn looked_up(&self, manifest: u32) -> Option<LookedUp<'_>> {
        let accounts = self.readers.as_ref()?;
        Some(LookedUp {
            accounts,
            as_of: self.unread_since.unwrap_or(self.as_of),
            holds: self.manifest == manifest && self.unread_since.is_none(),
        })
    }
}

impl HeldAudience {
    /// The members that own copies of a family: until somebody has looked which of them are closed, all that are named.
    pub(crate) fn owners_of(held: Option<&Self>, distribute: &Distribute) -> BTreeSet<AccountId> {
        let named = || distribute.copy_to.iter().copied().collect();
        held.map_or_else(named, |held| held.owners.clone())
    }

    /// The accounts that are it by what is known now: while its organization cannot be read, nobody is written to.
    pub fn known_readers(&self) -> Option<&BTreeSet<AccountId>> {
        self.readers.as_ref().filter(|_| self.unread_since.is_none())
    }

    /// Whether it still holds, for this manifest of the family: of another's audience some would be taken back whom this one
    /// names.
    pub fn holds(&self, manifest: u32, now: Timestamp) -> bool {
        let until = self.as_of.checked_add(AUDIENCE_HOLDS);
        self.manifest == manifest && until.is_none_or(|until| now < until)
    }
}

#[derive(Serialize, Deserialize, Debug)]
struct AudienceItem {
    manifest: u32,
    digest: String,
    as_of: Timestamp,
    launch: GranteeItems,
    #[serde(default)]
    readers: Option<BTreeSet<AccountId>>,
    /// The accounts in each place: many are in few.
    #[serde(default)]
    places: BTreeMap<UnitPath, BTreeSet<AccountId>>,
    #[serde(default)]
    unread_since: Option<Timestamp>,
    owners: BTreeSet<AccountId>,
    #[serde(default)]
    publish_under: Option<PublishUnder>,
    #[serde(default)]
    copy: Option<CopierItems>,
    /// Why it is not known who may copy.
    #[serde(default)]
    unknown: Option<Words>,
}

#[derive(Serialize, Deserialize, Debug, Default)]
pub(super) struct GranteeItems {
    accounts: Vec<AccountId>,
    units: Vec<OrganizationalUnitArn>,
    organizations: Vec<OrganizationArn>,
    everybody: bool,
}

#[derive(Serialize, Deserialize, Debug, Default)]
struct CopierItems {
    accounts: Vec<AccountId>,
    everybody: bool,
}

#[derive(Serialize, Deserialize, Debug)]
struct SentItem {
    target: Target,
    at: Timestamp,
}

impl Record {
    /// Writes who may use a family.
    pub async fn write_audience(&self, family: &FamilyName, held: &HeldAudience) -> Result<(), Problem> {
        self.set(Key::audience(family), AudienceItem::of(held), None)
            .await
            .map(drop)
    }

    /// Who may use a family; none where nobody has looked it up.
    pub async fn audience(&self, family: &FamilyName) -> Result<Option<HeldAudience>, Problem> {
        let item: Option<AudienceItem> = self.get(Key::audience(family)).await?;
        Ok(item.map(AudienceItem::held))
    }

    /// Writes how a release stood in a target.
    pub async fn write_stood(
        &self,
        family: &FamilyName,
        release: ReleaseId,
        target: Target,
        stood: &Stood,
    ) -> Result<(), Problem> {
        let key = self.stood_key(family, release, target);
        if target.account() == self.hub.account() {
            return self.set(key, stood, None).await.map(drop);
        }
        self.write_row(family, key, stood, stood).await
    }

    /// Has the next sweep look at how a release stands in a target, whose image there is not what it was. Until then nobody takes it for
    /// usable there.
    pub async fn reconsider(&self, family: &FamilyName, release: ReleaseId, target: Target) -> Result<(), Problem> {
        #[derive(Serialize)]
        struct ByNoManifest {
            manifest: u32,
        }
        let (key, by) = (self.stood_key(family, release, target), ByNoManifest { manifest: 0 });
        if target.account() == self.hub.account() {
            return self.set(key, by, Some(Condition::there())).await.map(drop);
        }
        self.amend_row(family, key, by).await
    }

    fn stood_key(&self, family: &FamilyName, release: ReleaseId, target: Target) -> Key {
        if target.account() == self.hub.account() {
            Key::stood_with_hub(family, release, target.region())
        } else {
            Key::stood(family, release, target)
        }
    }

    /// How a release stood in a target.
    pub async fn stood_in(
        &self,
        family: &FamilyName,
        release: ReleaseId,
        target: Target,
    ) -> Result<Option<Stood>, Problem> {
        self.get(self.stood_key(family, release, target)).await
    }

    /// Writes that work is sent to these targets: until it is done, nothing more is.
    pub async fn mark_sent(&self, targets: impl Iterator<Item = Target>, now: Timestamp) -> Result<(), Problem> {
        let marks = iter(targets.map(|target| async move {
            let item = SentItem { target, at: now };
            self.set(Key::sent(target), item, None).await.map(drop)
        }));
        marks.buffer_unordered(AT_ONCE).try_collect().await
    }

    /// Writes that more of what was sent to a target is on its way still, if that is so.
    pub async fn keep_sent(&self, target: Target, now: Timestamp) -> Result<(), Problem> {
        let item = SentItem { target, at: now };
        self.set(Key::sent(target), item, Some(Condition::there()))
            .await
            .map(drop)
    }

    /// Writes that the work that was sent to a target is done.
    pub async fn mark_done(&self, target: Target) -> Result<(), Problem> {
        self.delete(Key::sent(target)).await
    }

    /// The targets that work was sent to and that may be at it still.
    pub async fn sent(&self, now: Timestamp) -> Result<BTreeSet<Target>, Problem> {
        let items: Vec<SentItem> = self.query(SENT, "").await?;
        let is_at_it = |item: &SentItem| item.at.checked_add(DISTRIBUTION_LOST).is_some_and(|lost| now < lost);
        Ok(items.into_iter().filter(is_at_it).map(|item| item.target).collect())
    }

    /// How the releases of a family stood, wherever they were looked at.
    pub async fn stood(&self, family: &FamilyName) -> Result<BTreeMap<(ReleaseId, Target), Stood>, Problem> {
        let mut stood = self.members_stood(family).await?;
        stood.extend(self.hubs_stood(family).await?);
        Ok(stood)
    }

    /// The same with the hub alone.
    pub(super) async fn hubs_stood(
        &self,
        family: &FamilyName,
    ) -> Result<BTreeMap<(ReleaseId, Target), Stood>, Problem> {
        self.stood_from(family, STOOD_WITH_HUB).await
    }

    /// The same with members alone.
    pub(super) async fn members_stood(
        &self,
        family: &FamilyName,
    ) -> Result<BTreeMap<(ReleaseId, Target), Stood>, Problem> {
        self.stood_from(family, STOOD).await
    }

    /// How they stood with the hub in a Region.
    pub async fn stood_with_hub(
        &self,
        family: &FamilyName,
        region: Region,
    ) -> Result<BTreeMap<ReleaseId, Stood>, Problem> {
        let stood = self.stood_from(family, &with_hub_in(region)).await?;
        Ok(stood
            .into_iter()
            .map(|((release, _), stood)| (release, stood))
            .collect())
    }

    /// How one of them stood with members in a Region.
    pub async fn stood_with_members(
        &self,
        family: &FamilyName,
        release: ReleaseId,
        region: Region,
    ) -> Result<BTreeMap<Target, Stood>, Problem> {
        let stood = self.stood_from(family, &stood_of(release, region)).await?;
        Ok(stood.into_iter().map(|((_, target), stood)| (target, stood)).collect())
    }

    async fn stood_from(
        &self,
        family: &FamilyName,
        starts: &str,
    ) -> Result<BTreeMap<(ReleaseId, Target), Stood>, Problem> {
        let rows: Vec<(String, Stood)> = self.query_keyed(&of_family(family), starts, None).await?;
        // What is not found by such a key was written by an older version: it is looked at anew.
        let read = |(sk, stood): (String, Stood)| Some((self.stands(&sk)?, stood));
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// The release that a key is of, and the target.
    fn stands(&self, sk: &str) -> Option<(ReleaseId, Target)> {
        let (release, account, region) = if let Some(with_hub) = sk.strip_prefix(STOOD_WITH_HUB) {
            let (region, release) = with_hub.split_once('#')?;
            (release, self.hub.account(), region)
        } else {
            let (release, there) = sk.strip_prefix(STOOD)?.split_once('#')?;
            let (region, account) = there.split_once('#')?;
            (release, account.parse().ok()?, region)
        };
        Some((release.parse().ok()?, Target::new(account, region.parse().ok()?)))
    }
}

impl GranteeItems {
    pub(super) fn of(grantees: &BTreeSet<Grantee>) -> Self {
        let mut items = Self::default();
        for grantee in grantees {
            match grantee {
                Grantee::Account(account) => items.accounts.push(*account),
                Grantee::Unit(unit) => items.units.push(unit.clone()),
                Grantee::Organization(organization) => items.organizations.push(organization.clone()),
                Grantee::Everybody => items.everybody = true,
            }
        }
        items
    }

    pub(super) fn grantees(self) -> BTreeSet<Grantee> {
        let Self {
            accounts,
            units,
            organizations,
            everybody,
        } = self;
        let mut grantees: BTreeSet<Grantee> = accounts.into_iter().map(Grantee::Account).collect();
        grantees.extend(units.into_iter().map(Grantee::Unit));
        grantees.extend(organizations.into_iter().map(Grantee::Organization));
        grantees.extend(everybody.then_some(Grantee::Everybody));
        grantees
    }
}

impl AudienceItem {
    fn of(held: &HeldAudience) -> Self {
        let HeldAudience {
            audience: ResolvedAudience { images, snapshots },
            manifest,
            readers,
            unread_since,
            owners,
            places,
            publish_under,
            digest,
            as_of,
        } = held;
        let mut in_place: BTreeMap<UnitPath, BTreeSet<AccountId>> = BTreeMap::new();
        for (account, place) in places {
            in_place.entry(place.clone()).or_default().insert(*account);
        }
        let launch = GranteeItems::of(images);
        let (copy, unknown) = match snapshots {
            SnapshotAudience::Known(copiers) => {
                let mut copy = CopierItems::default();
                for copier in copiers {
                    match copier {
                        Copier::Account(account) => copy.accounts.push(*account),
                        Copier::Everybody => copy.everybody = true,
                    }
                }
                (Some(copy), None)
            }
            SnapshotAudience::Unknown(why) => (None, Some(why.clone())),
        };
        Self {
            manifest: *manifest,
            digest: digest.clone(),
            as_of: *as_of,
            readers: readers.clone(),
            unread_since: *unread_since,
            owners: owners.clone(),
            places: in_place,
            publish_under: publish_under.clone(),
            launch,
            copy,
            unknown,
        }
    }

    fn held(self) -> HeldAudience {
        let Self {
            manifest,
            digest,
            as_of,
            readers,
            unread_since,
            owners,
            places,
            publish_under,
            launch,
            copy,
            unknown,
        } = self;
        let in_place = places.into_iter().flat_map(|(place, accounts)| {
            let of = move |account| (account, place.clone());
            accounts.into_iter().map(of)
        });
        let images = launch.grantees();
        let snapshots = match copy {
            Some(copy) => {
                let mut copiers: BTreeSet<Copier> = copy.accounts.into_iter().map(Copier::Account).collect();
                copiers.extend(copy.everybody.then_some(Copier::Everybody));
                SnapshotAudience::Known(copiers)
            }
            None => SnapshotAudience::Unknown(unknown.unwrap_or_else(|| Words::from("nobody looked"))),
        };
        HeldAudience {
            audience: ResolvedAudience { images, snapshots },
            manifest,
            readers,
            unread_since,
            owners,
            places: in_place.collect(),
            publish_under,
            digest,
            as_of,
        }
    }
}
