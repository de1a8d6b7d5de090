//! What holds whatever the facts are. 256 of each; more by IMAGE_STEWARD_PUBLICATIONS.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::*;
use super::random::{cases, entries, pointers};
use super::stage::{Case, PARAMETER, STABLE, manifest};
use crate::AmiId;
use crate::Architecture::{Arm64, X86_64};
use crate::evidence::ImageName;
use crate::manifest::LaunchTemplateId;
use crate::testing::how_many;

fn runs() -> ProptestConfig {
    ProptestConfig::with_cases(how_many("IMAGE_STEWARD_PUBLICATIONS", 256))
}

/// A version, then the default, then the old ones; parameters are done by the first.
fn rank(step: &PublicationStep) -> u8 {
    match step {
        PublicationStep::Put { .. } => 0,
        PublicationStep::MakeVersion { .. } => 1,
        PublicationStep::SetDefault { .. } => 2,
        PublicationStep::Trim { .. } => 3,
    }
}

fn template_of(step: &PublicationStep) -> Option<&LaunchTemplateId> {
    match step {
        PublicationStep::Put { .. } => None,
        PublicationStep::MakeVersion { template, .. }
        | PublicationStep::SetDefault { template, .. }
        | PublicationStep::Trim { template, .. } => Some(template),
    }
}

fn rested(mut case: Case) -> Case {
    for _ in 0..4 {
        case.plan().steps.iter().for_each(|step| case.take(step));
    }
    case
}

/// What those who take the default, or where that is the owner's the newest that publishing made, launch.
fn followed(there: &TemplateThere, set_default: bool) -> Option<&ImageName> {
    let newest = there.versions.iter().rev();
    let newest = newest.filter(|(number, version)| version.made_by_us && **number > there.default);
    let (_, version) = match newest.take(1).next() {
        Some(ours) if !set_default => ours,
        _ => there.versions.get_key_value(&there.default).unwrap(),
    };
    version.image.as_ref()
}

/// What a template is to launch, slowly once more; none where it is to be left.
fn launches(case: &Case, there: &TemplateThere) -> Option<AmiId> {
    if let Some(ImageName::Parameter(_)) = there.versions[&there.default].image {
        return None;
    }
    let channels: Vec<&str> = case.manifest.channels.keys().map(crate::ChannelName::as_str).collect();
    let channel = match channels[..] {
        [only] => only,
        _ if channels.contains(&"stable") => "stable",
        _ => return None,
    };
    let is_built = |architecture| case.manifest.architectures.contains(&architecture);
    let architecture = match there.architecture {
        Some(known) if is_built(known) => known,
        Some(_) => return None,
        None if is_built(X86_64) => return None,
        None => Arm64,
    };
    match case.pointers.get(&(channel.parse().unwrap(), architecture))?.image {
        PointerImage::Seen(ami) => Some(ami),
        PointerImage::NotSeen { .. } | PointerImage::Locked { .. } | PointerImage::NoneHere => None,
    }
}

