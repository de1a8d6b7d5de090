//! The calls of pruning.

use std::collections::BTreeSet;

use aws_sdk_ec2::primitives::DateTime;
use aws_sdk_ec2::types::{DeleteSnapshotReturnCode, SnapshotReturnCodes};
use aws_sdk_imagebuilder::types::{ResourceState, ResourceStatus};
use steward::distribution::{Change, Grantee};
use steward::pruning::{CallKind, DEPRECATED_FROM, LeftSnapshot, PruningCall, WhyLeft};
use steward::{AmiId, ImageBuildArn, SnapshotId, Timestamp, Words};

use crate::builds::GONE as NO_BUILD;
use crate::distribution::NO_SNAPSHOT;
use crate::images::GONE;
use crate::problem::absent;
use crate::{AtTarget, Cause, Pace, Problem};

impl AtTarget {
    /// Makes a call of pruning, and says which snapshots did not go with their image. What is gone already counts as taken away.
    ///
    /// What AWS has no time for now is not refused: it is to be made again as it is, and whatever comes next more slowly.
    pub async fn prune(&self, call: &PruningCall, token: &str, now: Timestamp) -> Result<Vec<LeftSnapshot>, Problem> {
        let made = Box::pin(self.prune_at_once(call, token, now)).await;
        made.map_err(|problem| {
            if !problem.is_too_fast() {
                return problem;
            }
            self.pace_of(call.kind()).slow_down();
            let Problem { doing, target, cause } = problem;
            let cause = match cause {
                Cause::Refused { code, message } => Cause::NoRoom { code, message },
                other => other,
            };
            Problem { doing, target, cause }
        })
    }

    /// Waits until a call of this kind may be made: before the second look, so that nothing is waited for after it.
    pub async fn turn(&self, of: CallKind) {
        self.pace_of(of).wait().await;
    }

    const fn pace_of(&self, kind: CallKind) -> &Pace {
        match kind {
            CallKind::Rung => &self.retirements,
            CallKind::Permission => &self.writes,
            CallKind::Deregistration => &self.deregistrations,
            CallKind::Snapshot => &self.snapshot_deletions,
            CallKind::Output => &self.builder_writes,
        }
    }

    async fn prune_at_once(
        &self,
        call: &PruningCall,
        token: &str,
        now: Timestamp,
    ) -> Result<Vec<LeftSnapshot>, Problem> {
        let doing = call.to_string();
        match call {
            PruningCall::Deprecate(ami) => self.deprecate(*ami, now, &doing).await,
            PruningCall::CancelDeprecation(ami) => {
                let request = self.ec2.disable_image_deprecation().image_id(ami.to_string());
                self.answered(&doing, request.send()).await.map(drop)
            }
            PruningCall::Disable(ami) => {
                let request = self.ec2.disable_image().image_id(ami.to_string());
                self.answered(&doing, request.send()).await.map(drop)
            }
            PruningCall::Enable(ami) => {
                let request = self.ec2.enable_image().image_id(ami.to_string());
                self.answered(&doing, request.send()).await.map(drop)
            }
            PruningCall::Grant(ami, to) => self.let_launch(*ami, to, &doing).await,
            PruningCall::Deregister { ami, snapshots } => return self.deregister(*ami, snapshots, &doing).await,
            PruningCall::DeleteSnapshot { snapshot, of: _ } => {
                let request = self.ec2.delete_snapshot().snapshot_id(snapshot.to_string());
                absent(self.answered(&doing, request.send()).await, &NO_SNAPSHOT).map(drop)
            }
            PruningCall::DeprecateOutput(arn) => self.deprecate_output(arn, token, &doing).await,
            PruningCall::DeleteOutput(arn) => {
                let request = self.builder.delete_image().image_build_version_arn(arn.to_string());
                absent(self.answered(&doing, request.send()).await, &NO_BUILD).map(drop)
            }
        }
        .map(|()| Vec::new())
    }

    async fn deprecate(&self, ami: AmiId, now: Timestamp, doing: &str) -> Result<(), Problem> {
        let at = now.saturating_add(DEPRECATED_FROM).as_millisecond();
        let request = self.ec2.enable_image_deprecation().image_id(ami.to_string());
        let call = request.deprecate_at(DateTime::from_millis(at)).send();
        self.answered(doing, call).await.map(drop)
    }

