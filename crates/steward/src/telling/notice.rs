//! What people and their programs are told a day before images go for good.

use std::collections::BTreeMap;

use serde::Serialize;

use super::listed::{Listed, fitting};
use super::notification::{Notification, ROOM as CHAT_ROOM};
use super::quoted::Look;
use super::subject::subject;
use super::texts::texts;
use crate::{AmiId, FamilyName, ImageBuildArn, Target, Timestamp, Words, plural};

/// Bytes of each look; all of them together have room in one message of SNS.
const ROOM: usize = 32 << 10;
const LENGTHS: [usize; 8] = [500, 200, 100, 50, 20, 10, 5, 1];

/// That images of a family are to be deregistered, with their snapshots: not within a day of this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeregistrationNotice {
    /// Which family.
    pub family: FamilyName,
    /// Which images, the first to go first.
    pub images: Vec<NoticedImage>,
    /// What Image Builder still has of releases that have no image left.
    pub builds: Vec<NoticedBuild>,
    /// When they are told of.
    pub told: Timestamp,
}

/// An image that is to be deregistered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoticedImage {
    /// Which.
    pub image: AmiId,
    /// Where.
    pub target: Target,
    /// Of which release, as people call it.
    pub release: Words,
    /// From when on, unless somebody needs it by then.
    pub from: Timestamp,
    /// What its snapshots take at most, in GiB.
    pub gib: u64,
}

/// What Image Builder still has of a release that has no image left, and that is to be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoticedBuild {
    /// Its image.
    pub build: ImageBuildArn,
    /// Of which release, as people call it.
    pub release: Words,
    /// From when on, unless somebody needs it by then.
    pub from: Timestamp,
}

#[derive(Serialize)]
struct Machine<'a> {
    message: &'static str,
    family: &'a FamilyName,
    told: Timestamp,
    images: Listed<&'a NoticedImage>,
    builds: Listed<&'a NoticedBuild>,
}

impl DeregistrationNotice {
    /// A mail's subject.
    pub fn subject(&self) -> String {
        subject(&self.family, &self.headline())
    }

    /// The texts for all protocols, as SNS takes them (`MessageStructure` is `json`).
    pub fn texts(&self) -> String {
        texts(self.json(), self.text(), self.chat())
    }

    fn headline(&self) -> String {
        let family = &self.family;
        let are = |count| if count == 1 { "is" } else { "are" };
        match (self.images.len(), self.builds.len()) {
            (0, count) => format!(
                "{count} build{} of {family} {} to be deleted in Image Builder",
                plural(count),
                are(count)
            ),
            (count, _) => format!(
                "{count} image{} of {family} {} to be deregistered",
                plural(count),
                are(count)
            ),
        }
    }

    fn json(&self) -> String {
        fitting(ROOM, &LENGTHS, |most| {
            let machine = Machine {
                message: "images to be deregistered",
                family: &self.family,
                told: self.told,
                images: Listed::of(&self.images, most),
                builds: Listed::of(&self.builds, most),
            };
            serde_json::to_string(&machine).unwrap_or_default()
        })
    }

    fn text(&self) -> String {
        fitting(ROOM, &LENGTHS, |most| {
            format!("{}.\n\n{}\n", self.headline(), self.summary(Look::Plain, most))
        })
    }

    fn chat(&self) -> String {
        let notification = Notification {
            id: format!("{}-{}", self.family, self.told),
            title: self.headline(),
            description: fitting(CHAT_ROOM, &LENGTHS, |most| self.summary(Look::Chat, most)),
            next_steps: vec![
                format!(
                    "`steward plan prune {}`: all that goes, what stays and why",
                    self.family
                ),
                String::from("`steward hold AMI --until DATE --because TEXT`: keeps one of them"),
            ],
            keywords: vec![self.family.to_string()],
            thread: format!("{} retires", self.family),
            event_type: "images to be deregistered",
            related: Vec::new(),
            context: BTreeMap::from([("family", self.family.to_string())]),
        };
        notification.text()
    }

