//! What pruning would do with images that were recorded, by manifests that need not be applied.

use std::fmt::Display;
use std::fs::File;
use std::io::BufReader;

use steward::evidence::Source;
use steward::manifest::ManifestFile;
use steward::pruning::offline::{
    Families, OfflineBlocked, OfflineExpendable, OfflineKept, OfflinePlan, plan_offline, read_fleet,
};
use steward::{Words, headed, plural};

use crate::arguments::Format;
use crate::failure::Failure;
use crate::given::Offline;
use crate::hub::Hub;
use crate::said::Said;
use crate::{check, json, word};

/// Shows it.
pub(crate) fn plan(hub: &Hub, given: &Offline) -> Result<Said, Failure> {
    let Offline {
        fleet,
        families,
        now,
        format,
    } = given;
    let now = now
        .as_deref()
        .map_or_else(|| hub.now(), |now| word::parse(now, "time in --now"))?;
    let checked = check::right(families)?;
    let families = Families::new(checked.files.iter().map(ManifestFile::manifest));
    let path = fleet.clone().unwrap_or_default();
    let refused = |why: &dyn Display| Failure::Mistake(format!("{} cannot be read: {why}.", path.display()));
    let file = File::open(&path).map_err(|error| refused(&error))?;
    let fleet = read_fleet(BufReader::new(file), &families).map_err(|error| refused(&error))?;
    let plan = plan_offline(fleet, now);
    Ok(match format {
        Format::Json => Said::file(json::long_text(&plan)),
        Format::Text => Said::from(text(&plan)),
    })
}

/// For people: a table of what goes, of what stays and of what is blocked, and a line that counts them.
fn text(plan: &OfflinePlan) -> String {
    let OfflinePlan {
        expendable,
        kept,
        blocked,
        recorded,
    } = plan;
    let going = expendable.iter().map(|going| {
        let OfflineExpendable {
            image,
            release: _,
            title,
            rung,
            next,
            at,
            snapshots: _,
            reason,
            gib: _,
        } = going;
        let next = next
            .zip(*at)
            .map_or_else(|| String::from("-"), |(next, at)| format!("{next} from {at}"));
        [
            image.to_string(),
            title.to_string(),
            rung.to_string(),
            next,
            reason.to_string(),
        ]
    });
    let staying = kept
        .iter()
        .map(|OfflineKept { image, why }| [image.to_string(), why.rule().to_string(), why.to_string()]);
    let stuck = blocked
        .iter()
        .map(|OfflineBlocked { image, by }| [image.to_string(), by.cause().to_string(), by.to_string()]);
    let tables = [
        headed(["EXPENDABLE", "RELEASE", "RUNG", "NEXT", "WHY"], going),
        headed(["KEPT", "RULE", "WHY"], staying),
        headed(["BLOCKED", "CAUSE", "WHY"], stuck),
    ];
    let all = expendable.len() + kept.len() + blocked.len();
    let gib: u64 = expendable.iter().map(|going| going.gib).sum();
    let counted = format!(
        "Of {all} image{}, {} would go sooner or later, with snapshots of {gib} GiB at most, {} would stay, and {} would be blocked. \
         What is recorded says nothing of channels, holds and parents: by the record more is kept.",
        plural(all),
        expendable.len(),
        kept.len(),
        blocked.len()
    );
    let parts = tables
        .into_iter()
        .flatten()
        .chain([counted])
        .chain(unrecorded(recorded));
    parts.collect::<Vec<String>>().join("\n\n")
}

/// By which sources nobody knows who uses the images, as they were not recorded; none where all were.
fn unrecorded(recorded: &[Words]) -> Option<String> {
    let is_recorded = |source: &Source| recorded.iter().any(|named| named.as_str() == source.as_str());
    let missing: Vec<&str> = Source::ALL
        .into_iter()
        .filter(|source| !is_recorded(source))
        .map(Source::as_str)
        .collect();
    if missing.is_empty() {
        return None;
    }
    let recorded: Vec<&str> = recorded.iter().map(Words::as_str).collect();
    let recorded = match recorded.as_slice() {
        [] => String::from("nothing"),
        sources => sources.join(", "),
    };
    Some(format!(
        "Of who uses the images {recorded} was recorded, and not {}: what is used that way alone would go all the same.",
        missing.join(", ")
    ))
}
