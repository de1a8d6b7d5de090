use std::fmt;
use std::str::FromStr;

use super::text::length;
use crate::manifest::document::{word, words};
use crate::text::string_form;
use crate::{AccountId, ChannelName, ParseError};

word! {
    /// How bad a finding is, as Inspector says it.
    pub Severity: "severity", one of {
        /// Critical alone.
        Critical = "critical",
        /// High or worse.
        High = "high",
        /// Medium or worse.
        Medium = "medium",
    }
}

impl Severity {
    /// Whether a finding of this severity, in a scanner's word, is so bad or worse.
    pub fn reaches(self, found: &str) -> bool {
        let worst_first = ["CRITICAL", "HIGH", "MEDIUM"];
        let least = match self {
            Self::Critical => 0,
            Self::High => 1,
            Self::Medium => 2,
        };
        worst_first
            .iter()
            .take(least + 1)
            .any(|word| found.eq_ignore_ascii_case(word))
    }
}

word! {
    /// Why a build may start even in a freeze.
    pub ReasonKind: "reason", one of {
        /// The schedule came round.
        Schedule = "schedule",
        /// The parent's channel moved.
        Parent = "parent",
        /// The base image changed.
        Base = "base",
        /// A finding asks for it.
        Cve = "cve",
        /// The manifest or a component changed.
        Change = "change",
        /// Somebody asks for it.
        Manual = "manual",
    }
}

word! {
    /// Where pointers are published.
    pub PublishTo: "place to publish to", one of {
        /// In every distributed Region of the hub.
        Hub = "hub",
        /// In those of each audience account that has a member role.
        Audience = "audience",
    }
}

word! {
    /// A person moves this channel.
    pub ByHand: "mover", one of {
        /// `steward promote`.
        Hand = "hand",
    }
}

/// Whose an image is that is named by id, parameter or pattern: an image found by name alone is never trusted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AmiOwner {
    /// The hub.
    Own,
    /// Amazon.
    Amazon,
    /// An account.
    Account(AccountId),
}

string_form!(AmiOwner, "owner");
words! { AmiOwner: "owner", "amazon"; }

impl fmt::Display for AmiOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own => f.write_str("self"),
            Self::Amazon => f.write_str("amazon"),
            Self::Account(account) => account.fmt(f),
        }
    }
}

impl FromStr for AmiOwner {
    type Err = ParseError<&'static str>;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "self" => Ok(Self::Own),
            "amazon" => Ok(Self::Amazon),
            _ => text
                .parse()
                .map(Self::Account)
                .map_err(|_| ParseError::new(text, "must be self, amazon, or an account id of 12 digits")),
        }
    }
}

/// What moves a channel: each release that is everywhere it must be, or another channel.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChannelSource {
    /// A finished release.
    Release,
    /// Another channel.
    Channel(ChannelName),
}

string_form!(ChannelSource, "source of a channel");
words! { ChannelSource: "source of a channel", "release"; }

impl fmt::Display for ChannelSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Release => f.write_str("release"),
            Self::Channel(channel) => channel.fmt(f),
        }
    }
}

impl FromStr for ChannelSource {
    type Err = crate::NameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "release" {
            Ok(Self::Release)
        } else {
            text.parse().map(Self::Channel)
        }
    }
}

/// A part of a hundred: `25%`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u8);

string_form!(Share, "share");
words! { Share: "share", "25%"; }

impl Share {
    /// So many of a hundred.
    pub const fn of_hundred<const N: u8>() -> Self {
        const { assert!(N <= 100) };
        Self(N)
    }

    /// Of a hundred.
    pub const fn percent(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

impl FromStr for Share {
    type Err = ParseError<&'static str>;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let problem = || ParseError::new(text, "must be a whole number from 0 to 100 and %, as in 25%");
        let digits = text.strip_suffix('%').ok_or_else(problem)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
        digits
            .parse()
            .ok()
            .filter(|share| plain && *share <= 100)
            .map(Self)
            .ok_or_else(problem)
    }
}

/// Which versions of a launch template count as use of their images, and stay.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LaunchTemplateVersions {
    /// The default, the latest, and what a group, override, fleet or running instance names.
    Referenced,
    /// So many of the newest.
    Newest(u16),
    /// Every one.
    All,
}

