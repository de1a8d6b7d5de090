//! What publishing wrote in a target and nobody declares there any more: it goes on naming an image to whoever reads it.

use std::collections::{BTreeMap, BTreeSet};

use super::due::Published;
use super::facts::{ParameterSeen, TemplateSeen};
use super::finding::PublicationFinding;
use super::published_name::PublishedName;
use super::wanted::{following_templates, published_parameters};
use crate::manifest::{LaunchTemplateId, Manifest};
use crate::telling::Listed;
use crate::{Target, Words};

/// So much of what is left is noted one by one. A name and the image that was written into it take a hundred bytes of the target's row,
/// and its note three times that: the row holds 400 KB, and one that cannot be written holds up what is published there.
const MOST_NOTED: usize = 20;

/// What is left in a target. Nothing of ours deletes it: somebody may read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftThere {
    /// Parameters.
    pub parameters: BTreeSet<PublishedName>,
    /// Launch templates.
    pub templates: BTreeSet<LaunchTemplateId>,
}

impl Published {
    /// What of it a manifest wants there no more, where its parameters are wanted or not.
    pub fn left(&self, manifest: &Manifest, target: Target, parameters_here: bool) -> LeftThere {
        let wanted = if parameters_here {
            published_parameters(manifest)
        } else {
            BTreeMap::new()
        };
        let following = following_templates(manifest, target);
        let written = self.wrote.keys().map(|name| PublishedName::written(name));
        let made = self.made.iter().filter(|(_, versions)| !versions.is_empty());
        let made = made.map(|(template, _)| template);
        LeftThere {
            parameters: written.filter(|name| !wanted.contains_key(name)).collect(),
            templates: made.filter(|id| !following.contains_key(*id)).cloned().collect(),
        }
    }

    /// Forgets what names nothing of ours any more, by a look at what is left. What could not be read is kept.
    pub fn forget_gone(
        &mut self,
        parameters: &BTreeMap<PublishedName, ParameterSeen>,
        templates: &BTreeMap<LaunchTemplateId, TemplateSeen>,
    ) {
        for (name, seen) in parameters {
            match seen {
                // Another type is another parameter: the type of one cannot be changed.
                ParameterSeen::Missing | ParameterSeen::OtherType(_) => drop(self.wrote.remove(name.as_str())),
                ParameterSeen::Image { .. } | ParameterSeen::OfOthers(_) | ParameterSeen::Unreadable(_) => {}
            }
        }
        for (template, seen) in templates {
            match seen {
                // Who takes our tag away answers for it alone.
                TemplateSeen::Missing | TemplateSeen::NotOurs => drop(self.made.remove(template)),
                TemplateSeen::Seen(there) => {
                    if let Some(made) = self.made.get_mut(template) {
                        made.retain(|version| there.versions.contains_key(version));
                    }
                }
                TemplateSeen::Unreadable(_) => {}
            }
        }
    }

    /// Notes what is left: the first of it, and how much more there is. None of it is forgotten by that.
    pub fn note_left(&mut self, left: LeftThere) {
        let Listed { listed, more } = Listed::of(self.left_findings(left), MOST_NOTED);
        let more = (more > 0).then(|| {
            format!("{more} more of what was published is not in the manifest any more: `steward doctor` has all of it")
        });
        let notes = listed.iter().map(ToString::to_string).chain(more);
        self.notes.extend(notes.map(Words::from));
    }

    /// What is left, with what would put it right.
    pub fn left_findings(&self, left: LeftThere) -> Vec<PublicationFinding> {
        let LeftThere { parameters, templates } = left;
        let of_parameter = |name: PublishedName| {
            let said = self.parameters.get(name.as_str()).copied();
            let ami = said.unwrap_or_else(|| self.wrote.get(name.as_str()).copied());
            PublicationFinding::ParameterLeft { name, ami }
        };
        let parameters = parameters.into_iter().map(of_parameter);
        let templates = templates.into_iter().map(PublicationFinding::TemplateLeft);
        parameters.chain(templates).collect()
    }
}
