//! Each kind of thing that people do to who may use what, once: what there is to do it to is looked for.

use std::collections::BTreeSet;

use image_plane::{AccountId, AccountState, Effect, Fault, ImageId, SurveyedImage, World};
use stage::aws::{HUB, hours, minutes};
use steward::ChannelName;
use steward::channels::ChannelHeld;

use crate::company::ROOT;
use crate::judge::Known;
use crate::policy::Policy;
use crate::site::{Broken, Site};
use crate::weather::{Door, calm, inject};

/// What people do, once faults have stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    JoinsAUnit,
    LeavesAUnit,
    Closes,
    GrantsAStranger,
    NamesAnAccount,
    /// While EC2 shares nothing, for one sweep.
    NamesAnAccountInVain,
    DropsAnAccount,
    DropsAUnit,
    DropsARegion,
    Builds,
    Promotes,
    RollsBack,
    Revokes,
}

impl Act {
    pub(crate) const ALL: [Self; 13] = [
        Self::JoinsAUnit,
        Self::LeavesAUnit,
        Self::Closes,
        Self::GrantsAStranger,
        Self::NamesAnAccount,
        Self::NamesAnAccountInVain,
        Self::DropsAnAccount,
        Self::DropsAUnit,
        Self::DropsARegion,
        Self::Builds,
        Self::Promotes,
        Self::RollsBack,
        Self::Revokes,
    ];

    /// Whether permissions are other than they should be until the next sweep.
    pub(crate) const fn leaves_grants_wrong(self) -> bool {
        match self {
            Self::JoinsAUnit
            | Self::LeavesAUnit
            | Self::Closes
            | Self::GrantsAStranger
            | Self::NamesAnAccount
            | Self::NamesAnAccountInVain
            | Self::DropsAnAccount
            | Self::DropsAUnit => true,
            Self::DropsARegion | Self::Builds | Self::Promotes | Self::RollsBack | Self::Revokes => false,
        }
    }

    /// Whether a channel points elsewhere by it, which is to be published.
    pub(crate) const fn moves_a_channel(self) -> bool {
        matches!(self, Self::Builds | Self::Promotes | Self::RollsBack | Self::Revokes)
    }
}

impl Site {
    /// Says what was done; an error where that could not be.
    pub(crate) async fn perform(&mut self, act: Act) -> Result<String, Broken> {
        match act {
            Act::JoinsAUnit => {
                let unit = self.unit();
                let account = self.a_stranger()?;
                self.moves(account, &unit)
            }
            Act::LeavesAUnit => {
                let account = self.one_of_the_unit()?;
                self.moves(account, ROOT)
            }
            Act::Closes => {
                let account = self.one_of_the_unit()?;
                let closed = self.plane().with(|world| world.close_account(account));
                // It goes on working for five minutes.
                self.aws.pass(minutes(6)).await;
                closed.map_err(|why| why.to_string())?;
                Ok(account.to_string())
            }
            Act::GrantsAStranger => self.grant_a_stranger().await,
            Act::NamesAnAccount => {
                let account = self.a_stranger()?;
                self.families[0].policy.accounts.insert(account);
                self.apply_manifest(0).await;
                Ok(account.to_string())
            }
            Act::NamesAnAccountInVain => {
                let account = self.a_stranger()?;
                self.families[0].policy.accounts.insert(account);
                self.apply_manifest(0).await;
                self.sweep_where_ec2_shares_nothing().await?;
                Ok(account.to_string())
            }
            Act::DropsAnAccount => {
                let accounts = &mut self.families[0].policy.accounts;
                let dropped = accounts.pop_first().ok_or("it names none")?;
                self.apply_manifest(0).await;
                Ok(dropped.to_string())
            }
            Act::DropsAUnit => {
                let units = &mut self.families[0].policy.units;
                let dropped = units.pop_first().ok_or("it names none")?;
                self.apply_manifest(0).await;
                Ok(dropped)
            }
            Act::DropsARegion => {
                let region = *self.dice.pick(&self.company.regions);
                let dropped = self.families[0].policy.regions.remove(region);
                dropped.ok_or("it does not name that Region")?;
                self.apply_manifest(0).await;
                Ok(region.to_owned())
            }
            Act::Builds => {
                self.build(0).await;
                self.aws.pass(hours(1)).await;
                Ok(self.families[0].builds.last().unwrap().arn.clone())
            }
            Act::Promotes => {
                let built = self.families[0].builds.last().unwrap().arn.clone();
                let (_, release) = built.rsplit_once(":image/").unwrap();
                self.command(&[
                    "promote",
                    release,
                    "--to",
                    "stable",
                    "--because",
                    "tested",
                    "--yes",
                    "--force",
                ])
                .await
            }
            Act::RollsBack => {
                let family = self.families[0].policy.family.clone();
                let words = [
                    "rollback",
                    &family,
                    "--channel",
                    "stable",
                    "--because",
                    "it does not boot",
                    "--yes",
                ];
                self.command(&words).await
            }
            Act::Revokes => {
                let build = self.families[0].builds.last().unwrap().clone();
                let came = self
                    .command(&["revoke", &build.arn, "--because", "a bad key", "--yes"])
                    .await?;
                self.judge.revoked.insert(build.release);
                Ok(came)
            }
        }
    }

