//! What a target's Recycle Bin catches: people are told of it, and nothing is decided by it.

use steward::pruning::BinRules;
use steward::{Target, Words};
use steward_aws::Problem;
use steward_lambda::Moment;
use tokio::time::timeout;

use super::ONE_BIN;
use crate::Room;

/// Reads the rules there, where that is due. Who may not read them, or gets no answer, has whole evidence without them: why nobody
/// knows them is told where they are.
pub(crate) async fn read_bin(room: &Room, target: Target, moment: Moment) -> Result<(), Problem> {
    if !moment.deadline.leaves(ONE_BIN) || !room.record.is_bin_due(target, moment.now).await? {
        return Ok(());
    }
    let at = room.aws.at(target).await;
    let known = match timeout(ONE_BIN, Box::pin(at.bin_rules())).await {
        Ok(Ok(rules)) => BinRules::Read(rules),
        Ok(Err(problem)) => BinRules::Unread(Words::from(problem.to_string())),
        Err(_) => BinRules::Unread(Words::from("reading its rules took too long")),
    };
    room.record.write_bin(target, &known, moment.now).await
}
