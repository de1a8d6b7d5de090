//! Where a build came from: found out once it has ended, and written from the root down.

use steward::lineage::{Ancestor, Edge, Link, Parentage, decide_lineage};
use steward::{AmiId, BuildFacts, CanonicalName, Heard, ImageBuildArn, Output, ParentImage, Reading, ReleaseId};
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
    let parentage = Box::pin(gather(room, facts, readings)).await?;
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
        says: format!("{child} cannot come from {parent}, which came from it"),
    }
}

/// What a build is built on. The recipe says a build, or an image; of an image is asked who made it, and what EC2 remembers.
async fn gather(room: &Room, facts: &BuildFacts, readings: &[(Output, Reading)]) -> Result<Parentage, Problem> {
    if let Some(ParentImage::Build(build)) = &facts.parent {
        return Ok(Parentage::Build(build.clone()));
    }
    let chain = chain(room, facts, readings).await?;
    let Some(parent) = chain.first() else {
        return Ok(Parentage::Unknown);
    };
    let hub = room.aws.hub();
    if let Some(release) = parent.release {
        return Ok(Parentage::Release(release));
    }
    if parent.region == hub.region()
        && let Some(build) = maker(room, parent.ami).await?
    {
        return Ok(Parentage::Build(build));
    }
    Ok(Parentage::Foreign(chain))
}

/// The parent and what is above it, as EC2 remembers it of the image that was made, or of the parent while that is there.
async fn chain(room: &Room, facts: &BuildFacts, readings: &[(Output, Reading)]) -> Result<Vec<Ancestor>, Problem> {
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
        return Ok(Vec::new());
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
        });
    }
    for ancestor in &mut chain {
        ancestor.release = room.record.release_of(ancestor.ami, ancestor.region).await?;
        if ancestor.release.is_some() {
            break;
        }
    }
    Ok(chain)
}

/// The build of the hub that made an image. Its tag says which to ask; only the build itself says what it made.
async fn maker(room: &Room, ami: AmiId) -> Result<Option<ImageBuildArn>, Problem> {
    let hub = room.aws.hub();
    let at = room.aws.at(hub).await;
    let image = at.see_image(ami).await?;
    let Some(claimed) = image.and_then(|image| image.claims_build) else {
        return Ok(None);
    };
    if !crate::look::is_of_hub(&claimed, hub) {
        return Ok(None);
    }
    let facts = at.build(&claimed).await?;
    let made = Output { target: hub, ami };
    Ok(facts
        .filter(|facts| facts.outputs.contains(&made))
        .map(|facts| facts.build))
}

/// The release that an image is a copy of, as another hand made it.
pub(crate) async fn copied_from(room: &Room, image: &steward::AmiFacts) -> Result<Option<ReleaseId>, Problem> {
    match image.source {
        Some((region, source)) if !image.from_instance => room.record.release_of(source, region).await,
        _ => Ok(None),
    }
}
