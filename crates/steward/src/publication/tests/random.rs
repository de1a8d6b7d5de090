//! Facts as they may be, likely or not. Images are numbered so that each runs on one architecture only.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::*;
use super::stage::*;
use crate::Architecture::{self, Arm64, X86_64};
use crate::evidence::ImageName;
use crate::manifest::{LaunchTemplateId, Manifest};

/// The templates that entries name: two of the target, and one each of another account and Region.
pub(super) fn entries(first: bool, second: bool) -> [String; 4] {
    [
        following("lt-0000000000000000a", first),
        following("lt-0000000000000000b", second),
        in_target("lt-0000000000000000c", "222233334444", "eu-west-1", true),
        in_target("lt-0000000000000000d", "111122223333", "us-east-1", true),
    ]
}

fn manifests() -> impl Strategy<Value = Manifest> {
    let architectures = select(vec!["arm64", "arm64, x86_64"]);
    let parameter = prop_oneof![
        4 => Just(format!("{PARAMETER}, ")),
        1 => Just(String::from("parameter: /golden/web, ")),
        1 => Just(String::new()),
    ];
    let channels = select(vec![
        STABLE,
        "stable: { by: hand }, edge: { from: release }",
        "edge: { from: release }",
        "edge: { from: release }, night: { by: hand }",
    ]);
    let entries = (any::<bool>(), any::<bool>()).prop_map(|(first, second)| entries(first, second).join(", "));
    let retain = select(vec![
        Some("referenced"),
        Some("newest 1"),
        Some("newest 4"),
        Some("all"),
        None,
    ]);
    (architectures, parameter, channels, entries, retain).prop_filter_map(
        "check refuses two parameters of one name",
        |(architectures, parameter, channels, entries, retain)| {
            let shared = parameter.contains("web,") && (architectures.contains(',') || channels.contains("},"));
            let publish = format!("{parameter}launch_templates: [{entries}]");
            let retain = retain.map_or_else(String::new, |versions| {
                format!("retain: {{ releases: 5, for: 30d, launch_template_versions: {versions} }}")
            });
            (!shared).then(|| keeping(&retain, architectures, &publish, channels))
        },
    )
}

/// The numbers of images that run on it.
fn images(architecture: Architecture) -> impl Strategy<Value = u64> + Clone {
    match architecture {
        Arm64 => 1..5u64,
        X86_64 => 11..15u64,
    }
}

fn image_of_pointer(architecture: Architecture) -> impl Strategy<Value = PointerImage> {
    prop_oneof![
        4 => images(architecture).prop_map(seen),
        1 => images(architecture).prop_map(not_seen),
        1 => images(architecture).prop_map(|n| locked(n, Lock::Disabled)),
        1 => Just(PointerImage::NoneHere),
    ]
}

type Pointers = BTreeMap<(crate::ChannelName, Architecture), Pointer>;

pub(super) fn pointers() -> BoxedStrategy<Pointers> {
    let keys = ["stable", "edge", "night"]
        .into_iter()
        .flat_map(|channel| [(channel, Arm64), (channel, X86_64)]);
    let some = keys.map(|(channel, architecture)| {
        let key = (channel.parse().unwrap(), architecture);
        let image = option::weighted(0.8, image_of_pointer(architecture));
        image.prop_map(move |image| Some((key.clone(), pointer(image?))))
    });
    let some: Vec<_> = some.collect();
    some.prop_map(|all| seen_or_not(all.into_iter().flatten().collect()))
        .boxed()
}

/// Whether its readers see an image does not depend on the channel.
fn seen_or_not(mut pointers: Pointers) -> Pointers {
    let unseen: BTreeSet<_> = pointers
        .values()
        .filter_map(|pointer| match &pointer.image {
            PointerImage::NotSeen { ami, .. } | PointerImage::Locked { ami, .. } => Some(*ami),
            PointerImage::Seen(_) | PointerImage::NoneHere => None,
        })
        .collect();
    for pointer in pointers.values_mut() {
        if let PointerImage::Seen(ami) = pointer.image
            && unseen.contains(&ami)
        {
            let why = "not shared".into();
            pointer.image = PointerImage::NotSeen { ami, why };
        }
    }
    pointers
}

