//! The switch: while it is on, nothing of ours changes anything in AWS.

use steward::Timestamp;

use crate::Problem;
use crate::record::{Key, PausedItem, Record};

/// Whether the functions may act, asked before every call that changes something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SwitchState {
    /// They may.
    Running,
    /// They may not, and why: somebody said so, or nobody can be asked.
    Paused(String),
}

/// What holds until somebody first throws the switch: the template's parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstValue {
    /// The functions act from the start.
    Running,
    /// They wait for the first `steward resume`.
    Paused,
}

/// The switch, as somebody left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// Whether it is on.
    pub paused: bool,
    /// Who threw it last.
    pub who: String,
    /// Why.
    pub why: String,
    /// When.
    pub since: Timestamp,
}

impl Record {
    /// Reads the switch; none where nobody has thrown it yet.
    pub async fn switch(&self) -> Result<Option<Switch>, Problem> {
        let item: Option<PausedItem> = self.get(Key::paused()).await?;
        Ok(item.map(
            |PausedItem {
                 paused,
                 who,
                 why,
                 since,
             }| Switch {
                paused,
                who,
                why,
                since,
            },
        ))
    }

    /// Throws the switch.
    pub async fn throw(&self, switch: &Switch) -> Result<(), Problem> {
        let Switch {
            paused,
            who,
            why,
            since,
        } = switch.clone();
        let item = PausedItem {
            paused,
            who,
            why,
            since,
        };
        self.set(Key::paused(), item, None).await.map(drop)
    }

    /// Whether the functions may act now. A switch that cannot be read is on.
    pub async fn may_act(&self, first: FirstValue) -> SwitchState {
        match self.switch().await {
            Ok(Some(Switch { paused: false, .. })) => SwitchState::Running,
            Ok(Some(Switch { who, why, since, .. })) => {
                SwitchState::Paused(format!("{who} paused it on {since}: {why}"))
            }
            Ok(None) => match first {
                FirstValue::Running => SwitchState::Running,
                FirstValue::Paused => SwitchState::Paused(String::from(
                    "it was deployed so, and nobody has run `steward resume` since",
                )),
            },
            Err(problem) => SwitchState::Paused(format!("the switch cannot be read: {problem}")),
        }
    }
}
