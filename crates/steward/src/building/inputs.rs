use super::reason::Reason;
use crate::manifest::Parent;
use crate::record::{ComponentDifference, component_differences, fingerprint_of};
use crate::{ParentImage, RecipeArn, ReleaseId, UsedComponent, Words};

/// What a build would be made of if it were started now, as Image Builder and the parent's parameter say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// What its recipe's parent means now.
    pub parent: ParentImage,
    /// The same, as the record names it.
    pub parent_is: Named,
    /// What the pipeline builds by.
    pub recipe: RecipeArn,
    /// What its recipe's components mean now, in order.
    pub components: Vec<UsedComponent>,
}

/// What a release was made of, as the record has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeOf {
    /// What it was built on.
    pub parent: Option<Named>,
    /// By what it was built.
    pub recipe: Option<RecipeArn>,
    /// What its build ran, in order.
    pub components: Vec<UsedComponent>,
    /// All of it, in one word; none where the record does not know.
    pub fingerprint: Option<String>,
}

/// A release, and what people call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its key.
    pub release: ReleaseId,
    /// `base/1.4.2`, or an image's id.
    pub says: Words,
}

impl Inputs {
    /// All of them in one word, the same as of the release that they make; none where a component has no build yet.
    pub fn fingerprint(&self) -> Option<String> {
        fingerprint_of(&self.parent, &self.components, Some(&self.recipe))
    }

    /// Why what is to be built differs from what was, part by part; nothing where it is the same.
    pub(super) fn differences(&self, before: &MadeOf, parent: Option<&Parent>) -> Vec<Reason> {
        if before.fingerprint.is_some() && before.fingerprint == self.fingerprint() {
            return Vec::new();
        }
        let mut reasons: Vec<Reason> = self.parent_moved(before, parent).into_iter().collect();
        let changed = component_differences(&before.components, &self.components);
        let lines = changed.iter().flat_map(ComponentDifference::lines);
        reasons.extend(lines.map(|line| Reason::Change {
            what: Words::from(line),
        }));
        if before.recipe.as_ref() != Some(&self.recipe) {
            let from = before
                .recipe
                .as_ref()
                .map_or_else(String::new, |recipe| format!("{recipe} → "));
            let what = Words::from(format!("~ recipe: {from}{}", self.recipe));
            reasons.push(Reason::Change { what });
        }
        if reasons.is_empty() && before.fingerprint.is_some() {
            // The parts look alike, and the whole does not: their order, or what the record does not know of them.
            let what = Words::from("what it is made of is not what the newest release was made of");
            reasons.push(Reason::Change { what });
        }
        reasons
    }

    fn parent_moved(&self, before: &MadeOf, parent: Option<&Parent>) -> Option<Reason> {
        let was = before.parent.as_ref();
        if was.is_some_and(|was| was.release == self.parent_is.release) {
            return None;
        }
        let (from, to) = (was.map(|was| was.says.clone()), self.parent_is.says.clone());
        Some(match parent {
            Some(Parent::Family(of)) => Reason::Parent {
                family: of.family.clone(),
                channel: of.channel.clone(),
                from,
                to,
            },
            Some(Parent::Parameter(_) | Parent::Image(_) | Parent::Ami(_)) | None => Reason::Base { from, to },
        })
    }
}
