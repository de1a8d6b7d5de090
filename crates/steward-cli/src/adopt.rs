//! Images that Image Builder did not build, taken into a family: shown first, and only by a person.

use std::collections::BTreeSet;

use steward::Region;
use steward::adopting::{Adoption, AdoptionShown, Taken, adoption_text};
use steward::manifest::{AmiOwner, Manifest};
use steward_aws::{Adopter, AdoptionDone, AdoptionProgress, Caller};

use crate::arguments::Format;
use crate::failure::Failure;
use crate::given::Adopt;
use crate::hub::Hub;
use crate::json;
use crate::progress::Progress;
use crate::pruning::manifests;
use crate::said::Said;
use crate::terminal::{agreed, harmless};
use crate::word::{parse, reason};

/// Shows what would be adopted, or adopts it once somebody said yes.
pub(crate) async fn adopt(hub: &Hub, given: &Adopt) -> Result<Said, Failure> {
    let (caller, record) = hub.open().await?;
    // What another family would adopt, too, is left alone: all of them count.
    let families: Vec<Manifest> = manifests(&record, None).await?.into_iter().map(|(of, _)| of).collect();
    let (manifest, _) = manifests(&record, Some(&given.family)).await?.pop().ok_or_else(|| {
        Failure::Mistake(format!(
            "{} makes container images, and adopts none of machines.",
            given.family
        ))
    })?;
    let (regions, unseen) = regions(&caller, &manifest, given)?;
    let adopter = Adopter {
        at: regions.into_iter().map(|region| caller.at(region)).collect(),
        unseen,
        record: &record,
        who: &caller.arn,
        manifest: &manifest,
        families: &families,
    };
    let mut shows = shown();
    let adoption = Box::pin(adopter.plan(&mut shows)).await.map_err(Failure::Aws)?;
    drop(shows);
    if given.format == Format::Json {
        let answer = AdoptionShown::new(&adoption, &manifest);
        return Ok(Said::file(json::long_text(&answer)));
    }
    let text = harmless(&adoption_text(&adoption, &manifest));
    if adoption.taken.is_empty() {
        return Ok(Said::new(&text, true));
    }
    match &given.because {
        Some(because) if given.apply => Box::pin(apply(hub, &adopter, (given, because), &adoption, &text)).await,
        Some(_) | None => Ok(Said::new(
            &format!("{text} Nothing was changed: --apply adopts them."),
            true,
        )),
    }
}

async fn apply(
    hub: &Hub,
    adopter: &Adopter<'_>,
    (given, because): (&Adopt, &str),
    adoption: &Adoption,
    text: &str,
) -> Result<Said, Failure> {
    let why = reason(because)?;
    let family = &adoption.family;
    agreed(
        given.yes,
        &format!(
            "{text}\n\nThey get the tag of {family}, and are retired from then on as its manifest says under `retain`."
        ),
    )?;
    let mut shows = shown();
    // Whoever was asked may have thought about it for long.
    let meant = if given.yes {
        adoption.taken.clone()
    } else {
        let now = Box::pin(adopter.plan(&mut shows)).await.map_err(Failure::Aws)?;
        still(&adoption.taken, now)
    };
    let clock = hub.clock()?;
    let done = Box::pin(adopter.adopt(&meant, &why, clock, &mut shows)).await;
    drop(shows);
    let AdoptionDone { images, lost, paused } = done.map_err(Failure::Aws)?;
    let mut lines = vec![format!(
        "Adopted {images} of {} images into {family}. Once evidence of who uses them is gathered, within the hour, \
         `steward plan prune {family}` says what becomes of them.",
        adoption.taken.len()
    )];
    lines.extend(lost.iter().map(|lost| {
        format!(
            "{} in {} is left alone: it, or what it is a copy of, became another release's meanwhile.",
            lost.ami, lost.target
        )
    }));
    if let Some(why) = &paused {
        lines.push(format!(
            "It ended before its end: {why}. Run it again then: it goes on."
        ));
    }
    Ok(Said::new(&lines.join("\n"), paused.is_none()))
}

/// What was shown and would be adopted in the same way still.
fn still(shown: &[Taken], now: Adoption) -> Vec<Taken> {
    let same = |taken: &Taken| {
        let of = |other: &&Taken| other.output() == taken.output();
        let before = shown.iter().find(of);
        before.is_some_and(|before| before.line == taken.line && before.release == taken.release)
    };
    now.taken.into_iter().filter(same).collect()
}

/// Where images are looked for: in the hub's Region and those that its manifest distributes to, unless others are named; and in which
/// of these they are not, then.
fn regions(
    caller: &Caller,
    manifest: &Manifest,
    given: &Adopt,
) -> Result<(BTreeSet<Region>, BTreeSet<Region>), Failure> {
    let family = &manifest.family;
    let Some(adopt) = &manifest.adopt else {
        return Err(Failure::Mistake(format!(
            "the manifest of {family} has no `adopt`: say there whose images it takes in, by their names or tags, and apply it."
        )));
    };
    match adopt.owner {
        AmiOwner::Own => {}
        AmiOwner::Account(owner) if owner == caller.hub.account() => {}
        AmiOwner::Account(owner) => {
            return Err(Failure::Mistake(format!(
                "the manifest of {family} adopts images of {owner}: only those of the hub, {}, can be adopted by now.",
                caller.hub.account()
            )));
        }
        AmiOwner::Amazon => {
            return Err(Failure::Mistake(format!(
                "the manifest of {family} adopts images of Amazon, which nobody else can retire."
            )));
        }
    }
    let distributed = manifest.distribute.regions.keys().copied();
    let all: BTreeSet<Region> = distributed.chain([caller.hub.region()]).collect();
    if given.region.is_empty() {
        return Ok((all, BTreeSet::new()));
    }
    let named = given.region.iter().map(|region| parse(region, "Region"));
    let named: BTreeSet<Region> = named.collect::<Result<_, _>>()?;
    let unseen = all.difference(&named).copied().collect();
    Ok((named, unseen))
}

fn shown() -> impl FnMut(AdoptionProgress) {
    let mut progress = Progress::at_terminal();
    move |at| {
        progress.shows(&match at {
            AdoptionProgress::Listed(target) => format!("listing the images of {target}"),
            AdoptionProgress::Asking(images) => format!("asking of {images} images who may use them"),
            AdoptionProgress::Adopted(done, all) => format!("adopted {done} of {all}"),
        });
    }
}
