//! What a Region allows an account.

use steward::Region;
use steward::distribution::PublicAccess;

use crate::{AtTarget, Problem};

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
    pub async fn public_access(&self, wanted: bool) -> Result<PublicAccess, Problem> {
        if !wanted {
            return Ok(PublicAccess::default());
        }
        let doing = "look whether images can be public";
        self.reads.wait().await;
        let call = self.ec2.get_image_block_public_access_state().send();
        let images = self.answered(doing, call).await?;
        Ok(PublicAccess {
            images_blocked: images.image_block_public_access_state() != Some(UNBLOCKED),
            ..PublicAccess::default()
        })
    }
}
