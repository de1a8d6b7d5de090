use serde::Serialize;
use steward::Target;

/// What came of a message: its line in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// The run that sent it.
    pub run: String,
    /// Where.
    pub target: Target,
    /// Steps that were made.
    pub made: Vec<String>,
    /// Steps that were found made.
    pub found: usize,
    /// Steps that wait for others, each with what it waits for. The next plan has them again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<String>,
    /// Steps that were not made, as the world is another by now, each with why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
    /// Snapshots that did not go with their images, each with why. They are tried again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<String>,
    /// Who is let launch no more although they were before their image was disabled.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// What could not be read or made. It is tried again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
    /// Why nothing more was changed: the switch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<String>,
    /// Who else is at work there, so that this worker left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub another: Option<String>,
    /// How many steps time ran out for: a message of their own goes on with them.
    #[serde(skip_serializing_if = "is_zero")]
    pub continued: usize,
    /// How many steps nobody knows yet what came of: that is asked again a little later.
    #[serde(skip_serializing_if = "is_zero")]
    pub open: usize,
    /// The longest that a call was made after its second look, in milliseconds: what somebody else did meanwhile was not seen.
    pub unseen_ms: u128,
}

impl Applied {
    pub(super) fn of(run: &str, target: Target) -> Self {
        Self {
            run: run.to_owned(),
            target,
            made: Vec::new(),
            found: 0,
            waiting: Vec::new(),
            refused: Vec::new(),
            left: Vec::new(),
            left_out: Vec::new(),
            problems: Vec::new(),
            paused: None,
            another: None,
            continued: 0,
            open: 0,
            unseen_ms: 0,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}
