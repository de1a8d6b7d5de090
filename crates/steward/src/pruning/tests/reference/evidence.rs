//! What is wrong with the evidence.

use std::collections::BTreeSet;

use super::super::super::*;
use super::super::stage::World;
use super::{HOUR, ms, ours};
use crate::evidence::Said;
use crate::{Target, Timestamp};

pub(super) fn waived(world: &World) -> Vec<(Target, Timestamp)> {
    let mut waived = Vec::new();
    for evidence in &world.facts.evidence {
        if let Some(waiver) = &evidence.waiver
            && world.now < waiver.until
        {
            waived.push((evidence.target, waiver.until));
        }
    }
    waived.sort();
    waived
}

pub(super) fn troubles(world: &World) -> BTreeSet<Trouble> {
    let now = ms(world.now);
    let mut troubles = BTreeSet::new();
    for evidence in &world.facts.evidence {
        let target = evidence.target;
        if waived(world).iter().any(|(waived, _)| *waived == target) {
            continue;
        }
        if evidence.sources.is_empty() {
            troubles.insert(Trouble {
                doubt: Doubt::Never,
                target,
                source: None,
            });
        }
        for source in &evidence.sources {
            let mut doubts = Vec::new();
            match &source.last {
                None => doubts.push(Doubt::Never),
                Some(last) => {
                    match &last.said {
                        Said::Complete(_) => {}
                        Said::Unread(why) => doubts.push(Doubt::Unread(why.clone())),
                        Said::Implausible { count, usual } => doubts.push(Doubt::Implausible {
                            count: *count,
                            usual: *usual,
                        }),
                    }
                    if ms(last.as_of) > now {
                        doubts.push(Doubt::Ahead(last.as_of));
                    }
                    if now - ms(last.as_of) > HOUR {
                        doubts.push(Doubt::Stale(last.as_of));
                    }
                }
            }
            for doubt in doubts {
                let source = Some(source.source.clone());
                troubles.insert(Trouble { doubt, target, source });
            }
        }
    }
    for image in world.facts.releases.iter().flat_map(ours) {
        if !world.facts.evidence.iter().any(|known| known.target == image.target) {
            troubles.insert(Trouble {
                doubt: Doubt::Never,
                target: image.target,
                source: None,
            });
        }
    }
    troubles
}
