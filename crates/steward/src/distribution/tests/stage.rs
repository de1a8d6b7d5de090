//! A release of the family web, built in eu-west-1 of the hub, and us-east-1, where its copy is to be.

use std::collections::{BTreeMap, BTreeSet};

use super::super::*;
use crate::manifest::{Distribute, ManifestFile};
use crate::{AccountId, AmiId, AmiState, KmsKeyRef, Output, SnapshotId, Target, Timestamp};

pub(super) const HUB: &str = "111122223333";
pub(super) const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
pub(super) const OTHER_KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/00000000-12ab-34cd-56ef-1234567890ab";

/// All that is known, owned.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) target: Target,
    pub(super) going: Going,
    pub(super) distribute: Distribute,
    pub(super) audience: ResolvedAudience,
    pub(super) owners: BTreeSet<AccountId>,
    pub(super) lending: Lending,
    pub(super) seen: TargetSeen,
    pub(super) asked_for: bool,
    pub(super) now: Timestamp,
}

impl Case {
    pub(super) fn plan(&self) -> TargetPlan {
        decide_target(DistributionFacts {
            target: self.target,
            going: &self.going,
            distribute: &self.distribute,
            audience: &self.audience,
            owners: &self.owners,
            lending: &self.lending,
            seen: &self.seen,
            asked_for: self.asked_for,
            now: self.now,
        })
    }

    /// With an image there.
    pub(super) fn holding(mut self, n: u64, image: ImageThere) -> Self {
        self.seen.images.insert(ami(n), image);
        self
    }

    pub(super) fn source(&mut self) -> &mut ImageThere {
        self.going.source.image.as_mut().unwrap()
    }

    pub(super) fn image(&mut self, n: u64) -> &mut ImageThere {
        self.seen.images.get_mut(&ami(n)).unwrap()
    }

    /// Of the image that is there alone.
    pub(super) fn snapshot(&mut self) -> &mut SnapshotThere {
        let image = self.seen.images.values_mut().next().unwrap();
        image.snapshots.values_mut().next().unwrap()
    }

    pub(super) fn shared_with(mut self, grantees: &[Grantee]) -> Self {
        self.audience.images = grantees.iter().cloned().collect();
        self
    }

    pub(super) fn copied_by(mut self, copiers: &[Copier]) -> Self {
        self.audience.snapshots = SnapshotAudience::Known(copiers.iter().copied().collect());
        self
    }

    pub(super) fn by(mut self, distribute: &str) -> Self {
        self.distribute = manifest(distribute);
        self
    }

    pub(super) fn with_key(mut self) -> Self {
        self.distribute = manifest(KEYED);
        self.seen.key = Some(KeySeen::Usable(key(KEY)));
        self
    }
}

pub(super) const PLAIN: &str = "regions: { eu-west-1: {}, us-east-1: {} }, tags: { team: web }";
pub(super) const KEYED: &str =
    "regions: { eu-west-1: { kms_key: alias/golden }, us-east-1: { kms_key: alias/golden } }, tags: { team: web }";

pub(super) fn manifest(distribute: &str) -> Distribute {
    let text = format!(
        "family: web\nbuild:\n  parent: {{ ami: ami-01234567, owner: \"111122223333\" }}\n  infrastructure: {{ instance_types: \
         [t3.medium], instance_profile: P }}\ndistribute: {{ {distribute} }}\n"
    );
    let read = ManifestFile::read("web.yaml", text.as_bytes());
    read.file.expect("a good manifest").manifest().distribute.clone()
}

pub(super) fn ami(n: u64) -> AmiId {
    format!("ami-{n:017x}").parse().unwrap()
}

pub(super) fn snap(n: u64) -> SnapshotId {
    format!("snap-{n:017x}").parse().unwrap()
}

pub(super) fn hub() -> AccountId {
    HUB.parse().unwrap()
}

pub(super) fn account(n: u64) -> AccountId {
    format!("2222{n:08}").parse().unwrap()
}

pub(super) fn grantee(n: u64) -> Grantee {
    Grantee::Account(account(n))
}

pub(super) fn copier(n: u64) -> Copier {
    Copier::Account(account(n))
}

pub(super) fn unit() -> Grantee {
    Grantee::Unit(
        "arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-ab12-11111111"
            .parse()
            .unwrap(),
    )
}

pub(super) fn organization() -> Grantee {
    Grantee::Organization(
        "arn:aws:organizations::111122223333:organization/o-exampleorgid"
            .parse()
            .unwrap(),
    )
}

pub(super) fn key(arn: &str) -> KmsKeyRef {
    arn.parse().unwrap()
}

pub(super) fn home() -> Target {
    Target::new(hub(), "eu-west-1".parse().unwrap())
}

pub(super) fn away() -> Target {
    Target::new(hub(), "us-east-1".parse().unwrap())
}

pub(super) fn member() -> Target {
    Target::new(account(1), away().region())
}