    /// Whoever would publish now what its reader cannot see is caught by what is judged after each call.
    async fn sweep_where_ec2_shares_nothing(&mut self) -> Result<(), Broken> {
        self.aws.pass(minutes(5)).await;
        self.weather.persists = true;
        let refused = Fault::new(Effect::Deny).on("ModifyImageAttribute").always();
        inject(self.plane(), Door::Aws, refused);
        let swept = Box::pin(self.sweep()).await;
        self.weather.persists = false;
        calm(self.plane());
        swept
    }

    async fn command(&mut self, words: &[&str]) -> Result<String, Broken> {
        let spoken = self.steward(words).await;
        if spoken.code == 0 {
            Ok(spoken.out)
        } else {
            Err(spoken.err)
        }
    }

    fn moves(&self, account: AccountId, place: &str) -> Result<String, Broken> {
        let moved = self.plane().with(|world| world.move_account(account, place));
        moved.map_err(|why| why.to_string())?;
        Ok(format!("{account} moves to {place}"))
    }

    /// Lets a stranger use what people launch: that is compared by each sweep.
    async fn grant_a_stranger(&mut self) -> Result<String, Broken> {
        let stranger = self.a_stranger()?;
        let images = self.plane().with(|world| world.survey_images(HUB));
        let on = self.on_candidate().await;
        let is_launched = |known: &Known| on.contains(&known.release);
        let images: Vec<(ImageId, SurveyedImage)> = self
            .judge
            .available(&images, is_launched)
            .into_iter()
            .filter(|(_, image)| self.families[0].policy.wanted().contains(image.target.region.name()))
            .collect();
        if images.is_empty() {
            return Err(String::from("nobody launches anything"));
        }
        let (id, image) = self.dice.pick(&images).clone();
        if self.share((id, &image), stranger, true).await {
            Ok(format!("{stranger} may use {id} in {}", image.target))
        } else {
            Err(format!("{id} could not be shared with {stranger}"))
        }
    }

    fn unit(&self) -> String {
        self.families[0].policy.units.first().unwrap().clone()
    }

    /// A member that works, lets us in, and has nothing to do with the family.
    fn a_stranger(&mut self) -> Result<AccountId, Broken> {
        let (policy, company) = (&self.families[0].policy, &self.company);
        let readers = self.aws.plane.with(|world| policy.readers(world, company));
        let policy = policy.clone();
        self.a_member(|account| !readers.contains(&account) && !policy.accounts.contains(&account))
    }

    /// A member that works and is in the unit that the manifest names, and is not named itself.
    fn one_of_the_unit(&mut self) -> Result<AccountId, Broken> {
        let unit = self.unit();
        let named = self.families[0].policy.accounts.clone();
        let inside = |account: &AccountId| self.aws.plane.with(|world| Policy::is_in(&unit, *account, world));
        let inside: BTreeSet<AccountId> = self.company.members.iter().copied().filter(inside).collect();
        self.a_member(|account| inside.contains(&account) && !named.contains(&account))
    }

    fn a_member(&mut self, is_one: impl Fn(AccountId) -> bool) -> Result<AccountId, Broken> {
        let works = |account: &AccountId| {
            let state = |world: &mut World| world.account(*account).map(|account| account.state);
            self.aws.plane.with(state).is_some_and(AccountState::usable)
        };
        let members = self.company.members.iter().copied();
        let all: Vec<AccountId> = members
            .filter(|account| works(account) && self.judge.admitted.contains(account) && is_one(*account))
            .collect();
        if all.is_empty() {
            return Err(String::from("there is no such account"));
        }
        Ok(*self.dice.pick(&all))
    }

    /// The releases that `candidate` points to.
    pub(crate) async fn on_candidate(&self) -> BTreeSet<String> {
        let name = self.families[0].policy.family.parse().unwrap();
        let channels = self.record.channels(&name).await.unwrap();
        let candidate: ChannelName = "candidate".parse().unwrap();
        let releases = channels.get(&candidate).into_iter().flat_map(ChannelHeld::releases);
        releases.map(|release| release.to_string()).collect()
    }
}
