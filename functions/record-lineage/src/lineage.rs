//! Where a build came from: found out once it has ended, and written from the root down.

use steward::lineage::{Ancestor, Edge, EdgeKind, Link, Parentage, decide_lineage};
use steward::{
    AmiFacts, AmiId, BuildFacts, CanonicalName, Heard, ImageBuildArn, Output, ParentImage, Reading, ReleaseId, Target,
    Words,
};
use steward_aws::{Linked, Problem};
use steward_lambda::Moment;

use crate::Room;

/// Writes the lineage of a build; false where time ran out.
pub(crate) async fn write_lineage(
    room: &Room,
    facts: &BuildFacts,
    readings: &[(Output, Reading)],
    moment: Moment,
) -> Result<bool, Problem> {
    let child = CanonicalName::Build(facts.build.clone()).id();
    let Some(parentage) = Box::pin(gather(room, facts, readings)).await? else {
        return Ok(true);
    };
    let lineage = decide_lineage(child, &parentage);
    for node in &lineage.nodes {
        room.record.meet(node).await?;
    }
    for link in &lineage.links {
        match room
            .record
            .link(link, || moment.deadline.leaves(crate::ONE_LOOK))
            .await?
        {
            Linked::Closed => {}
            Linked::Unfinished => return Ok(false),
            Linked::Cycle => room
                .record
                .hear(child, &refused(link, moment), moment.now)
                .await
                .map(drop)?,
        }
    }
    // Whoever met an image of this build before the build was heard of has a node for it that leads nowhere.
    for (output, reading) in readings {
        let met = CanonicalName::Ami {
            region: output.target.region(),
            id: output.ami,
        };
        let is_own = matches!(reading, Reading::Seen(image) if image.claims_build.as_ref() == Some(&facts.build));
        if is_own && room.record.knows(&met).await? {
            let edge = Edge {
                parent: child,
                child: met.id(),
            };
            let kind = EdgeKind::Copy;
            let is_time_left = || moment.deadline.leaves(crate::ONE_LOOK);
            if room.record.link(&Link { edge, kind }, is_time_left).await? == Linked::Unfinished {
                return Ok(false);
            }
        }
    }
    room.record.mark_linked(child).await?;
    Ok(true)
}

fn refused(
    Link {
        edge: Edge { parent, child },
        ..
    }: &Link,
    moment: Moment,
) -> Heard {
    Heard {
        event: format!("{parent}-{child}"),
        at: moment.now,
        says: Words::from(format!("{child} cannot come from {parent}, which came from it")),
    }
}

/// What a build is built on; none where that cannot be told yet. The recipe says a build, or an image; of an image is asked
/// who made it, and what EC2 remembers.
async fn gather(room: &Room, facts: &BuildFacts, readings: &[(Output, Reading)]) -> Result<Option<Parentage>, Problem> {
    let hub = room.aws.hub();
    if let Some(ParentImage::Build(build)) = &facts.parent
        && crate::look::is_of_hub(build, hub)
    {
        return Ok(Some(Parentage::Build(build.clone())));
    }
    let Some(chain) = chain(room, facts, readings).await? else {
        return Ok(None);
    };
    let Some(parent) = chain.first() else {
        return Ok(match &facts.parent {
            Some(ParentImage::Build(build)) => Some(Parentage::Build(build.clone())),
            // With images that nobody has seen yet, they may still tell.
            _ if !facts.outputs.is_empty()
                && !readings.iter().any(|(_, reading)| matches!(reading, Reading::Seen(_))) =>
            {
                None
            }
            _ => Some(Parentage::Unknown),
        });
    };
    if let Some(release) = parent.release {
        return Ok(Some(Parentage::Release(release)));
    }
    if let Some(build) = &parent.build {
        return Ok(Some(Parentage::Build(build.clone())));
    }
    Ok(Some(Parentage::Foreign(chain)))
}