    async fn let_launch(&self, ami: AmiId, to: &BTreeSet<Grantee>, doing: &str) -> Result<(), Problem> {
        self.grant(ami, &Change::Add(to.clone()), doing).await
    }

    async fn deregister(
        &self,
        ami: AmiId,
        snapshots: &[SnapshotId],
        doing: &str,
    ) -> Result<Vec<LeftSnapshot>, Problem> {
        let request = self.ec2.deregister_image().image_id(ami.to_string());
        let call = request.delete_associated_snapshots(true).send();
        let answer = absent(self.answered(doing, call).await, &GONE)?;
        let told = answer.map(|answer| answer.delete_snapshot_results.unwrap_or_default());
        Ok(left(snapshots, &told.unwrap_or_default()))
    }

    /// The image alone, and none of its AMIs: that is done at once, and by no other role than ours.
    async fn deprecate_output(&self, arn: &ImageBuildArn, token: &str, doing: &str) -> Result<(), Problem> {
        let state = ResourceState::builder().status(ResourceStatus::Deprecated).build();
        let request = self.builder.start_resource_state_update();
        let request = request.resource_arn(arn.to_string()).state(state).client_token(token);
        absent(self.answered(doing, request.send()).await, &NO_BUILD).map(drop)
    }
}

/// Those of an image's snapshots of which EC2 does not say that they are gone. The call succeeds whatever becomes of them.
fn left(snapshots: &[SnapshotId], told: &[DeleteSnapshotReturnCode]) -> Vec<LeftSnapshot> {
    let fate = |snapshot: &SnapshotId| {
        let id = snapshot.to_string();
        let told = told.iter().find(|told| told.snapshot_id() == Some(&id));
        why_left(told.and_then(DeleteSnapshotReturnCode::return_code))
    };
    let left = snapshots.iter().filter_map(|snapshot| {
        let why = fate(snapshot)?;
        Some(LeftSnapshot {
            snapshot: *snapshot,
            why,
        })
    });
    left.collect()
}

/// Why a snapshot is still there; none: it is gone.
fn why_left(code: Option<&SnapshotReturnCodes>) -> Option<WhyLeft> {
    Some(match code {
        Some(SnapshotReturnCodes::Success) => return None,
        Some(SnapshotReturnCodes::WarnSkipped) => WhyLeft::UsedByAnother,
        Some(SnapshotReturnCodes::ErrorMissingPermissions) => WhyLeft::NotPermitted,
        Some(SnapshotReturnCodes::ErrorCodeInternalError) => WhyLeft::InternalError,
        Some(SnapshotReturnCodes::ErrorCodeClientError) => WhyLeft::ClientError,
        Some(other) => WhyLeft::Otherwise(Words::from(other.as_str())),
        None => WhyLeft::NotTold,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(n: u8) -> SnapshotId {
        format!("snap-{n:017}").parse().unwrap()
    }

    fn told(n: u8, code: &str) -> DeleteSnapshotReturnCode {
        DeleteSnapshotReturnCode::builder()
            .snapshot_id(snapshot(n).to_string())
            .return_code(code.into())
            .build()
    }

    #[test]
    fn a_snapshot_is_gone_only_where_ec2_says_so_of_that_very_one() {
        let codes = [
            told(1, "success"),
            told(2, "skipped"),
            told(3, "missing-permissions"),
            told(4, "internal-error"),
            told(5, "client-error"),
            told(6, "maybe"),
        ];
        let all: Vec<SnapshotId> = (1..=7).map(snapshot).collect();
        let left = left(&all, &codes);
        let said: Vec<(SnapshotId, WhyLeft)> = left.into_iter().map(|left| (left.snapshot, left.why)).collect();
        assert_eq!(
            said,
            [
                (snapshot(2), WhyLeft::UsedByAnother),
                (snapshot(3), WhyLeft::NotPermitted),
                (snapshot(4), WhyLeft::InternalError),
                (snapshot(5), WhyLeft::ClientError),
                (snapshot(6), WhyLeft::Otherwise("maybe".into())),
                (snapshot(7), WhyLeft::NotTold),
            ]
        );
    }
}
