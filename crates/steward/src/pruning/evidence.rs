use crate::evidence::Said;
use crate::{Target, Timestamp, Words};

/// What is known of who uses images in a target that a family's releases can reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetEvidence {
    /// Where.
    pub target: Target,
    /// Each source that is needed of it. None at all is as good as unread.
    pub sources: Vec<SourceRead>,
    /// That a person does without it.
    pub waiver: Option<Waiver>,
}

/// A source that is needed, and what came of reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRead {
    /// Its name.
    pub source: Words,
    /// When it was last read, and what came of it; none: never.
    pub last: Option<LastRead>,
}

/// What came of reading a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastRead {
    /// As of when.
    pub as_of: Timestamp,
    /// What came of it.
    pub said: Said,
}

/// That a person does without a target's evidence for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// Until when: from then on it is needed again.
    pub until: Timestamp,
    /// Who said so.
    pub who: String,
    /// Why.
    pub why: Words,
}
