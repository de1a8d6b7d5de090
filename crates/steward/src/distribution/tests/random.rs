//! Facts as they may be, likely or not. Strategies of so many parts are boxed: by value they do not fit a thread's stack.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::*;
use super::stage::*;
use crate::manifest::Distribute;
use crate::{AmiId, AmiState, KmsKeyRef};

fn mostly<T: Clone + std::fmt::Debug + 'static>(usual: T, others: Vec<T>) -> impl Strategy<Value = T> {
    prop_oneof![4 => Just(usual), 1 => select(others)]
}

pub(super) fn grantees() -> impl Strategy<Value = BTreeSet<Grantee>> {
    let all = vec![
        Grantee::Account(hub()),
        grantee(1),
        grantee(2),
        grantee(3),
        unit(),
        organization(),
        Grantee::Everybody,
    ];
    btree_set(select(all), 0..5)
}

pub(super) fn copiers() -> impl Strategy<Value = BTreeSet<Copier>> {
    let all = vec![
        Copier::Account(hub()),
        copier(1),
        copier(2),
        copier(3),
        Copier::Everybody,
    ];
    btree_set(select(all), 0..4)
}

fn tags(is_copy: bool) -> impl Strategy<Value = BTreeMap<String, String>> {
    let release = Some(release().to_string());
    let usual = release.clone().filter(|_| is_copy);
    (
        mostly(Some("web"), vec![Some("base"), None]),
        mostly(usual, vec![release, None, Some("f".repeat(32))]),
        mostly(Some("web"), vec![Some("other"), None]),
    )
        .prop_map(|(family, release, team)| {
            let family = family.map(|family| (FAMILY.to_owned(), family.to_owned()));
            let release = release.map(|release| (RELEASE.to_owned(), release));
            let team = team.map(|team| (String::from("team"), team.to_owned()));
            family.into_iter().chain(release).chain(team).collect()
        })
}

fn encryption() -> impl Strategy<Value = Encryption> {
    prop_oneof![
        3 => Just(Encryption::None),
        1 => Just(Encryption::DefaultKey),
        1 => Just(Encryption::Key(key(KEY))),
        1 => Just(Encryption::Key(key(OTHER_KEY))),
        1 => Just(Encryption::Unseen { key: key(OTHER_KEY), why: "denied".into() }),
    ]
}

fn snapshot() -> impl Strategy<Value = SnapshotThere> {
    let owner = mostly(hub(), vec![account(1)]);
    let permitted = option::weighted(0.9, copiers());
    (owner, encryption(), tags(true), permitted).prop_map(|(owner, encryption, tags, permitted)| SnapshotThere {
        owner,
        encryption,
        tags,
        permitted,
    })
}

/// An image; its snapshots are numbered after it.
fn image(n: u64, is_copy: bool) -> BoxedStrategy<ImageThere> {
    let right = Some((home().region(), ami(1)));
    (
        mostly(hub(), vec![account(1)]),
        mostly(AmiState::Available, AmiState::ALL.to_vec()),
        option::of((1..4u64).prop_map(day)),
        mostly(right, vec![None, Some((home().region(), ami(9)))]),
        tags(is_copy),
        any::<bool>(),
        option::weighted(0.9, grantees()),
        vec(snapshot(), 1..3),
    )
        .prop_map(
            move |(owner, state, created, source, tags, watermarked, grants, snapshots)| ImageThere {
                owner,
                state,
                why: None,
                created,
                source,
                tags,
                watermarked,
                grants,
                snapshots: (0..)
                    .zip(snapshots)
                    .map(|(at, snapshot)| (snap(n * 10 + at), snapshot))
                    .collect(),
            },
        )
        .boxed()
}

fn key_seen() -> impl Strategy<Value = Option<KeySeen>> {
    let usable = KeySeen::Usable;
    mostly(
        Some(usable(key(KEY))),
        vec![
            None,
            Some(KeySeen::Unusable(KeyProblem::Disabled)),
            Some(usable(key(OTHER_KEY))),
        ],
    )
}

fn ebs() -> impl Strategy<Value = Option<Result<EbsDefaults, crate::Words>>> {
    let keys = vec![DefaultKey::OfAws, DefaultKey::Customers(key(OTHER_KEY))];
    let read = (any::<bool>(), select(keys)).prop_map(|(encrypts, key)| Some(Ok(EbsDefaults { encrypts, key })));
    prop_oneof![4 => read, 1 => Just(Some(Err("denied".into()))), 1 => Just(None)]
}

