use steward::manifest::Manifest;
use steward::organization::OrganizationSeen;
use steward::{AccountId, ChannelName, Timestamp};
use steward_aws::{HeldAudience, HeldFamily, Member, Problem};

use crate::Room;

/// A family, read once for all that is decided of it.
pub(crate) struct Family<'a> {
    pub(crate) manifest: &'a Manifest,
    /// The manifest's number.
    pub(crate) number: u32,
    /// Who may use it.
    pub(crate) audience: HeldAudience,
    /// The organization, where it was read.
    pub(crate) organization: Option<&'a OrganizationSeen>,
    /// What the record has of it.
    pub(crate) held: HeldFamily,
}

impl<'a> Family<'a> {
    pub(crate) async fn read(
        room: &Room,
        (manifest, number): (&'a Manifest, u32),
        audience: HeldAudience,
        organization: Option<&'a OrganizationSeen>,
    ) -> Result<Self, Problem> {
        let held = room.record.family(&manifest.family).await?;
        Ok(Self {
            manifest,
            number,
            audience,
            organization,
            held,
        })
    }

    /// Whether an account is known to be closed, or in the organization no more: nobody lets anybody in there.
    pub(crate) fn is_gone(&self, account: AccountId) -> bool {
        self.organization.is_some_and(|seen| !seen.works(account))
    }

    /// The channel that one follows.
    pub(crate) fn source(&self, channel: &ChannelName) -> Option<&'a ChannelName> {
        self.manifest.channels.get(channel)?.source()
    }

    /// Its usable releases that nobody was told of, and since when they are.
    pub(crate) fn untold(&self) -> impl Iterator<Item = (&Member, Timestamp)> {
        let untold = self.held.members.iter().filter(|member| member.untold);
        untold.filter_map(|member| Some((member, member.usable?)))
    }
}