string_form!(LaunchTemplateVersions, "launch template versions");
words! { LaunchTemplateVersions: "choice of launch template versions", "newest 10"; }

impl fmt::Display for LaunchTemplateVersions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Referenced => f.write_str("referenced"),
            Self::Newest(count) => write!(f, "newest {count}"),
            Self::All => f.write_str("all"),
        }
    }
}

impl FromStr for LaunchTemplateVersions {
    type Err = ParseError<&'static str>;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const PROBLEM: &str = "must be referenced, all, or newest and a number from 1 to 10000, as in newest 10";
        match text {
            "referenced" => Ok(Self::Referenced),
            "all" => Ok(Self::All),
            _ => text
                .strip_prefix("newest ")
                .filter(|digits| !digits.starts_with(['0', '+']))
                .and_then(|digits| digits.parse().ok())
                .filter(|count| (1..=10_000).contains(count))
                .map(Self::Newest)
                .ok_or_else(|| ParseError::new(text, PROBLEM)),
        }
    }
}

word! {
    /// A pattern of images' names: `*` for anything, `?` for one character.
    NamePattern: "name pattern", "web-legacy-*", |text| {
        length(text, 1, 128)?;
        if text.chars().all(|c| matches!(c, '*' | '?')) {
            return Err(String::from("is wildcards alone, must say something of the name"));
        }
        Ok(())
    }
}

word! {
    /// What tells the lines of adopted images apart.
    GroupKey: "group key", "tag:stack", |text| {
        let tag = text.strip_prefix("tag:").is_some_and(|key| (1..=128).contains(&key.chars().count()));
        if tag || text == "architecture" {
            Ok(())
        } else {
            Err(String::from("must be architecture, or tag: and a tag's key"))
        }
    }
}

impl NamePattern {
    /// Whether a name is as it says.
    pub fn matches(&self, name: &str) -> bool {
        let (pattern, name): (Vec<char>, Vec<char>) = (self.0.chars().collect(), name.chars().collect());
        // The last `*`, and how much of the name it has taken.
        let mut star = None;
        let (mut p, mut n) = (0, 0);
        while let Some(c) = name.get(n) {
            match (pattern.get(p), star) {
                (Some('*'), _) => {
                    star = Some((p, n));
                    p += 1;
                }
                (Some(wanted), _) if *wanted == '?' || wanted == c => (p, n) = (p + 1, n + 1),
                (_, Some((at, taken))) => {
                    star = Some((at, taken + 1));
                    (p, n) = (at + 1, taken + 1);
                }
                (_, None) => return false,
            }
        }
        pattern.iter().skip(p).all(|c| *c == '*')
    }
}

impl GroupKey {
    /// The key of the tag that it asks for; none: it asks for the architecture.
    pub fn tag(&self) -> Option<&str> {
        self.0.strip_prefix("tag:")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_pattern_matches_whole_names_by_anything_and_by_one_character() {
        let matches = |pattern: &str, name: &str| pattern.parse::<NamePattern>().unwrap().matches(name);
        for (pattern, name) in [
            ("web-legacy-*", "web-legacy-2019"),
            ("web-legacy-*", "web-legacy-"),
            ("*-web-*", "a-web-b-web-c"),
            ("*a*b", "aaxbxb"),
            ("w?b", "wéb"),
            ("web", "web"),
            ("web**", "web"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("web-legacy-*", "old-web-legacy-2019"),
            ("*-web", "a-web-b"),
            ("*a*b", "aaxbxc"),
            ("w?b", "wb"),
            ("w?b", "weeb"),
            ("web", "Web"),
            ("web", "webs"),
            ("web?", "web"),
        ] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }
}
