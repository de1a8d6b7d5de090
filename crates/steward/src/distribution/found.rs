use super::facts::{DistributionFacts, Going, ImageThere};
use super::finding::Finding;
use super::obstacle::NotOurs;
use super::tags::{RELEASE, not_ours};
use crate::{AccountId, AmiId, AmiState, Timestamp};

/// An image that was found.
pub(super) type Seen<'a> = (AmiId, &'a ImageThere);

/// The release's own images in a target.
#[derive(Default)]
pub(super) struct Found<'a> {
    /// The one that counts.
    pub(super) kept: Option<Seen<'a>>,
    /// Others that can be launched, or could be again.
    pub(super) others: Vec<Seen<'a>>,
    /// What is left of our copies that failed.
    pub(super) failed_copies: Vec<Seen<'a>>,
    /// Others that failed.
    pub(super) left_failed: Vec<Seen<'a>>,
}

/// Which of the images that were seen are the release's: the one that the build made where it was built, anywhere else the
/// oldest that there is, whoever copied it.
pub(super) fn find<'a>(facts: DistributionFacts<'a>, is_home: bool, findings: &mut Vec<Finding>) -> Found<'a> {
    let DistributionFacts {
        target, going, seen, ..
    } = facts;
    let output = going.source.output;
    let mut found = Found::default();
    let (mut live, mut disabled) = (Vec::new(), Vec::new());
    for (ami, image) in &seen.images {
        if let Some(cause) = not_of_release(image, target.account(), going) {
            if image.state != AmiState::Deregistered {
                findings.push(Finding::NotOurs {
                    ami: *ami,
                    cause,
                    family: going.family.clone(),
                });
            }
            continue;
        }
        let is_our_copy =
            !is_home && image.tags.contains_key(RELEASE) && image.source == Some((output.target.region(), output.ami));
        match image.state {
            AmiState::Available | AmiState::Pending | AmiState::Transient => live.push((*ami, image)),
            AmiState::Disabled => disabled.push((*ami, image)),
            AmiState::Failed | AmiState::Error | AmiState::Invalid if is_our_copy => {
                found.failed_copies.push((*ami, image));
            }
            AmiState::Failed | AmiState::Error | AmiState::Invalid => found.left_failed.push((*ami, image)),
            AmiState::Deregistered => {}
        }
    }
    live.sort_by_key(age);
    disabled.sort_by_key(age);
    found.failed_copies.sort_by_key(age);
    live.append(&mut disabled);
    let counts = live.iter().position(|(ami, _)| !is_home || *ami == output.ami);
    found.kept = counts.map(|at| live.remove(at));
    if let Some((kept, _)) = found.kept {
        let second = live.iter().map(|(ami, _)| Finding::Second { ami: *ami, kept });
        findings.extend(second);
    }
    found.others = live;
    found
}

/// Why an image is not the release's to change. One that the build made has no tag of the release; the record names it.
pub(super) fn not_of_release(image: &ImageThere, account: AccountId, going: &Going) -> Option<NotOurs> {
    not_ours(image.owner, account, &image.tags, &going.family).or_else(|| {
        let tag = image.tags.get(RELEASE)?;
        (*tag != going.release.to_string()).then(|| NotOurs::OtherRelease(tag.as_str().into()))
    })
}

/// The oldest first; what has no date comes last.
fn age((ami, image): &Seen<'_>) -> (bool, Option<Timestamp>, AmiId) {
    (image.created.is_none(), image.created, *ami)
}
