use std::collections::BTreeSet;
use std::fmt;

use crate::distribution::Grantee;
use crate::pruning::Ungrouped;
use crate::{AmiId, AmiState, FamilyName, Region, ReleaseId, Target, Words};

/// An image that is as the manifest says, and is left alone all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftAlone {
    /// Which.
    pub ami: AmiId,
    /// Where.
    pub target: Target,
    /// What it is called.
    pub name: String,
    /// Why.
    pub why: WhyAlone,
}

/// Why an image is not adopted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyAlone {
    /// This service's own: EC2 lets nobody else deregister it.
    Of(Words),
    /// It carries our tag, of another family.
    OtherFamily(Words),
    /// Another family would adopt it, too.
    AlsoOf(FamilyName),
    /// Image Builder built it.
    Built,
    /// We copied it.
    Copied,
    /// It is of a release that the record knows, as another's copy.
    OfRelease(ReleaseId),
    /// It is a copy of this one, which is left alone.
    OriginalLeft(AmiId),
    /// It is a copy of this one, where nobody looked.
    OriginalUnseen(AmiId, Region),
    /// It is not available, and not disabled.
    Unsettled(AmiState),
    /// Nothing says when it was made.
    Undated,
    /// Everybody may use it.
    Public,
    /// EC2 would refuse to deregister it.
    Protected,
    /// It lacks what tells its line.
    Ungrouped(Ungrouped),
    /// These may use it, and the manifest does not share it with them.
    SharedWith(BTreeSet<Grantee>),
    /// It was listed, and gone when it was asked who may use it.
    Gone,
}

impl WhyAlone {
    /// The same in a word, for programs.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Of(_) => "service",
            Self::OtherFamily(_) => "other-family",
            Self::AlsoOf(_) => "two-families",
            Self::Built => "built",
            Self::Copied => "copied",
            Self::OfRelease(_) => "release",
            Self::OriginalLeft(_) => "original-left",
            Self::OriginalUnseen(..) => "original-unseen",
            Self::Unsettled(_) => "pending",
            Self::Undated => "undated",
            Self::Public => "public",
            Self::Protected => "protected",
            Self::Ungrouped(_) => "ungrouped",
            Self::SharedWith(_) => "shared",
            Self::Gone => "gone",
        }
    }
}

impl fmt::Display for WhyAlone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of(service) => write!(f, "it is {service}'s own"),
            Self::OtherFamily(family) => write!(f, "it is tagged as of {family}"),
            Self::AlsoOf(family) => write!(f, "{family} would adopt it, too"),
            Self::Built => {
                f.write_str("Image Builder built it: the record has it by its build, or it is not the hub's")
            }
            Self::Copied => f.write_str("it is a copy that distribution made"),
            Self::OfRelease(release) => write!(f, "it is a copy, made by hand, of the release {release}"),
            Self::OriginalLeft(original) => write!(f, "it is a copy of {original}, which is left alone"),
            Self::OriginalUnseen(original, region) => write!(
                f,
                "it is a copy of {original} in {region}, where nobody looked: leave out --region, or name that one, too"
            ),
            Self::Unsettled(state) => write!(f, "it is {state}"),
            Self::Undated => f.write_str("nothing says when it was made"),
            Self::Public => f.write_str("it is public, and nobody can be asked who uses it"),
            Self::Protected => f.write_str("it is protected from deregistration"),
            Self::Ungrouped(why) => why.fmt(f),
            Self::SharedWith(with) => {
                let with: Vec<String> = with.iter().map(ToString::to_string).collect();
                write!(
                    f,
                    "it is shared with {}, which the manifest does not name: add it to `share_with`, or take the grant back",
                    with.join(", ")
                )
            }
            Self::Gone => f.write_str("it is gone"),
        }
    }
}