fn parameter() -> impl Strategy<Value = Option<ParameterSeen>> {
    let image = (option::weighted(0.9, prop_oneof![1..5u64, 11..15u64]), 1..100u64);
    prop_oneof![
        4 => image.prop_map(|(n, version)| Some(ParameterSeen::Image { ami: n.map(ami), version })),
        3 => Just(Some(ParameterSeen::Missing)),
        1 => Just(Some(ParameterSeen::OfOthers(Some(ami(9))))),
        1 => Just(Some(ParameterSeen::OtherType("a SecureString".into()))),
        1 => Just(Some(ParameterSeen::Unreadable("denied".into()))),
        1 => Just(None),
    ]
}

fn version(architecture: Architecture) -> impl Strategy<Value = TemplateVersionSeen> {
    let image = prop_oneof![
        20 => images(architecture).prop_map(|n| Some(ImageName::Ami(ami(n)))),
        1 => Just(None),
        1 => Just(ImageName::read("resolve:ssm:/golden/web")),
    ];
    (image, prop::bool::weighted(0.7)).prop_map(|(image, made_by_us)| TemplateVersionSeen { image, made_by_us })
}

/// Some of its versions were deleted.
fn there() -> BoxedStrategy<TemplateThere> {
    let of = |architecture| {
        let versions = vec((version(architecture), prop::bool::weighted(0.9)), 1..30);
        (versions, any::<prop::sample::Index>(), prop::bool::weighted(0.9)).prop_map(
            move |(versions, default, is_known)| {
                let latest = u64::try_from(versions.len()).unwrap();
                let default = u64::try_from(default.index(versions.len())).unwrap() + 1;
                let kept = |number: u64, stays: bool| stays || number == default || number == latest;
                let versions = (1..).zip(versions);
                TemplateThere {
                    default,
                    latest,
                    architecture: is_known.then_some(architecture),
                    versions: versions
                        .filter_map(|(number, (version, stays))| kept(number, stays).then_some((number, version)))
                        .collect(),
                }
            },
        )
    };
    prop_oneof![3 => of(Arm64), 1 => of(X86_64)].boxed()
}

fn template_seen() -> impl Strategy<Value = Option<TemplateSeen>> {
    prop_oneof![
        12 => there().prop_map(|there| Some(TemplateSeen::Seen(there))),
        1 => Just(Some(TemplateSeen::Missing)),
        1 => Just(Some(TemplateSeen::NotOurs)),
        1 => Just(Some(TemplateSeen::Unreadable("denied".into()))),
        1 => Just(None),
    ]
}

pub(super) fn cases() -> BoxedStrategy<Case> {
    let names = vec(parameter(), 6);
    let templates = vec((template_seen(), option::weighted(0.8, btree_set(1..30u64, 0..5))), 4);
    (manifests(), prop::bool::weighted(0.8), pointers(), names, templates)
        .prop_map(|(manifest, parameters_here, pointers, parameters, templates)| {
            let (templates, pinned): (Vec<_>, Vec<_>) = templates.into_iter().unzip();
            let names = published_parameters(&manifest).into_keys();
            let ids = ["a", "b", "c", "d"].map(|id| format!("lt-0000000000000000{id}").parse().unwrap());
            let ids: [LaunchTemplateId; 4] = ids;
            Case {
                target: hub(),
                manifest,
                parameters_here,
                under: None,
                pointers,
                parameters: names
                    .zip(parameters)
                    .filter_map(|(name, seen)| Some((name, seen?)))
                    .collect(),
                wrote: BTreeMap::new(),
                named: ids.iter().cloned().zip(pinned).collect(),
                known: BTreeMap::new(),
                templates: ids
                    .into_iter()
                    .zip(templates)
                    .filter_map(|(id, seen)| Some((id, seen?)))
                    .collect(),
            }
        })
        .boxed()
}
