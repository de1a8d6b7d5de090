//! Everything about a release, for people.

use std::collections::BTreeSet;

use steward::channels::OnChannel;
use steward::distribution::{Encrypted, Shared};
use steward::lineage::{Card, Lifted};
use steward::{AmiState, BuildFailure, KmsKeyRef, Words, plural};

use crate::explain::{Asked, CameFrom, Distributed, Explained, Held, PlacedContainer, PlacedImage, Revoked};
use crate::terminal::one_line;
use crate::titled::way;

/// Each release with a block of lines.
pub(crate) fn told(all: &[Explained]) -> String {
    let mut lines = Lines(Vec::new());
    for explained in all {
        tell(explained, &mut lines);
    }
    lines.0.join("\n")
}

/// What others wrote makes no line of its own.
struct Lines(Vec<String>);

impl Lines {
    fn add(&mut self, line: impl AsRef<str>) {
        self.0.push(one_line(line.as_ref()));
    }
}

fn tell(explained: &Explained, lines: &mut Lines) {
    let Explained {
        titled,
        card,
        tombstone,
        started_by,
        because: _,
        ways,
        channels,
        parents,
        descendants,
        revoked,
        exemptions,
        workflows,
        findings,
        packages,
        images,
        containers,
        holds,
    } = explained;
    match card {
        Some(card) => tell_card(card, *tombstone, started_by.as_ref(), lines),
        None => lines.add(titled.to_string()),
    }
    for way in ways {
        lines.add(format!("  because: {way}"));
    }
    tell_channels(channels, lines);
    tell_lineage(card.as_ref(), parents, *descendants, lines);
    for Revoked { path, why, who, at } in revoked {
        let by = match path.as_slice() {
            [_itself] => String::new(),
            path => format!(" by {}", way(path)),
        };
        lines.add(format!("  REVOKED{by}: {why} ({who}, {at})"));
    }
    for exempted in exemptions {
        let exemption = &exempted.exemption;
        let past = past(exempted.holds, exemption.ended.as_ref());
        lines.add(format!(
            "  exempt until {}{past}: {} ({})",
            exemption.until, exemption.why, exemption.who
        ));
    }
    for workflow in workflows {
        lines.add(format!("  workflow: {workflow}"));
    }
    if let Some(findings) = findings {
        lines.add(format!("  findings: {findings}"));
    }
    if let Some(packages) = packages {
        lines.add(format!("  packages: {packages}"));
    }
    for image in images {
        tell_image(image, lines);
    }
    for PlacedContainer { container, pruning } in containers {
        let tags: Vec<&str> = container.tags.iter().map(String::as_str).collect();
        let called = match tags.as_slice() {
            [] => String::from("nothing"),
            tags => tags.join(", "),
        };
        lines.add(format!(
            "  image: {} in {}, {} (looked at {}), called {called}",
            container.image, container.target, container.state, container.seen
        ));
        lines.add("    who uses it cannot be known completely, and nothing is ever done with it");
        if let Some(pruning) = pruning {
            lines.add(format!("    {pruning}"));
        }
    }
    for Held { hold, holds } in holds {
        let past = past(*holds, hold.ended.as_ref());
        lines.add(format!(
            "  held: {} until {}{past}: {} ({})",
            hold.ami, hold.until, hold.why, hold.who
        ));
    }
}

fn tell_card(card: &Card, is_tombstone: bool, started_by: Option<&Words>, lines: &mut Lines) {
    lines.add(format!("{}  {}", card.title(), card.details(is_tombstone)));
    lines.add(format!("  {}", card.name));
    if let Some(created) = card.created {
        let by = started_by.map(|by| format!(", started as {by}")).unwrap_or_default();
        lines.add(format!("  made: {created}{by}"));
    }
    if let Some(reason) = &card.reason {
        lines.add(format!("  failed: {reason}"));
    }
    for line in card.failure.iter().flat_map(BuildFailure::lines) {
        lines.add(format!("    {line}"));
    }
    if let Some(recipe) = &card.recipe {
        lines.add(format!("  recipe: {recipe}"));
    }
    for used in &card.components {
        lines.add(format!("  ran: {used}"));
    }
}

fn tell_channels(channels: &[OnChannel], lines: &mut Lines) {
    if channels.is_empty() {
        return;
    }
    let on: Vec<String> = channels
        .iter()
        .map(|OnChannel { channel, since }| format!("{channel} (since {since})"))
        .collect();
    lines.add(format!("  on the channel{} {}", plural(on.len()), on.join(", ")));
}

fn tell_lineage(card: Option<&Card>, parents: &[CameFrom], descendants: usize, lines: &mut Lines) {
    let parents: Vec<String> = parents
        .iter()
        .map(|CameFrom { titled, kind }| format!("{titled} ({kind})"))
        .collect();
    let came_from = if parents.is_empty() {
        String::from("nothing that is known")
    } else {
        parents.join(", ")
    };
    lines.add(format!("  came from: {came_from}"));
    if card.is_some_and(|card| card.kind == "built" && !card.linked) {
        lines.add("  not all of where it came from is found out yet");
    }
    lines.add(format!("  came from it: {descendants} release{}", plural(descendants)));
}