fn keys() -> impl Strategy<Value = BTreeMap<KmsKeyRef, KeyAudience>> {
    let read = (grantees(), grantees()).prop_map(|(shuts_out, unclear)| KeyAudience::Read { shuts_out, unclear });
    let audience = prop_oneof![2 => Just(lets_all()), 2 => read, 1 => Just(KeyAudience::Unread("denied".into()))];
    btree_map(select(vec![key(KEY), key(OTHER_KEY)]), audience, 0..3)
}

fn distribute() -> impl Strategy<Value = Distribute> {
    let manifests = [PLAIN, KEYED, "regions: { eu-west-1: {} }", "regions: { us-east-1: {} }"].map(manifest);
    (select(manifests.to_vec()), any::<bool>()).prop_map(|(distribute, exclusive)| Distribute {
        exclusive,
        ..distribute
    })
}

pub(super) fn audience() -> impl Strategy<Value = ResolvedAudience> {
    let snapshots = prop_oneof![
        5 => copiers().prop_map(SnapshotAudience::Known),
        1 => Just(SnapshotAudience::Unknown("denied".into())),
    ];
    let images = prop_oneof![1 => Just(BTreeSet::new()), 4 => grantees()];
    (images, snapshots).prop_map(|(images, snapshots)| ResolvedAudience { images, snapshots })
}

/// The images of a target as a list has them, in any order.
pub(super) fn images() -> impl Strategy<Value = Vec<(AmiId, ImageThere)>> {
    let image = |n| (Just(ami(n)), image(n, n > 1));
    let some = |n| option::weighted(0.4, image(n));
    (some(1), some(2), some(3), some(4)).prop_map(|(a, b, c, d)| [a, b, c, d].into_iter().flatten().collect())
}

pub(super) fn cases() -> BoxedStrategy<Case> {
    let public =
        (any::<bool>(), any::<bool>(), 0..9usize).prop_map(|(images, snapshots, public_images)| PublicAccess {
            images_blocked: images,
            snapshots_blocked: snapshots,
            public_images,
        });
    let enabled = prop::bool::weighted(0.9);
    let seen = (images(), key_seen(), ebs(), keys(), 0..25usize, public, enabled).prop_map(
        |(images, key, ebs, keys, in_flight, public, enabled)| TargetSeen {
            images: images.into_iter().collect(),
            key,
            ebs,
            keys,
            in_flight,
            public,
            enabled,
        },
    );
    (
        mostly(away(), vec![home(), member(), member()]),
        option::weighted(0.9, image(1, false)),
        distribute(),
        audience(),
        (btree_set((1..4u64).prop_map(account), 0..3), lending()),
        (seen, any::<bool>(), any::<bool>()),
    )
        .prop_map(
            |(target, source, distribute, audience, (owners, lending), (seen, asked_for, ended))| {
                let mut case = nowhere();
                case.going.source.image = source;
                case.going.source.ended = ended;
                let case = Case {
                    target,
                    going: case.going,
                    distribute,
                    audience,
                    owners,
                    lending,
                    seen,
                    asked_for,
                    now: case.now,
                };
                if target == member() { of_a_member(case) } else { case }
            },
        )
        .boxed()
}

fn lending() -> impl Strategy<Value = Lending> {
    let some = || btree_set((1..4u64).prop_map(account), 0..3);
    let grants = btree_set((select(vec![KEY, OTHER_KEY]), 1..4u64), 0..3);
    let before = (
        btree_map((1..4u64).prop_map(ami), some(), 0..2),
        btree_map((1..4u64).prop_map(snap), some(), 0..2),
    );
    let before = before.prop_map(|(launch, copy)| LetBefore { launch, copy });
    (some(), some(), some(), before, grants).prop_map(|(lacking, served, new, before, grants)| Lending {
        new: new.intersection(&lacking).copied().collect(),
        before,
        served: served.difference(&lacking).copied().collect(),
        lacking,
        grants: grants.into_iter().map(|(key, n)| key_grant(key, n)).collect(),
        unread: BTreeMap::new(),
        left: BTreeMap::new(),
    })
}

/// The same as a member has it, whose source is the hub's in its Region.
fn of_a_member(mut case: Case) -> Case {
    let own = |owner| if owner == hub() { member().account() } else { hub() };
    case.going.source.output.target = away();
    for image in case.seen.images.values_mut() {
        image.owner = own(image.owner);
        image.source = image.source.map(|(_, ami)| (away().region(), ami));
        image
            .snapshots
            .values_mut()
            .for_each(|there| there.owner = own(there.owner));
    }
    case
}
