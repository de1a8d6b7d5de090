use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::old_versions::OldVersion;
use super::plan::{ApplyPlan, ApplyStep};
use crate::FamilyName;
use crate::text::{digest, hexadecimal};

/// Characters of a digest that tell plans apart.
const NUMBER: usize = 12;

/// What applying several families would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FleetPlan {
    /// Each family, parents first.
    pub families: Vec<FamilyPlan>,
    /// Families that are left for later, and for what they wait.
    pub waiting: Vec<String>,
    /// Pipelines of these families that they no longer want, an architecture's that was dropped: they stay until a person
    /// deletes them.
    pub left_over: Vec<String>,
    /// Pipelines of the hub that no family of the record or of these manifests has.
    pub unmanaged: Vec<String>,
    /// What is deleted once all else is done, where that was asked for.
    pub old_versions: Vec<OldVersion>,
}

/// What applying a family would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FamilyPlan {
    /// Which.
    pub family: FamilyName,
    /// Of its manifest and the files that names.
    pub digest: String,
    /// The manifest that holds now, by number.
    pub holds: Option<u32>,
    /// Whether the manifest and its files are those that hold: then every step undoes what another hand did.
    pub is_applied: bool,
    /// What is done to Image Builder; none where the family builds nothing.
    pub builder: Option<ApplyPlan>,
}

impl FleetPlan {
    /// What tells this plan from any other.
    pub fn digest(&self) -> String {
        digest(self)
    }

    /// Enough of the digest to type.
    pub fn number(&self) -> String {
        let mut number = self.digest();
        number.truncate(NUMBER);
        number
    }

    /// Whether this is the plan of that number, or of more of its digest.
    pub fn is_numbered(&self, number: &str) -> bool {
        number.len() >= NUMBER && self.digest().starts_with(number)
    }

    /// Every step, of all families.
    pub fn steps(&self) -> impl Iterator<Item = &ApplyStep> {
        let plans = self.families.iter().filter_map(|family| family.builder.as_ref());
        plans.flat_map(|plan| &plan.steps)
    }

    /// The families whose manifests are to be stored.
    pub fn unapplied(&self) -> impl Iterator<Item = &FamilyPlan> {
        self.families.iter().filter(|family| !family.is_applied)
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        let families = &mut self.families.iter();
        self.old_versions.is_empty()
            && families.all(|family| family.is_applied && family.builder.as_ref().is_none_or(ApplyPlan::is_empty))
    }

    /// What is in the way.
    pub fn blocked(&self) -> impl Iterator<Item = &str> {
        self.families
            .iter()
            .filter_map(|family| family.builder.as_ref())
            .flat_map(|plan| &plan.blocked)
            .map(String::as_str)
    }
}

/// Of a manifest and the files it names: the same content has the same, wherever it lies.
pub fn digest_of<'a>(contents: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut hash = Sha256::new();
    for (name, content) in contents {
        for part in [name.as_bytes(), content] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
    }
    hexadecimal(&hash.finalize())
}