fn tell_image(image: &PlacedImage, lines: &mut Lines) {
    let PlacedImage {
        placement,
        left_behind,
        distributed,
        uses,
        asked: Asked { targets, as_of },
        pruning,
        still_there,
    } = image;
    let made = match (placement.managed, left_behind) {
        (true, true) => ", left behind by the build",
        (true, false) => "",
        (false, _) => ", made by hand",
    };
    lines.add(format!(
        "  image: {} in {}, {}{made} (since {})",
        placement.ami,
        placement.target,
        placement.told(),
        placement.since.unwrap_or(placement.seen)
    ));
    match distributed {
        Some(distributed) => tell_distributed(distributed, placement.state, lines),
        // Of what is gone nothing is asked.
        None if placement.state == AmiState::Deregistered => {}
        None => lines.add("    by which key it is encrypted and whom it is shared with was not looked at"),
    }
    for mark in &placement.watermarks {
        lines.add(format!("    marked {mark}"));
    }
    for held in uses {
        let parts = [("used", &held.usage), ("only named", &held.named)];
        for (is, usage) in parts.into_iter().filter_map(|(is, part)| Some((is, part.as_ref()?))) {
            for reference in &usage.references {
                match reference.elsewhere() {
                    None => lines.add(format!("    {is} by {reference} in {}", held.target)),
                    Some(_) => lines.add(format!("    {is} by {reference} in {}", held.target.region())),
                }
            }
            let more = usage.count.saturating_sub(usage.references.len());
            if more > 0 {
                lines.add(format!(
                    "    and by {more} more of the {} in {}",
                    held.source, held.target
                ));
            }
        }
        if let Some(standing) = &held.reports {
            let uses = held.usage.as_ref().map_or(0, |usage| usage.count);
            lines.add(format!("    {}", standing.told(uses)));
        }
        if let Some(from) = held.image.as_ref().and_then(|image| image.deprecated) {
            lines.add(format!("    deprecated from {from} on, as {} sees it", held.target));
        }
        if let Some(launched) = held.image.as_ref().and_then(|image| image.launched) {
            lines.add(format!("    last launched {launched}, as {} sees it", held.target));
        }
        if let Some(protected) = held.image.as_ref().and_then(|image| image.protected.as_ref()) {
            lines.add(format!("    protected from deregistration: {protected}"));
        }
    }
    let nobody = uses.iter().all(|held| held.usage.is_none());
    match as_of {
        None => lines.add("    who uses it was not asked everywhere yet"),
        Some(oldest) => {
            let says = if nobody { "nobody is known to use it, " } else { "" };
            lines.add(format!(
                "    {says}as of {oldest} or later in {targets} target{}",
                plural(*targets)
            ));
        }
    }
    if let Some(fate) = pruning {
        lines.add(format!("    {fate}"));
    }
    for snapshot in still_there {
        lines.add(format!("    {snapshot}"));
    }
}

fn tell_distributed(distributed: &Distributed, state: AmiState, lines: &mut Lines) {
    let Distributed {
        keys,
        encrypted,
        shared,
    } = distributed;
    match keys {
        Some(keys) => lines.add(format!("    {}", encryption(keys, *encrypted))),
        None => lines.add("    by which key it is encrypted was not seen"),
    }
    match shared {
        Some(Shared { with, more, as_of }) => {
            let mut with: Vec<String> = with.iter().map(ToString::to_string).collect();
            let and = if *more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            with.extend(with.is_empty().then(|| String::from("nobody else")));
            lines.add(format!("    shared with {}{and}, as of {as_of}", with.join(", ")));
        }
        // EC2 forgets whom it was shared with.
        None if state == AmiState::Disabled => lines.add("    shared with nobody, as it is disabled"),
        None => lines.add("    whom it is shared with was not read"),
    }
}

/// By what an image was last seen encrypted.
fn encryption(keys: &BTreeSet<KmsKeyRef>, encrypted: Option<Encrypted>) -> String {
    let mut by: Vec<String> = keys.iter().map(ToString::to_string).collect();
    let Some(Encrypted { by_aws, plain, as_of }) = encrypted else {
        // An older version kept no more.
        return match by.as_slice() {
            [] => String::from("not encrypted, or by AWS's own key"),
            by => format!("encrypted by {}", by.join(", ")),
        };
    };
    by.extend(by_aws.then(|| String::from("AWS's own key")));
    match (by.as_slice(), plain) {
        ([], _) => format!("not encrypted, as of {as_of}"),
        (by, true) => format!("encrypted by {}, but not all of it, as of {as_of}", by.join(", ")),
        (by, false) => format!("encrypted by {}, as of {as_of}", by.join(", ")),
    }
}

fn past(holds: bool, ended: Option<&Lifted>) -> String {
    match ended {
        Some(Lifted { who, why, at }) => format!(" (ended by {who} on {at}: {why})"),
        None if holds => String::new(),
        None => String::from(" (past)"),
    }
}
