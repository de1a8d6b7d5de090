//! The family web, shared with the account 222233334444 in eu-west-1: its one image is tagged and encrypted by the hub.

use std::collections::BTreeMap;

use super::super::*;
use crate::manifest::{Manifest, ManifestFile};
use crate::testing::release;
use crate::{AmiId, KmsKeyRef, Target};

pub(super) type Tags = BTreeMap<String, String>;

/// All that is known, owned.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) manifest: Manifest,
    pub(super) images: BTreeMap<AmiId, SharedImage>,
    pub(super) put: PutThere,
    pub(super) grants: BTreeMap<KmsKeyRef, GrantsSeen>,
    pub(super) no_auto_scaling: bool,
}

impl Case {
    /// One image whose owner has these tags, besides ours.
    pub(super) fn owned(tags: &[(&str, &str)]) -> Self {
        let mut case = Self {
            manifest: manifest("{ team: web, keep: \"true\" }"),
            images: BTreeMap::new(),
            put: PutThere::default(),
            grants: BTreeMap::new(),
            no_auto_scaling: false,
        };
        case.images.insert(ami(1), image(tags));
        case
    }

    /// With these as what the consumer sees on it.
    pub(super) fn seen(mut self, tags: &[(&str, &str)]) -> Self {
        self.one().consumers = Some(of(tags));
        self
    }

    /// With these keys as put there before.
    pub(super) fn put(mut self, keys: &[&str]) -> Self {
        let keys = keys.iter().map(|key| (*key).to_owned());
        self.put.tags.insert(ami(1), keys.collect());
        self
    }

    /// With these keys behind the image.
    pub(super) fn by(mut self, keys: &[u8]) -> Self {
        self.owners().keys = keys.iter().map(|n| key(*n)).collect();
        self
    }

    /// With a grant on this key, as the record has it and the key too.
    pub(super) fn granted(self, n: u8) -> Self {
        self.recorded(n).there(n, &[n])
    }

    /// With a grant on this key, as the record has it.
    pub(super) fn recorded(mut self, n: u8) -> Self {
        self.put.grants.insert(key(n), held(n));
        self
    }

    /// With these grants on this key, as the key has them.
    pub(super) fn there(mut self, n: u8, grants: &[u8]) -> Self {
        let grants = grants.iter().map(|n| format!("grant-{n}"));
        self.grants.insert(key(n), GrantsSeen::Read(grants.collect()));
        self
    }

    /// With grants on this key that nobody may read.
    pub(super) fn unread(mut self, n: u8) -> Self {
        self.grants.insert(key(n), GrantsSeen::Unread("denied".into()));
        self
    }

    pub(super) fn one(&mut self) -> &mut SharedImage {
        self.images.get_mut(&ami(1)).unwrap()
    }

    pub(super) fn owners(&mut self) -> &mut OwnersImage {
        self.one().owners.as_mut().unwrap()
    }

    pub(super) fn plan(&self) -> ViewPlan {
        let Self {
            manifest,
            images,
            put,
            grants,
            no_auto_scaling,
        } = self;
        decide_view(ViewFacts {
            target: target(),
            owner: "111122223333".parse().unwrap(),
            manifest,
            images,
            put,
            grants,
            no_auto_scaling: *no_auto_scaling,
        })
    }
}

pub(super) fn manifest(tags: &str) -> Manifest {
    let text = format!(
        "family: web\nbuild:\n  parent: {{ ami: ami-01234567, owner: \"111122223333\" }}\n  infrastructure: {{ instance_types: \
         [t3.medium], instance_profile: P }}\ndistribute: {{ regions: {{ us-east-1: {{}} }}, tags: {tags} }}\nretain: {{ \
         releases: 5, for: 30d, keep_tags: {{ keep: \"true\" }} }}\n"
    );
    let read = ManifestFile::read("web.yaml", text.as_bytes());
    read.file.expect("a good manifest").manifest().clone()
}

/// A shared image whose owner has these tags, besides ours, and on which the consumer has none.
pub(super) fn image(tags: &[(&str, &str)]) -> SharedImage {
    let ours = [("image-steward:family", "web"), ("image-steward:release", "r7")];
    SharedImage {
        release: release(7),
        shared: true,
        owners: Some(OwnersImage {
            tags: of(&[tags, &ours].concat()),
            ..OwnersImage::default()
        }),
        consumers: Some(Tags::new()),
    }
}

pub(super) fn of(tags: &[(&str, &str)]) -> Tags {
    let text = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    tags.iter().map(text).collect()
}

pub(super) fn tag(set: &[(&str, &str)]) -> ViewStep {
    ViewStep::Tag {
        ami: ami(1),
        release: release(7),
        set: of(set),
    }
}

pub(super) fn untag(keys: &[&str]) -> ViewStep {
    ViewStep::Untag {
        ami: ami(1),
        release: release(7),
        keys: keys.iter().map(|key| (*key).to_owned()).collect(),
    }
}

pub(super) fn grant(n: u8) -> ViewStep {
    ViewStep::Grant {
        key: key(n),
        release: release(7),
    }
}

pub(super) fn held(n: u8) -> HeldGrant {
    HeldGrant {
        grants: [format!("grant-{n}")].into(),
        release: release(3),
    }
}

pub(super) fn retire(n: u8) -> ViewStep {
    retire_of(n, n)
}

pub(super) fn retire_of(key_of_it: u8, n: u8) -> ViewStep {
    ViewStep::Retire {
        key: key(key_of_it),
        grant: format!("grant-{n}"),
        release: release(3),
    }
}

/// A key of the hub's.
pub(super) fn key(n: u8) -> KmsKeyRef {
    key_of("111122223333", n)
}

pub(super) fn key_of(account: &str, n: u8) -> KmsKeyRef {
    format!("arn:aws:kms:eu-west-1:{account}:key/1234abcd-12ab-34cd-56ef-{n:012}")
        .parse()
        .unwrap()
}

pub(super) fn ami(n: u64) -> AmiId {
    format!("ami-{n:017x}").parse().unwrap()
}

pub(super) fn target() -> Target {
    "222233334444/eu-west-1".parse().unwrap()
}
