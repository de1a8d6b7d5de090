//! What is out of the ordinary in real organizations, and how often.

/// Something out of the ordinary.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Oddity {
    /// A family for both architectures.
    TwoArchitectures,
    /// A release of an older version, built after newer ones.
    LateFix,
    /// An image dated in the future.
    FutureDate,
    /// A copy that never gets ready.
    Pending,
    /// A copy that failed.
    Failed,
    /// An image of one family's release whose tag says another family.
    DoublyClaimed,
    /// An image whose tag names a family that nobody knows.
    UnknownFamily,
    /// An image of ours that somebody took our tag from.
    Untagged,
    /// A snapshot behind two images.
    SharedSnapshot,
    /// A copy made by hand in a member.
    HandCopy,
    /// A copy made by hand that took our tag along.
    TaggedHandCopy,
    /// An outsider's image under the name of one of ours.
    NameConfusion,
    /// A deregistered image with an instance that runs on.
    GoneButRunning,
    /// A group that names a template that is deleted.
    DeletedTemplate,
    /// A group that names a version that is deleted.
    DeletedVersion,
    /// A parameter that holds several ids.
    ParameterOfSeveral,
    /// A parameter that holds a JSON text with ids in it.
    ParameterOfJson,
    /// An instance of an image that is not the organization's.
    ForeignInstance,
    /// Very many instances of one image.
    Swarm,
    /// An image in the Recycle Bin.
    InBin,
    /// An image of AWS Backup's.
    Backup,
    /// An image from the Marketplace, with an instance of it.
    Marketplace,
    /// A terminated instance that is still listed.
    TerminatedListed,
    /// A snapshot that a deregistered image left behind.
    OrphanSnapshot,
    /// An image that belongs to no family.
    Legacy,
}

impl Oddity {
    /// All of them.
    pub const ALL: [Self; 25] = [
        Self::TwoArchitectures,
        Self::LateFix,
        Self::FutureDate,
        Self::Pending,
        Self::Failed,
        Self::DoublyClaimed,
        Self::UnknownFamily,
        Self::Untagged,
        Self::SharedSnapshot,
        Self::HandCopy,
        Self::TaggedHandCopy,
        Self::NameConfusion,
        Self::GoneButRunning,
        Self::DeletedTemplate,
        Self::DeletedVersion,
        Self::ParameterOfSeveral,
        Self::ParameterOfJson,
        Self::ForeignInstance,
        Self::Swarm,
        Self::InBin,
        Self::Backup,
        Self::Marketplace,
        Self::TerminatedListed,
        Self::OrphanSnapshot,
        Self::Legacy,
    ];
}

/// How often each oddity happens: in so many of a thousand families, once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Odds([u16; Oddity::ALL.len()]);

impl Odds {
    /// The same for all.
    #[must_use]
    pub const fn all(per_mille: u16) -> Self {
        Self([per_mille; Oddity::ALL.len()])
    }

    /// With other odds for one of them.
    #[must_use]
    pub const fn with(mut self, oddity: Oddity, per_mille: u16) -> Self {
        self.0[oddity as usize] = per_mille;
        self
    }

    /// How often one of them happens.
    #[must_use]
    pub const fn of(&self, oddity: Oddity) -> u16 {
        self.0[oddity as usize]
    }
}

/// An oddity that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Strange {
    /// Which.
    pub oddity: Oddity,
    /// The family it happened to.
    pub family: usize,
    /// The ids or names of what it is about, the strange one first.
    pub about: Vec<String>,
}
