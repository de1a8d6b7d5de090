use serde::Serialize;
use steward::{FamilyName, Words};

/// What came of a message for a family: its line in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Distributed {
    /// Which.
    pub family: FamilyName,
    /// Releases that were looked at.
    pub releases: usize,
    /// Of those, such as stand as they should.
    pub settled: usize,
    /// Whether the family's channels are published there as they should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<bool>,
    /// What is in the way of that.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unpublished: Vec<Words>,
    /// Whether the account sees of the family's images what it should.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub viewed: Option<bool>,
    /// What is in the way of that.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unviewed: Vec<Words>,
    /// Steps that were made.
    pub steps: Vec<String>,
    /// Steps that were not, and why. They are tried again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
    /// What of that has failed three times in a row by now, or more often. Each is a line of its own.
    #[serde(skip)]
    pub in_vain: Vec<String>,
    /// Why nothing was changed: the switch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<String>,
    /// Why there was nothing to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nothing: Option<String>,
    /// Whether time ran out; the next sweep sends what is left again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
}

impl Distributed {
    pub(crate) fn of(family: &FamilyName) -> Self {
        Self {
            family: family.clone(),
            releases: 0,
            settled: 0,
            published: None,
            unpublished: Vec::new(),
            viewed: None,
            unviewed: Vec::new(),
            steps: Vec::new(),
            problems: Vec::new(),
            in_vain: Vec::new(),
            paused: None,
            nothing: None,
            unfinished: false,
        }
    }
}
