//! Where parameters may lie: publishing's roles can write under one path alone.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::finding::PublicationFinding;
use super::published_name::PublishedName;
use super::wanted::published_parameters;
use crate::manifest::Manifest;
use crate::text::string_form;

/// What the names of parameters begin with that the stacks let publishing write, such as `/golden/`.
#[derive(Clone, PartialEq, Eq)]
pub struct PublishUnder(Box<str>);

string_form!(PublishUnder, "path of parameters");

/// A path that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} must begin and end with a slash, as in /golden/")]
pub struct PublishUnderError(String);

impl PublishUnder {
    /// Whether a parameter lies there.
    pub fn holds(&self, name: &PublishedName) -> bool {
        name.as_str().starts_with(&*self.0)
    }
}

impl fmt::Display for PublishUnder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for PublishUnder {
    type Err = PublishUnderError;

    fn from_str(text: &str) -> Result<Self, PublishUnderError> {
        let is_path = text.len() > 1 && text.starts_with('/') && text.ends_with('/');
        let path = is_path.then(|| Self(text.into()));
        path.ok_or_else(|| PublishUnderError(text.to_owned()))
    }
}

/// The parameters of a family that may be read and written; where nobody said under what they must lie, all.
pub fn writable_parameters(manifest: &Manifest, under: Option<&PublishUnder>) -> BTreeSet<PublishedName> {
    let names = published_parameters(manifest).into_keys();
    names
        .filter(|name| under.is_none_or(|under| under.holds(name)))
        .collect()
}

/// That parameters of a family lie elsewhere. One sentence tells of all, as one name makes them.
pub fn parameters_outside(manifest: &Manifest, under: Option<&PublishUnder>) -> Option<PublicationFinding> {
    let under = under?;
    let mut outside = published_parameters(manifest)
        .into_keys()
        .filter(|name| !under.holds(name));
    Some(PublicationFinding::ParametersOutside {
        name: outside.next()?,
        more: outside.count(),
        under: under.clone(),
    })
}
