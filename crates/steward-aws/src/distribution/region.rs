//! What a Region allows an account.

use aws_sdk_ec2::types::SnapshotBlockPublicAccessState;
use steward::Region;
use steward::distribution::PublicAccess;
use steward::manifest::Audience;

use crate::{AtTarget, ImagesOf, Problem};

/// What EC2 says of a Region that may be used; what else it says is that somebody must enable it first.
const ENABLED: [&str; 2] = ["opt-in-not-required", "opted-in"];
/// What EC2 says where nothing is blocked.
const UNBLOCKED: &str = "unblocked";

impl AtTarget {
    /// Whether a Region is enabled for the account. One that EC2 does not list is not.
    pub async fn is_enabled(&self, region: Region) -> Result<bool, Problem> {
        let doing = format!("look whether {region} is enabled");
        self.reads.wait().await;
        let call = self.ec2.describe_regions().all_regions(true).send();
        let answer = self.answered(&doing, call).await?;
        let named = region.to_string();
        let mut listed = answer.regions().iter();
        let there = listed.find(|listed| listed.region_name() == Some(&named));
        Ok(there
            .and_then(|there| there.opt_in_status())
            .is_some_and(|status| ENABLED.contains(&status)))
    }

    /// What the account lets be shared with everybody in the target. Asked for only where that is wanted.
    pub(super) async fn public_access(&self, audience: &Audience) -> Result<PublicAccess, Problem> {
        if !audience.public {
            return Ok(PublicAccess::default());
        }
        let doing = "look whether images can be public";
        self.reads.wait().await;
        let call = self.ec2.get_image_block_public_access_state().send();
        let images = self.answered(doing, call).await?;
        let snapshots_blocked = audience.may_copy && self.blocks_public_snapshots().await?;
        let public = ImagesOf::Public(self.target.account());
        Ok(PublicAccess {
            images_blocked: images.image_block_public_access_state() != Some(UNBLOCKED),
            snapshots_blocked,
            public_images: self.described(&public, |_| Ok(())).await?.len(),
        })
    }

    async fn blocks_public_snapshots(&self) -> Result<bool, Problem> {
        let doing = "look whether snapshots can be public";
        self.reads.wait().await;
        let call = self.ec2.get_snapshot_block_public_access_state().send();
        let snapshots = self.answered(doing, call).await?;
        Ok(snapshots.state().map(SnapshotBlockPublicAccessState::as_str) != Some(UNBLOCKED))
    }
}
