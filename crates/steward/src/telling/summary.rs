//! The message for people: paragraphs, of which chat and mails show the same.

use super::listed::Listed;
use super::message::{Before, ReleaseMessage, ToldBuild, ToldImage};
use super::quoted::Look;
use super::worst::worst_first;
use crate::{AmiId, ComponentDifference, PackageDifference, Words};

/// So many findings of one target are told: the first says enough to go and look.
const FINDINGS: usize = 3;

/// A sentence, and a list where it ends in a colon.
struct Paragraph {
    says: String,
    items: Listed<String>,
}

impl ReleaseMessage {
    /// It for people, with so many entries of each list.
    pub(super) fn summary(&self, look: Look, most: usize) -> String {
        let told = self
            .paragraphs(look, most)
            .into_iter()
            .map(|Paragraph { says, items }| {
                let more = (items.more > 0).then(|| format!("+{} more", items.more));
                let lines = items.listed.into_iter().chain(more);
                lines.fold(says, |text, line| format!("{text}\n- {line}"))
            });
        told.collect::<Vec<String>>().join("\n\n")
    }

    fn paragraphs(&self, look: Look, most: usize) -> Vec<Paragraph> {
        let mut told = vec![self.on_channels(look, most)];
        told.extend(list("Images:", self.there(), most, |image| there(image, look)));
        told.extend(list("Not usable in:", self.missing(), most, |image| {
            missing(image, look)
        }));
        told.extend(self.built(look).map(Paragraph::sentence));
        told.extend(list("Why it was built:", &self.build.because, most, |way| {
            look.quote(way.as_str())
        }));
        match &self.since {
            None => told.push(Paragraph::sentence(format!(
                "No earlier release of {} for {} was usable.",
                self.family, self.architecture
            ))),
            Some(since) => self.changes(since, look, most, &mut told),
        }
        told.push(Paragraph::sentence(match &self.findings {
            None => String::from("It was not scanned."),
            Some(findings) => format!("Its scan found {findings}."),
        }));
        told
    }

    fn on_channels(&self, look: Look, most: usize) -> Paragraph {
        let on = list("Channels:", &self.channels, most, |on| match &on.parameter {
            None => format!("{} since {}", on.channel, on.since),
            Some(name) => {
                let name = look.quote(name.as_str());
                format!("{} since {}, soon published as {name}", on.channel, on.since)
            }
        });
        on.unwrap_or_else(|| Paragraph::sentence(String::from("It is on no channel.")))
    }

    /// None where nothing is known of it.
    fn built(&self, look: Look) -> Option<String> {
        let ToldBuild {
            name: _,
            started,
            started_by,
            because: _,
            parents,
        } = &self.build;
        let at = started.iter().map(|started| format!(" at {started}"));
        let by = started_by.iter().map(|by| format!(" by {}", look.quote(by.as_str())));
        let on = (!parents.is_empty()).then(|| format!(", on {}", named(parents, look)));
        let told: String = at.chain(by).chain(on).collect();
        (!told.is_empty()).then(|| format!("Its build was started{told}."))
    }

    fn changes(&self, since: &Before, look: Look, most: usize, told: &mut Vec<Paragraph>) {
        let Before {
            release: _,
            version,
            parents,
            components,
            packages,
            vulnerabilities,
        } = since;
        let before = self.title_of(*version);
        let mut changed = Vec::new();
        if *parents != self.build.parents {
            changed.push(Paragraph::sentence(format!(
                "Its parent was {}, and is {}.",
                named(parents, look),
                named(&self.build.parents, look)
            )));
        }
        let lines = components.iter().flat_map(ComponentDifference::lines);
        changed.extend(list("Components:", lines, most, |line| look.quote(&line)));
        if let Some(packages) = packages {
            changed.extend(list(&counted(packages), packages, most, |package| {
                look.quote(&package.to_string())
            }));
        }
        if let Some(differences) = vulnerabilities {
            for (which, found) in [("gone", &differences.fixed), ("new", &differences.introduced)] {
                let says = format!("Vulnerabilities that are {which}: {}:", found.len());
                let found = worst_first(found);
                changed.extend(list(&says, found, most, |(id, found)| {
                    look.quote(&format!("{id}: {found}"))
                }));
            }
        }
        if changed.is_empty() {
            told.push(Paragraph::sentence(format!(
                "Nothing that is known differs from {before}."
            )));
        } else {
            told.push(Paragraph::sentence(format!("What changed since {before}:")));
            told.append(&mut changed);
        }
        if packages.is_none() {
            told.push(Paragraph::sentence(String::from(
                "The packages of one of the two are not known.",
            )));
        }
        if vulnerabilities.is_none() {
            told.push(Paragraph::sentence(String::from("One of the two was not scanned.")));
        }
    }
}

impl Paragraph {
    fn sentence(says: String) -> Self {
        Self {
            says,
            items: Listed::of([], 0),
        }
    }
}

/// None of nothing.
fn list<T>(
    says: &str,
    items: impl IntoIterator<Item = T>,
    most: usize,
    show: impl FnMut(T) -> String,
) -> Option<Paragraph> {
    let items = Listed::of(items, most);
    let is_empty = items.listed.is_empty() && items.more == 0;
    (!is_empty).then(|| Paragraph {
        says: says.to_owned(),
        items: items.map(show),
    })
}

fn there((ami, image): (AmiId, &ToldImage), look: Look) -> String {
    let optional = if image.required { "" } else { " (not required)" };
    let ami = look.quote(&ami.to_string());
    format!("{}{optional}: {ami}{}", image.target, found(image, look))
}

fn missing(image: &ToldImage, look: Look) -> String {
    let required = if image.required { " (required)" } else { "" };
    let says = look.quote(image.says.as_str());
    format!("{}{required}: {says}{}", image.target, found(image, look))
}

fn found(image: &ToldImage, look: Look) -> String {
    let Listed { listed, more } = Listed::of(&image.findings, FINDINGS);
    let listed = listed.into_iter().map(|finding| look.quote(finding.as_str()));
    let more = (more > 0).then(|| format!("+{more} more"));
    listed.chain(more).fold(String::new(), |told, one| told + "; " + &one)
}

/// What a release was built on: one, but for what was put together by hand.
fn named(parents: &[Words], look: Look) -> String {
    match parents {
        [] => String::from("unknown"),
        [only] => look.quote(only.as_str()),
        [first, others @ ..] => format!("{} and {} more", look.quote(first.as_str()), others.len()),
    }
}

fn counted(packages: &[PackageDifference]) -> String {
    let count = |of: fn(&PackageDifference) -> bool| packages.iter().filter(|package| of(package)).count();
    let new = count(|package| package.before.is_empty());
    let gone = count(|package| package.after.is_empty());
    format!(
        "Packages: {new} new, {gone} gone, {} of another version:",
        packages.len() - new - gone
    )
}
