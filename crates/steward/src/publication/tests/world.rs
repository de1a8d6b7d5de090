//! What AWS does with a step. A step that AWS would refuse, or that would harm somebody, fails the test.

use std::collections::BTreeSet;

use super::super::*;
use super::stage::Case;
use crate::evidence::ImageName;
use crate::manifest::{LaunchTemplateId, LaunchTemplateVersions};
use crate::{AmiId, Architecture};

impl Case {
    pub(super) fn take(&mut self, step: &PublicationStep) {
        match step {
            PublicationStep::Put { name, ami, over, .. } => {
                assert!(self.parameters_here, "{step}");
                self.assert_seen(*ami);
                let seen = self.parameters.get_mut(name).expect("a parameter that was looked at");
                let version = match seen {
                    ParameterSeen::Missing => None,
                    ParameterSeen::Image { ami: held, version } => {
                        assert_ne!(*held, Some(*ami), "{step}");
                        Some(*version)
                    }
                    other @ (ParameterSeen::OfOthers(_)
                    | ParameterSeen::OtherType(_)
                    | ParameterSeen::Unreadable(_)) => panic!("{step}: {other:?}"),
                };
                assert_eq!(*over, version, "{step}");
                *seen = ParameterSeen::Image {
                    ami: Some(*ami),
                    version: version.unwrap_or(0) + 1,
                };
            }
            PublicationStep::MakeVersion {
                template,
                from,
                after,
                ami,
                release: _,
                description,
            } => {
                assert!(description.len() <= 255);
                self.assert_seen(*ami);
                let runs_on = self.runs_on(*ami);
                let image = ami.to_string();
                let version = TemplateVersionSeen::read(&self.manifest.family, Some(&image), Some(description));
                let there = self.ours(template);
                assert_eq!((there.default, there.latest), (*from, *after), "{step}");
                assert!(there.architecture.is_none_or(|launched| launched == runs_on), "{step}");
                there.latest += 1;
                there.versions.insert(there.latest, version);
            }
            PublicationStep::SetDefault {
                template,
                version,
                instead_of,
                release: _,
            } => {
                assert!(following_templates(&self.manifest, self.target)[template], "{step}");
                let there = self.ours(template);
                assert_eq!(there.default, *instead_of, "{step}");
                assert!(there.versions[version].made_by_us, "{step}");
                there.default = *version;
            }
            PublicationStep::Trim {
                template,
                versions,
                default,
                latest,
                release: _,
            } => {
                assert!((1..=200).contains(&versions.len()));
                let named = self.named.get(template).cloned().unwrap_or(Some(BTreeSet::new()));
                let named = named.expect("nothing goes while it is not known who names it");
                let pointed: Vec<_> = self.pointers.values().filter_map(image_of).collect();
                let kept = match self.manifest.retain.as_ref().unwrap().launch_template_versions {
                    LaunchTemplateVersions::Referenced => 10,
                    LaunchTemplateVersions::Newest(count) => usize::from(count),
                    LaunchTemplateVersions::All => panic!("{step}"),
                };
                let there = self.ours(template);
                assert_eq!((there.default, there.latest), (*default, *latest), "{step}");
                for version in versions {
                    let gone = there.versions.remove(version).expect("a version");
                    assert!(
                        gone.made_by_us && *version != there.default && *version != there.latest,
                        "{step}"
                    );
                    assert!(!named.contains(version), "{step}");
                    assert!(!pointed.contains(&gone.image), "{step}");
                }
                let left = there.versions.values().filter(|version| version.made_by_us);
                assert!(left.count() >= kept);
            }
        }
    }

    fn assert_seen(&self, ami: AmiId) {
        let mut images = self.pointers.values().map(|pointer| &pointer.image);
        assert!(images.any(|image| *image == PointerImage::Seen(ami)), "{ami}");
    }

    fn runs_on(&self, ami: AmiId) -> Architecture {
        let mut pointers = self.pointers.iter();
        let of = pointers.find(|(_, pointer)| pointer.image == PointerImage::Seen(ami));
        of.unwrap().0.1
    }

    /// A template whose owner agreed, in the target, as it is wanted.
    fn ours(&mut self, template: &LaunchTemplateId) -> &mut TemplateThere {
        assert!(following_templates(&self.manifest, self.target).contains_key(template));
        match self.templates.get_mut(template) {
            Some(TemplateSeen::Seen(there)) => there,
            other => panic!("{template}: {other:?}"),
        }
    }
}

/// The image that a channel means, as a template names it.
#[expect(clippy::option_option, reason = "a version may name none")]
fn image_of(pointer: &Pointer) -> Option<Option<ImageName>> {
    match &pointer.image {
        PointerImage::Seen(ami) | PointerImage::NotSeen { ami, .. } | PointerImage::Locked { ami, .. } => {
            Some(Some(ImageName::Ami(*ami)))
        }
        PointerImage::NoneHere => None,
    }
}
