//! The state in which a placement was seen, and whom that concerns.

use steward::{AmiState, Output, ReleaseId};
use steward_aws::Problem;
use steward_lambda::Moment;

use crate::Room;

/// Takes in the state of a placement; true where it is another one. How the release stands with a member is then looked at by the
/// next sweep, as what channels point to may be named although it is gone; and how it stands in the hub where nobody can launch
/// it any more, as nobody may have a channel point to it meanwhile.
pub(crate) async fn observe(
    room: &Room,
    release: ReleaseId,
    output: Output,
    state: AmiState,
    moment: Moment,
) -> Result<bool, Problem> {
    let changed = room.record.observe(release, output, state, moment.now).await?;
    let is_members = output.target.account() != room.aws.hub().account();
    if changed
        && (is_members || state != AmiState::Available)
        && let Some(family) = room.record.card(release).await?.and_then(|card| card.family)
    {
        room.record.reconsider(&family, release, output.target).await?;
    }
    Ok(changed)
}