pub(super) fn day(n: u64) -> Timestamp {
    format!("2026-01-{n:02}T00:00:00Z").parse().unwrap()
}

pub(super) fn release() -> crate::ReleaseId {
    "0123456789abcdef0123456789abcdef".parse().unwrap()
}

fn tags(tags: &[(&str, &str)]) -> BTreeMap<String, String> {
    let tags = tags.iter();
    tags.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

/// The tags of our own copy.
pub(super) fn our_tags() -> BTreeMap<String, String> {
    let mut tags = tags(&[(FAMILY, "web"), ("Name", "web/1.4.2/7"), ("team", "web")]);
    tags.insert(RELEASE.to_owned(), release().to_string());
    tags
}

/// A snapshot of ours that nobody else may copy.
pub(super) fn plain_snapshot() -> SnapshotThere {
    SnapshotThere {
        owner: hub(),
        encryption: Encryption::None,
        tags: our_tags(),
        permitted: Some(BTreeSet::new()),
    }
}

/// A copy that we made, with nothing left to do; its one snapshot has the same number.
pub(super) fn our_copy(n: u64) -> ImageThere {
    ImageThere {
        owner: hub(),
        state: AmiState::Available,
        why: None,
        created: Some(day(2)),
        source: Some((home().region(), ami(1))),
        tags: our_tags(),
        watermarked: false,
        grants: Some(BTreeSet::new()),
        snapshots: BTreeMap::from([(snap(n), plain_snapshot())]),
    }
}

/// What Image Builder made: it has no tag of ours but the family's.
pub(super) fn built() -> ImageThere {
    let tags = tags(&[(FAMILY, "web"), ("team", "web")]);
    ImageThere {
        source: None,
        tags: tags.clone(),
        created: Some(day(1)),
        snapshots: BTreeMap::from([(
            snap(1),
            SnapshotThere {
                tags,
                ..plain_snapshot()
            },
        )]),
        ..our_copy(1)
    }
}

/// What is said of a key that everybody who is declared may use.
pub(super) fn lets_all() -> KeyAudience {
    KeyAudience::Read {
        shuts_out: BTreeSet::new(),
        unclear: BTreeSet::new(),
    }
}

/// A release that is nowhere but where it was built, shared with nobody.
pub(super) fn nowhere() -> Case {
    Case {
        target: away(),
        going: Going {
            release: release(),
            name: "web/1.4.2/7".parse().unwrap(),
            family: "web".parse().unwrap(),
            architecture: crate::Architecture::Arm64,
            source: Source {
                output: Output {
                    target: home(),
                    ami: ami(1),
                },
                image: Some(built()),
                ended: false,
            },
        },
        distribute: manifest(PLAIN),
        audience: ResolvedAudience {
            images: BTreeSet::new(),
            snapshots: SnapshotAudience::Known(BTreeSet::new()),
        },
        owners: BTreeSet::new(),
        lending: Lending::default(),
        seen: TargetSeen {
            images: BTreeMap::new(),
            key: None,
            ebs: Some(Ok(EbsDefaults {
                encrypts: false,
                key: DefaultKey::OfAws,
            })),
            keys: [KEY, OTHER_KEY].map(|it| (key(it), lets_all())).into(),
            in_flight: 0,
            public: PublicAccess::default(),
            enabled: true,
        },
        asked_for: false,
        now: day(2),
    }
}

/// Its copy is there.
pub(super) fn there() -> Case {
    nowhere().holding(2, our_copy(2))
}

/// Where it was built.
pub(super) fn at_home() -> Case {
    let mut case = nowhere();
    case.target = home();
    case.holding(1, built())
}

/// Everything of it as a member has it that is to own a copy, made from the hub's copy in its Region, which is lent to it.
pub(super) fn of_member(mut case: Case) -> Case {
    let own = member().account();
    case.target = member();
    case.owners = BTreeSet::from([own]);
    case.going.source = Source {
        output: Output {
            target: away(),
            ami: ami(2),
        },
        image: Some(lent(our_copy(2), own)),
        ended: false,
    };
    for image in case.seen.images.values_mut() {
        image.owner = own;
        image.source = Some((away().region(), ami(2)));
        image.snapshots.values_mut().for_each(|there| there.owner = own);
    }
    case
}

/// With leave for an account to copy it.
pub(super) fn lent(mut image: ImageThere, to: AccountId) -> ImageThere {
    image.grants.as_mut().unwrap().insert(Grantee::Account(to));
    for there in image.snapshots.values_mut() {
        there.permitted.as_mut().unwrap().insert(Copier::Account(to));
    }
    image
}

/// A grant on a key, made for the copy of an account.
pub(super) fn key_grant(key_arn: &str, n: u64) -> KeyGrant {
    KeyGrant {
        key: key(key_arn),
        to: account(n),
        id: format!("grant-{n}"),
    }
}
