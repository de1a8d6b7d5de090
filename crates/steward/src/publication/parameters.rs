//! Parameters: one for each channel and architecture.

use super::decide::image_to_write;
use super::facts::{ParameterSeen, Pointer, PublicationFacts};
use super::finding::{Place, Pointed, PublicationFinding};
use super::plan::PublicationPlan;
use super::published_name::PublishedName;
use super::step::PublicationStep;
use super::under::parameters_outside;
use super::wanted::published_parameters;

pub(super) fn decide_parameters(facts: PublicationFacts<'_>, plan: &mut PublicationPlan) {
    plan.findings.extend(parameters_outside(facts.manifest, facts.under));
    let is_inside = |name: &PublishedName| facts.under.is_none_or(|under| under.holds(name));
    let parameters = published_parameters(facts.manifest).into_iter();
    for (name, of) in parameters.filter(|(name, _)| is_inside(name)) {
        // Which of them it said would change with every sweep.
        if of.len() > 1 {
            plan.findings.push(PublicationFinding::ParameterShared { name, of });
            continue;
        }
        let pointed = of.iter().filter_map(|of| Some((of, facts.pointers.get(of)?)));
        for ((channel, architecture), pointer) in pointed {
            let of = Pointed {
                channel: channel.clone(),
                architecture: *architecture,
                version: pointer.version.clone(),
            };
            decide_parameter(facts, &name, (of, pointer), plan);
        }
    }
}

fn decide_parameter(
    facts: PublicationFacts<'_>,
    name: &PublishedName,
    (of, pointer): (Pointed, &Pointer),
    plan: &mut PublicationPlan,
) {
    let PublicationPlan { steps, findings } = plan;
    let place = Place::Parameter(name.clone());
    let wanted = image_to_write(facts, (of.clone(), pointer), place, findings);
    let name = name.clone();
    let over = match facts.parameters.get(&name) {
        Some(ParameterSeen::Missing) => None,
        Some(ParameterSeen::Image { ami, .. }) if *ami == wanted => return,
        Some(ParameterSeen::Image { version, .. }) => Some(*version),
        Some(seen @ (ParameterSeen::OfOthers(_) | ParameterSeen::OtherType(_) | ParameterSeen::Unreadable(_))) => {
            findings.extend(seen.finding(&name));
            return;
        }
        None => {
            let why = "nobody looked at it".into();
            findings.push(PublicationFinding::ParameterUnreadable { name, why });
            return;
        }
    };
    let Pointed {
        channel,
        architecture,
        version: _,
    } = of;
    let Some(ami) = wanted else { return };
    if facts.wrote.get(name.as_str()) == Some(&ami) {
        let name = name.clone();
        findings.push(PublicationFinding::NotKept { name, ami });
    }
    steps.push(PublicationStep::Put {
        name,
        ami,
        over,
        channel,
        architecture,
        release: pointer.release,
    });
}
