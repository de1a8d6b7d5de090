//! Where images stand on their way down, as the ledger of calls has it, whoever made them.

use std::collections::{BTreeMap, BTreeSet};

use image_plane::{ImageId, Mutation, Service, Time};

use super::resources;

/// What became of images, as the ledger of calls has it.
#[derive(Debug, Default)]
pub(super) struct Rungs {
    read: usize,
    pub(super) deprecated: BTreeMap<ImageId, By>,
    pub(super) disabled: BTreeMap<ImageId, By>,
    pub(super) gone: BTreeMap<ImageId, By>,
    /// Calls of pruning that nothing has taken back, by action and thing.
    pub(super) made: BTreeMap<(&'static str, String), Made>,
    /// Builds that wildcards pick no more.
    pub(super) deprecated_builds: BTreeSet<String>,
}

/// When, and whether pruning did.
#[derive(Clone, Copy, Debug)]
pub(super) struct By {
    pub(super) at: Time,
    pub(super) ours: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Made {
    pub(super) at: Time,
    /// Whether whoever made it could not write it down.
    pub(super) is_lost: bool,
}

impl Rungs {
    /// Reads what others did up to here.
    pub(super) fn read(&mut self, ledger: &[Mutation], to: usize) {
        for mutation in &ledger[self.read.min(to)..to] {
            self.note(mutation, false);
        }
        self.read = self.read.max(to);
    }

    /// What came until here is known.
    pub(super) const fn skip(&mut self, to: usize) {
        self.read = to;
    }

    /// One call, as it changed the world.
    pub(super) fn note(&mut self, mutation: &Mutation, ours: bool) {
        if mutation.outcome.is_err() || !matches!(mutation.service, Service::Ec2 | Service::ImageBuilder) {
            return;
        }
        let by = By { at: mutation.at, ours };
        let id = image_of(mutation);
        match (mutation.action, id) {
            ("EnableImageDeprecation", Some(id)) => {
                self.deprecated.insert(id, by);
            }
            ("DisableImageDeprecation", Some(id)) => {
                self.deprecated.remove(&id);
            }
            ("DisableImage", Some(id)) => {
                self.disabled.entry(id).or_insert(by);
            }
            ("EnableImage", Some(id)) => {
                self.disabled.remove(&id);
            }
            ("DeregisterImage", Some(id)) => {
                self.gone.insert(id, by);
            }
            _ => {}
        }
        let back = match mutation.action {
            "EnableImageDeprecation" => "DisableImageDeprecation",
            "DisableImageDeprecation" => "EnableImageDeprecation",
            "DisableImage" => "EnableImage",
            "EnableImage" => "DisableImage",
            _ => return,
        };
        if let Some(id) = id {
            self.made.remove(&(back, id.to_string()));
        }
        if !ours && let Some(id) = id {
            self.made.remove(&(mutation.action, id.to_string()));
        }
    }
}

/// The image that a call is about.
pub(super) fn image_of(mutation: &Mutation) -> Option<ImageId> {
    let named = resources(mutation);
    named.into_iter().find_map(|id| id.parse().ok())
}

/// What a call is about: an image, a snapshot, or a build.
pub(super) fn thing(mutation: &Mutation) -> String {
    if mutation.service == Service::Ec2 {
        return resources(mutation).into_iter().next().unwrap_or_default();
    }
    let request = mutation.request.replace("%3A", ":").replace("%2F", "/");
    let from = request.find("arn:").map(|at| &request[at..]).unwrap_or_default();
    let end = from.find(['"', '&']).unwrap_or(from.len());
    from[..end].to_owned()
}
