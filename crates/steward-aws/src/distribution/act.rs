//! The calls that bring a release where it should be.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{
    CreateVolumePermission, CreateVolumePermissionModifications, LaunchPermission, LaunchPermissionModifications,
    PermissionGroup, ResourceType, SnapshotAttributeName, TagSpecification,
};

use steward::distribution::{Change, Copier, DistributionStep, Grantee};
use steward::{AmiId, KmsKeyRef, Output, SnapshotId};

use crate::images::GONE;
use crate::problem::absent;
use crate::tags::tags;
use crate::{AtTarget, Cause, Problem};

/// EC2's words for a name in a request that it does not know, or not so. They speak of the whole call.
const NOT_KNOWN: [&str; 4] = [
    "InvalidAMIAttributeItemValue",
    "InvalidParameterValue",
    "InvalidUserID",
    "InvalidUserID.Malformed",
];

/// EC2's word where more is asked for than the account may have: copies at once, or public images.
const TOO_MANY: &str = "ResourceLimitExceeded";

impl Problem {
    /// Whether EC2 refused a name in the call: without it the others may get what they should.
    pub fn is_of_a_name(&self) -> bool {
        self.is_refused_as(&NOT_KNOWN)
    }

    /// Whether the account has as much already as it may.
    pub fn is_of_a_quota(&self) -> bool {
        self.code() == Some(TOO_MANY)
    }
}

impl AtTarget {
    /// Makes a step. The same token copies once: the answer is the copy, and for as long as EC2 remembers the token that one
    /// again, gone or not. What it grants on a key, `retired_by` may take back.
    pub async fn distribute(
        &self,
        step: &DistributionStep,
        token: &str,
        retired_by: Option<&str>,
    ) -> Result<Option<AmiId>, Problem> {
        let doing = step.to_string();
        self.writes.wait().await;
        match step {
            DistributionStep::Copy { from, name, key, tags } => {
                let copy = self.copy(*from, name, key.as_ref(), tags, token, &doing).await?;
                return Ok(Some(copy));
            }
            DistributionStep::DeregisterFailed { ami } => self.deregister_failed(*ami, &doing).await,
            DistributionStep::Enable { ami } => {
                let request = self.ec2.enable_image().image_id(ami.to_string());
                self.answered(&doing, request.send()).await.map(drop)
            }
            DistributionStep::Tag { on, set } => self.create_tags(on, tags(set), &doing).await,
            DistributionStep::Permit {
                ami: _,
                snapshot,
                change,
            } => self.permit(*snapshot, change, &doing).await,
            DistributionStep::Grant { ami, change } => self.grant(*ami, change, &doing).await,
            DistributionStep::LendKey { key, to, name } => self.lend_key((key, *to), name, retired_by, &doing).await,
            DistributionStep::TakeBackKey { grant } => self.take_back_key(grant, &doing).await,
        }
        .map(|()| None)
    }

    async fn deregister_failed(&self, ami: AmiId, doing: &str) -> Result<(), Problem> {
        let request = self.ec2.deregister_image().image_id(ami.to_string());
        // What a copy that failed had made of snapshots is nobody's.
        let call = request.delete_associated_snapshots(true).send();
        absent(self.answered(doing, call).await, &GONE).map(drop)
    }

    async fn copy(
        &self,
        from: Output,
        name: &str,
        key: Option<&KmsKeyRef>,
        with: &BTreeMap<String, String>,
        token: &str,
        doing: &str,
    ) -> Result<AmiId, Problem> {
        let tagged = |kind| {
            TagSpecification::builder()
                .resource_type(kind)
                .set_tags(Some(tags(with)))
                .build()
        };
        let request = self
            .ec2
            .copy_image()
            .source_image_id(from.ami.to_string())
            .source_region(from.target.region().to_string())
            .name(name)
            .set_encrypted(key.map(|_| true))
            .set_kms_key_id(key.map(ToString::to_string))
            .tag_specifications(tagged(ResourceType::Image))
            .tag_specifications(tagged(ResourceType::Snapshot))
            .client_token(token);
        let answer = self.answered(doing, request.send()).await.map_err(no_room)?;
        let made = answer.image_id().unwrap_or_default();
        made.parse()
            .map_err(|error| Problem::not_understood(doing, self.target, error))
    }

    async fn permit(&self, snapshot: SnapshotId, change: &Change<Copier>, doing: &str) -> Result<(), Problem> {
        let of = |who: &BTreeSet<Copier>| Some(who.iter().map(permission_to_copy).collect());
        let change = match change {
            Change::Add(who) => CreateVolumePermissionModifications::builder().set_add(of(who)),
            Change::Remove(who) => CreateVolumePermissionModifications::builder().set_remove(of(who)),
        };
        let request = self.ec2.modify_snapshot_attribute().snapshot_id(snapshot.to_string());
        let request = request.attribute(SnapshotAttributeName::CreateVolumePermission);
        let call = request.create_volume_permission(change.build()).send();
        self.answered(doing, call).await.map(drop)
    }

    pub(crate) async fn grant(&self, ami: AmiId, change: &Change<Grantee>, doing: &str) -> Result<(), Problem> {
        let of = |who: &BTreeSet<Grantee>| Some(who.iter().map(permission_to_launch).collect());
        let change = match change {
            Change::Add(who) => LaunchPermissionModifications::builder().set_add(of(who)),
            Change::Remove(who) => LaunchPermissionModifications::builder().set_remove(of(who)),
        };
        let request = self.ec2.modify_image_attribute().image_id(ami.to_string());
        let call = request.launch_permission(change.build()).send();
        self.answered(doing, call).await.map(drop)
    }
}

/// As many copies are under way as EC2 makes at once, everybody's: that is no failure of this one.
fn no_room(problem: Problem) -> Problem {
    let Problem { doing, target, cause } = problem;
    let cause = match cause {
        Cause::Refused { code, message } if code == TOO_MANY => Cause::NoRoom { code, message },
        other => other,
    };
    Problem { doing, target, cause }
}

fn permission_to_copy(who: &Copier) -> CreateVolumePermission {
    let permission = CreateVolumePermission::builder();
    match who {
        Copier::Account(account) => permission.user_id(account.to_string()),
        Copier::Everybody => permission.group(PermissionGroup::All),
    }
    .build()
}

fn permission_to_launch(who: &Grantee) -> LaunchPermission {
    let permission = LaunchPermission::builder();
    match who {
        Grantee::Account(account) => permission.user_id(account.to_string()),
        Grantee::Unit(unit) => permission.organizational_unit_arn(unit.to_string()),
        Grantee::Organization(organization) => permission.organization_arn(organization.to_string()),
        Grantee::Everybody => permission.group(PermissionGroup::All),
    }
    .build()
}