proptest! {
    #![proptest_config(runs())]

    #[test]
    fn every_step_is_one_that_aws_takes_and_that_names_what_its_readers_see(mut case in cases()) {
        for step in case.plan().steps {
            case.take(&step);
        }
    }

    #[test]
    fn after_a_plans_steps_nothing_is_left_but_what_comes_after_what_was_read_back(case in cases()) {
        let mut after = case.clone();
        let plan = case.plan();
        plan.steps.iter().for_each(|step| after.take(step));
        for step in after.plan().steps {
            let before = plan.steps.iter().filter(|taken| template_of(taken) == template_of(&step));
            prop_assert!(before.clone().count() > 0, "{step}");
            prop_assert!(before.map(rank).max() < Some(rank(&step)), "{step}");
        }
    }

    #[test]
    fn every_target_comes_to_rest(case in cases()) {
        prop_assert_eq!(rested(case).plan().steps, vec![]);
    }

    #[test]
    fn at_rest_each_parameter_names_what_its_channel_means_and_all_others_are_as_they_were(case in cases()) {
        let after = rested(case.clone());
        let mut parameters = case.parameters.clone();
        for ((channel, architecture), pointer) in case.pointers.iter().filter(|_| case.parameters_here) {
            let is_wanted = case.manifest.channels.contains_key(channel) && case.manifest.architectures.contains(architecture);
            let template = case.manifest.distribute.publish.as_ref().unwrap().parameter.as_ref();
            let Some(template) = template.filter(|_| is_wanted) else { continue };
            let name = PublishedName::new(template, &case.manifest.family, *architecture, channel);
            let (Some(seen), PointerImage::Seen(ami)) = (parameters.get_mut(&name), &pointer.image) else { continue };
            let version = match seen {
                ParameterSeen::Missing => 1,
                ParameterSeen::Image { ami: held, version } if *held == Some(*ami) => *version,
                ParameterSeen::Image { version, .. } => *version + 1,
                ParameterSeen::OfOthers(_) | ParameterSeen::OtherType(_) | ParameterSeen::Unreadable(_) => continue,
            };
            *seen = ParameterSeen::Image { ami: Some(*ami), version };
        }
        prop_assert_eq!(after.parameters, parameters);
    }

    #[test]
    fn at_rest_each_template_launches_what_its_channel_means_and_all_others_are_as_they_were(case in cases()) {
        let after = rested(case.clone());
        let following = following_templates(&case.manifest, case.target);
        for (id, before) in &case.templates {
            let wanted = match before {
                TemplateSeen::Seen(there) => launches(&case, there),
                TemplateSeen::Missing | TemplateSeen::NotOurs | TemplateSeen::Unreadable(_) => None,
            };
            let (Some(set_default), Some(ami)) = (following.get(id), wanted) else {
                prop_assert_eq!(&after.templates[id], before);
                continue;
            };
            let TemplateSeen::Seen(there) = &after.templates[id] else { panic!("{id}") };
            prop_assert_eq!(followed(there, *set_default), Some(&ImageName::Ami(ami)));
            let TemplateSeen::Seen(before) = before else { panic!("{id}") };
            prop_assert!(*set_default || there.default == before.default);
            prop_assert!(there.latest <= before.latest + 1);
            let stay = before.versions.iter().filter(|(number, version)| !version.made_by_us || **number == there.default);
            for (number, version) in stay {
                prop_assert_eq!(there.versions.get(number), Some(version));
            }
        }
    }

    #[test]
    fn whatever_is_left_undone_for_a_channel_that_points_there_is_said(case in cases()) {
        let PublicationPlan { steps, findings } = rested(case.clone()).plan();
        prop_assert_eq!(steps, vec![]);
        let unseen: BTreeSet<_> = findings.iter().filter_map(|finding| match finding {
            PublicationFinding::NotSeen { place, .. }
            | PublicationFinding::Locked { place, .. }
            | PublicationFinding::NoneHere { place, .. } => Some(place.to_string()),
            _ => None,
        }).collect();
        let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
        for (name, of) in published_parameters(&case.manifest) {
            let pointed = of.iter().find_map(|of| case.pointers.get(of));
            let Some(pointer) = pointed.filter(|_| case.parameters_here) else { continue };
            let place = Place::Parameter(name.clone()).to_string();
            let is_seen = matches!(pointer.image, PointerImage::Seen(_));
            prop_assert!(is_seen || unseen.contains(&place));
            let seen = case.parameters.get(&name);
            let is_usable = matches!(seen, Some(ParameterSeen::Missing | ParameterSeen::Image { .. }));
            prop_assert!(is_usable || told.iter().any(|told| told.starts_with(&place)));
        }
        for id in following_templates(&case.manifest, case.target).keys() {
            if !matches!(case.templates.get(id), Some(TemplateSeen::Seen(_))) {
                prop_assert!(told.iter().any(|told| told.contains(id.as_str())));
            }
        }
    }

    #[test]
    fn the_order_in_which_a_manifest_lists_its_templates_and_architectures_changes_nothing(
        listed in Just(entries(true, false).to_vec()).prop_shuffle(),
        mut case in cases(),
    ) {
        let plan = |case: &mut Case, architectures: &str, entries: &[String]| {
            let publish = format!("{PARAMETER}, launch_templates: [{}]", entries.join(", "));
            case.manifest = manifest(architectures, &publish, STABLE);
            case.plan()
        };
        let plain = plan(&mut case, "arm64, x86_64", &entries(true, false));
        prop_assert_eq!(plan(&mut case, "x86_64, arm64", &listed), plain);
    }

    #[test]
    fn parameters_come_by_name_then_templates_by_id_and_each_step_has_a_key_of_its_own(case in cases()) {
        let steps = case.plan().steps;
        let place = |step: &PublicationStep| match step {
            PublicationStep::Put { name, .. } => (0, name.to_string()),
            other => (1, template_of(other).unwrap().to_string()),
        };
        prop_assert!(steps.is_sorted_by_key(place));
        let keys: BTreeSet<String> = steps.iter().map(PublicationStep::key).collect();
        prop_assert_eq!(keys.len(), steps.len());
        prop_assert!(keys.iter().all(|key| key.len() < 100));
    }

    #[test]
    fn a_channel_that_goes_back_and_forth_is_another_step_each_time(case in cases(), other in pointers()) {
        let (there, mut case) = (case.pointers.clone(), case);
        let mut keys = BTreeSet::new();
        for pointers in [&there, &other, &there, &other] {
            case.pointers = pointers.clone();
            // Trimming is done before.
            let mut case_after = case.clone();
            for _ in 0..4 {
                for step in case_after.plan().steps {
                    prop_assert!(keys.insert(step.key()), "{step}");
                    case_after.take(&step);
                }
            }
            case = case_after;
        }
    }
}