/// The parent and what is above it, as EC2 remembers it of the image that was made, or of the parent while that is there.
///
/// None where one of them was made by a build that has not ended: it says later what it made.
async fn chain(
    room: &Room,
    facts: &BuildFacts,
    readings: &[(Output, Reading)],
) -> Result<Option<Vec<Ancestor>>, Problem> {
    let hub = room.aws.hub();
    let at = room.aws.at(hub).await;
    let made = readings.iter().find_map(|(output, reading)| match reading {
        Reading::Seen(image) if output.target == hub && image.owner == hub.account() => Some(image),
        _ => None,
    });
    let parent = match &facts.parent {
        Some(ParentImage::Ami(parent)) => Some(*parent),
        Some(ParentImage::Build(_)) | None => made.and_then(|image| image.source).map(|(_, source)| source),
    };
    let Some(parent) = parent else {
        return Ok(Some(Vec::new()));
    };
    let mut chain = Vec::new();
    if let Some(image) = made.filter(|image| image.source == Some((hub.region(), parent))) {
        chain = at.ancestry(image.ami).await?.unwrap_or_default();
        if !chain.is_empty() {
            chain.remove(0);
        }
    }
    if chain.is_empty() {
        chain = at.ancestry(parent).await?.unwrap_or_default();
    }
    if chain.is_empty() {
        // Gone before anybody asked: its name is all there is.
        chain.push(Ancestor {
            region: hub.region(),
            ami: parent,
            created: None,
            alias: None,
            source: None,
            release: None,
            build: None,
            told: false,
        });
    }
    for ancestor in &mut chain {
        ancestor.release = room.record.release_of(ancestor.ami, ancestor.region).await?;
        if ancestor.release.is_none() && ancestor.alias.is_none() && ancestor.region == hub.region() {
            match maker(room, ancestor.ami).await? {
                Maker::Build(build) => ancestor.build = Some(build),
                Maker::NotYet => return Ok(None),
                Maker::Nobody => {}
            }
        }
        if is_ours(ancestor) {
            break;
        }
    }
    // A copy that somebody made of an image of ours is one more image of the same release, which the record says once it
    // has heard of the copy: whichever comes first, the lineage is the same.
    while let Some(at) = chain.iter().position(is_ours).and_then(|of| of.checked_sub(1))
        && let Some([copy, of]) = chain.get_mut(at..at + 2)
        && is_own_copy(room, copy, of).await?
    {
        copy.release = of.release;
        copy.build.clone_from(&of.build);
    }
    Ok(Some(chain))
}

const fn is_ours(ancestor: &Ancestor) -> bool {
    ancestor.release.is_some() || ancestor.build.is_some()
}

/// Whether an image is the hub's own copy of an image of ours: its build says that it made both, or the hub has it in a Region
/// where the record has images. A Region that is not enabled could not be read at all.
async fn is_own_copy(room: &Room, copy: &Ancestor, of: &Ancestor) -> Result<bool, Problem> {
    let hub = room.aws.hub();
    let target = Target::new(hub.account(), copy.region);
    let made = Output { target, ami: copy.ami };
    if let Some(build) = &of.build
        && let Some(facts) = room.aws.at(hub).await.build(build).await?
        && facts.outputs.contains(&made)
    {
        return Ok(true);
    }
    if target != hub && !room.record.targets().await?.contains(&target) {
        return Ok(false);
    }
    let image = room.aws.at(target).await.see_image(copy.ami).await?;
    Ok(image.is_some_and(|image| image.owner == hub.account() && !image.from_instance))
}

/// Which build of the hub made an image.
enum Maker {
    /// This one says so.
    Build(ImageBuildArn),
    /// The one that its tag names has not ended.
    NotYet,
    /// None.
    Nobody,
}

/// Its tag says which build to ask; only the build itself says what it made.
async fn maker(room: &Room, ami: AmiId) -> Result<Maker, Problem> {
    let hub = room.aws.hub();
    let image = room.aws.at(hub).await.see_image(ami).await?;
    match image {
        Some(image) => made_by(room, &image).await,
        None => Ok(Maker::Nobody),
    }
}

async fn made_by(room: &Room, image: &AmiFacts) -> Result<Maker, Problem> {
    let hub = room.aws.hub();
    let Some(claimed) = &image.claims_build else {
        return Ok(Maker::Nobody);
    };
    if !crate::look::is_of_hub(claimed, hub) {
        return Ok(Maker::Nobody);
    }
    let made = Output {
        target: image.target,
        ami: image.ami,
    };
    Ok(match room.aws.at(hub).await.build(claimed).await? {
        Some(facts) if facts.outputs.contains(&made) => Maker::Build(facts.build),
        Some(facts) if !facts.state.ended() => Maker::NotYet,
        Some(_) | None => Maker::Nobody,
    })
}

/// Whether a build of the hub made an image, or may yet say so.
pub(crate) async fn is_made_by_hub(room: &Room, image: &AmiFacts) -> Result<bool, Problem> {
    Ok(!matches!(made_by(room, image).await?, Maker::Nobody))
}

/// The release that an image is a copy of, as another hand made it.
pub(crate) async fn copied_from(room: &Room, image: &AmiFacts) -> Result<Option<ReleaseId>, Problem> {
    match image.source {
        Some((region, source)) if !image.from_instance => room.record.release_of(source, region).await,
        _ => Ok(None),
    }
}