    fn summary(&self, look: Look, most: usize) -> String {
        let images = lines(&self.images, most, |noticed| {
            let NoticedImage {
                image,
                target,
                release,
                from,
                gib,
            } = noticed;
            let release = look.quote(release.as_str());
            format!("{image} of {release} in {target}, from {from} on, up to {gib} GiB")
        });
        let builds = lines(&self.builds, most, |noticed| {
            let NoticedBuild { build, release, from } = noticed;
            format!("{} ({build}), from {from} on", look.quote(release.as_str()))
        });
        let images = images.map(|lines| {
            format!(
                "They are disabled, nobody was seen to use them, and they go for good with their snapshots:\n{lines}"
            )
        });
        let builds = builds.map(|lines| {
            format!("Their images are gone; what Image Builder still has of these builds goes too:\n{lines}")
        });
        let keeps = "Whoever needs one launches from a newer release, or keeps it: steward hold AMI --until DATE --because TEXT.";
        let keeps = (!self.images.is_empty()).then(|| keeps.to_owned());
        let paragraphs: Vec<String> = images.into_iter().chain(builds).chain(keeps).collect();
        paragraphs.join("\n\n")
    }
}

/// A list of at most so many lines; none where it is empty.
fn lines<T>(all: &[T], most: usize, line: impl Fn(&T) -> String) -> Option<String> {
    let Listed { listed, more } = Listed::of(all, most);
    let more = (more > 0).then(|| format!("- +{more} more"));
    let listed = listed.into_iter().map(|one| format!("- {}", line(one)));
    let lines: Vec<String> = listed.chain(more).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_blessed;

    fn notice(count: u32) -> DeregistrationNotice {
        let image = |n: u32| NoticedImage {
            image: format!("ami-0{n:016x}").parse().unwrap(),
            target: "111122223333/eu-west-1".parse().unwrap(),
            release: Words::from(format!("web/1.4.{n}")),
            from: "2026-03-02T04:00:00Z".parse().unwrap(),
            gib: 8,
        };
        DeregistrationNotice {
            family: "web".parse().unwrap(),
            images: (1..=count).map(image).collect(),
            builds: Vec::new(),
            told: "2026-03-01T04:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn people_and_programs_are_told_which_images_go_where_and_from_when_on() {
        let notice = notice(2);
        let texts: serde_json::Value = serde_json::from_str(&notice.texts()).unwrap();
        let pretty = |text: &str| {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            serde_json::to_string_pretty(&value).unwrap()
        };
        assert_blessed(
            pretty(texts["default"].as_str().unwrap()).lines(),
            "../../docs/messages/deregistration.json",
        );
        let chat = pretty(texts["https"].as_str().unwrap());
        let mail = format!("{}\n\n{}", notice.subject(), texts["email"].as_str().unwrap());
        assert_blessed(format!("{mail}\n\n{chat}").lines(), "src/telling/tests/notice.txt");
    }

    #[test]
    fn however_many_go_the_message_has_room_and_counts_the_rest() {
        let texts = notice(20_000).texts();
        assert!(texts.len() < 200 << 10, "{}", texts.len());
        let texts: serde_json::Value = serde_json::from_str(&texts).unwrap();
        let machine: serde_json::Value = serde_json::from_str(texts["default"].as_str().unwrap()).unwrap();
        let listed = machine["images"]["listed"].as_array().unwrap().len();
        assert_eq!(machine["images"]["more"], 20_000 - listed);
    }

    #[test]
    fn what_image_builder_still_has_is_told_of_too() {
        let build = NoticedBuild {
            build: "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.4.1/2"
                .parse()
                .unwrap(),
            release: Words::from("web/1.4.1/2"),
            from: "2026-03-02T04:00:00Z".parse().unwrap(),
        };
        let builds = DeregistrationNotice {
            builds: vec![build],
            ..notice(0)
        };
        assert_eq!(
            builds.subject(),
            "Image Steward: 1 build of web is to be deleted in Image Builder"
        );
        assert_eq!(
            builds.summary(Look::Plain, 10),
            "Their images are gone; what Image Builder still has of these builds goes too:\n- web/1.4.1/2 \
             (arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.4.1/2), from 2026-03-02T04:00:00.000Z on"
        );
    }

    #[test]
    fn one_image_is_told_of_as_one() {
        assert_eq!(
            notice(1).subject(),
            "Image Steward: 1 image of web is to be deregistered"
        );
    }
}
