//! What families write for others to read: two must not write one pointer.

use std::collections::BTreeMap;
use std::fmt;

use super::Manifest;
use super::document::Path;
use super::finding::Finding;
use super::words::LaunchTemplateId;
use crate::FamilyName;

/// Something that two families write, each over what the other one wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SharedPointer {
    /// A parameter.
    Parameter {
        /// Its name.
        name: String,
        /// The other family.
        with: FamilyName,
    },
    /// A launch template.
    Template {
        /// Which.
        template: LaunchTemplateId,
        /// Where in the manifest's list it is.
        at: usize,
        /// The other family.
        with: FamilyName,
    },
}

/// What a family writes that one of these does too.
pub fn shared_pointers(manifest: &Manifest, others: &[Manifest]) -> Vec<SharedPointer> {
    Pointers::of(others).add(manifest)
}

/// Whose each pointer is: of the first that names it.
#[derive(Default)]
pub(super) struct Pointers<'a> {
    parameters: BTreeMap<String, &'a FamilyName>,
    templates: BTreeMap<String, &'a FamilyName>,
}

impl<'a> Pointers<'a> {
    /// The pointers of these.
    pub(super) fn of(manifests: &'a [Manifest]) -> Self {
        let mut pointers = Self::default();
        for manifest in manifests {
            // What they share with each other is said of them.
            drop(pointers.add(manifest));
        }
        pointers
    }

    /// Adds those of a family; gives what another one has already, of parameters the first.
    pub(super) fn add(&mut self, manifest: &'a Manifest) -> Vec<SharedPointer> {
        let family = &manifest.family;
        let mut shared = Vec::new();
        let Some(publish) = &manifest.distribute.publish else {
            return shared;
        };
        if let Some(parameter) = &publish.parameter {
            let names = manifest.architectures.iter().flat_map(|architecture| {
                let channels = manifest.channels.keys();
                channels.map(|channel| parameter.name(family, *architecture, channel))
            });
            let mut taken = None;
            for name in names {
                let first = *self.parameters.entry(name.clone()).or_insert(family);
                if first != family && taken.is_none() {
                    let with = first.clone();
                    taken = Some(SharedPointer::Parameter { name, with });
                }
            }
            shared.extend(taken);
        }
        for (at, template) in publish.launch_templates.iter().enumerate() {
            let key = format!("{} {} {}", template.account, template.region, template.id);
            let first = *self.templates.entry(key).or_insert(family);
            if first != family {
                let (template, with) = (template.id.clone(), first.clone());
                shared.push(SharedPointer::Template { template, at, with });
            }
        }
        shared
    }
}

impl From<SharedPointer> for Finding {
    fn from(shared: SharedPointer) -> Self {
        let of_publish = |key| Path::of(&["distribute", "publish", key]);
        let (path, what, right) = match shared {
            SharedPointer::Parameter { name, with } => (
                of_publish("parameter"),
                format!("{with} publishes to {name} already"),
                "put {family} into it",
            ),
            SharedPointer::Template { template, at, with } => (
                of_publish("launch_templates").item(at),
                format!("{with} publishes to {template} already"),
                "let one family write it",
            ),
        };
        Self {
            path,
            what,
            right: Some(right.to_owned()),
        }
    }
}

impl fmt::Display for SharedPointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter { name, with } => write!(
                f,
                "the parameter {name} is one of {with} too, and each family writes over what the other wrote: put {{family}} into `publish.parameter`"
            ),
            Self::Template { template, at: _, with } => write!(
                f,
                "the launch template {template} follows {with} too, and each family makes its own versions of it: take it out of one's `publish.launch_templates`"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{ManifestFile, check_beside};

    fn file(family: &str, publish: &str) -> ManifestFile {
        let text = format!(
            "family: {family}\nbuild:\n  parent: {{ ami: ami-01234567, owner: \"111122223333\" }}\n  infrastructure: {{ \
             instance_types: [t3.medium], instance_profile: P }}\ndistribute: {{ publish: {{ {publish} }} }}\nchannels: {{ \
             stable: {{ from: release }}, edge: {{ from: release }} }}\n"
        );
        let read = ManifestFile::read(&format!("{family}.yaml"), text.as_bytes());
        read.file.expect("a good manifest")
    }

    const ONE: &str = "parameter: \"/golden/{channel}\"";
    const TEMPLATES: &str = "launch_templates: [{ id: lt-0abc1234, account: \"333344445555\", region: eu-west-2 }, { id: \
                             lt-0abc5678, account: \"333344445555\", region: eu-west-2 }]";

    fn held(publish: &str) -> Vec<Manifest> {
        vec![file("db", publish).manifest().clone()]
    }

    #[test]
    fn what_a_family_that_holds_writes_no_other_may_whichever_folder_it_is_from() {
        let of_each = "parameter: \"/{family}/{channel}\"";
        for (ours, theirs, place, what) in [
            (
                ONE,
                ONE,
                "distribute.publish.parameter",
                "db publishes to /golden/edge already",
            ),
            // Whichever of its parts the manifests leave open.
            (
                "parameter: \"/db/{channel}\"",
                of_each,
                "distribute.publish.parameter",
                "db publishes to /db/edge already",
            ),
            (
                TEMPLATES,
                "launch_templates: [{ id: lt-0abc5678, account: \"333344445555\", region: eu-west-2 }]",
                "distribute.publish.launch_templates[1]",
                "db publishes to lt-0abc5678 already",
            ),
        ] {
            let (web, held) = (file("web", ours), held(theirs));
            let [found] = check_beside([&web], &held).try_into().unwrap();
            assert_eq!((found.path.as_str(), found.what.as_str()), (place, what));
            // Itself it does not keep from anything.
            let itself = [web.manifest().clone()];
            assert_eq!(check_beside([&web], &itself).len(), 0);
        }
        for theirs in [
            of_each,
            "launch_templates: [{ id: lt-0abc5678, account: \"333344445555\", region: eu-west-1 }]",
        ] {
            let (one, templates) = (file("web", of_each), file("web", TEMPLATES));
            assert_eq!(check_beside([&one, &templates], &held(theirs)).len(), 0);
        }
    }

    #[test]
    fn each_that_is_shared_is_a_sentence_that_says_what_would_put_it_right() {
        let said = |publish| {
            let shared = shared_pointers(file("web", publish).manifest(), &held(publish));
            shared.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            said(ONE),
            [
                "the parameter /golden/edge is one of db too, and each family writes over what the other wrote: put {family} into `publish.parameter`"
            ]
        );
        assert_eq!(
            said(TEMPLATES),
            ["lt-0abc1234", "lt-0abc5678"].map(|template| format!(
                "the launch template {template} follows db too, and each family makes its own versions of it: take it out of one's `publish.launch_templates`"
            ))
        );
    }
}
