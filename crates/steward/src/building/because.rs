use serde::{Deserialize, Serialize};

use super::reason::Reason;
use crate::manifest::ReasonKind;
use crate::{BuildVersion, FamilyName, Timestamp, Words};

/// Between one thing and what came of it.
const ARROW: &str = " → ";

/// Why a release was built: kept from the moment that its build was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Because {
    /// Its family.
    pub family: FamilyName,
    /// Its number.
    pub number: BuildVersion,
    /// Why.
    pub reasons: Vec<Reason>,
    /// When that was decided.
    pub begun: Timestamp,
}

/// From what began it down to a release.
struct Way {
    says: String,
    by_hand: bool,
}

impl Because {
    /// What led to a release, each way from what began it: `CVE-2026-1234 in base/1.4.2/1 → base/1.4.3/1 → web/7.1.9/1, asked for by
    /// policy`. The chain is the release, the parent that it was built for, and so on up.
    pub fn ways(chain: &[Self]) -> Vec<Words> {
        let ways = ways(chain).into_iter().map(|Way { says, by_hand }| {
            let asked = if by_hand { "" } else { ", asked for by policy" };
            Words::from(format!("{says}{asked}"))
        });
        ways.collect()
    }

    /// What people call the release.
    pub fn title(&self) -> String {
        format!("{}/{}", self.family, self.number)
    }

    /// A reason that nothing above the release led to.
    fn began(&self, reason: &Reason) -> Way {
        let says = match reason {
            Reason::Cve { found, release } => Reason::found_in(found, &format!("{}/{release}", self.family)),
            _ => reason.to_string(),
        };
        let by_hand = reason.kind() == ReasonKind::Manual;
        // Its own arrow is none of the way's.
        let says = if says.contains(ARROW) {
            format!("({says})")
        } else {
            says
        };
        Way { says, by_hand }
    }
}

fn ways(chain: &[Because]) -> Vec<Way> {
    let Some((this, above)) = chain.split_first() else {
        return Vec::new();
    };
    let mut led: Vec<Way> = Vec::new();
    for reason in &this.reasons {
        let mut came = match reason.kind() {
            ReasonKind::Parent => ways(above),
            ReasonKind::Schedule | ReasonKind::Base | ReasonKind::Cve | ReasonKind::Change | ReasonKind::Manual => {
                Vec::new()
            }
        };
        if came.is_empty() {
            came.push(this.began(reason));
        }
        for Way { says, by_hand } in came {
            let says = format!("{says}{ARROW}{}", this.title());
            led.push(Way { says, by_hand });
        }
    }
    led
}

#[cfg(test)]
mod tests {
    use super::*;

    fn because(family: &str, number: &str, reasons: impl IntoIterator<Item = Reason>) -> Because {
        Because {
            family: family.parse().unwrap(),
            number: number.parse().unwrap(),
            reasons: reasons.into_iter().collect(),
            begun: "2026-11-23T04:00:00.000Z".parse().unwrap(),
        }
    }

    fn cve() -> Reason {
        Reason::Cve {
            found: ["CVE-2026-1234".parse().unwrap()].into(),
            release: "1.4.2/1".parse().unwrap(),
        }
    }

    fn moved() -> Reason {
        Reason::Parent {
            family: "base".parse().unwrap(),
            channel: "stable".parse().unwrap(),
            from: Some("base/1.4.2/1".into()),
            to: "base/1.4.3/1".into(),
        }
    }

    fn told(chain: &[Because]) -> Vec<String> {
        Because::ways(chain).into_iter().map(String::from).collect()
    }

    #[test]
    fn a_way_leads_from_what_began_it_over_each_parent_to_the_release() {
        let chain = [
            because("shop", "2.0.0/1", [moved()]),
            because("web", "7.1.9/1", [moved()]),
            because("base", "1.4.3/1", [cve()]),
        ];
        assert_eq!(
            told(&chain),
            ["CVE-2026-1234 in base/1.4.2/1 → base/1.4.3/1 → web/7.1.9/1 → shop/2.0.0/1, asked for by policy"]
        );
    }

    #[test]
    fn each_reason_is_a_way_of_its_own_and_a_persons_word_is_no_policy() {
        let manual = Reason::Manual {
            who: String::from("ada"),
            why: "openssl".into(),
            at: "2026-11-23T04:00:00.000Z".parse().unwrap(),
        };
        let chain = [
            because("web", "7.1.9/1", [manual.clone(), moved()]),
            because("base", "1.4.3/1", [manual, Reason::First]),
        ];
        assert_eq!(
            told(&chain),
            [
                "ada asks for it: openssl → web/7.1.9/1",
                "ada asks for it: openssl → base/1.4.3/1 → web/7.1.9/1",
                "nothing is built yet → base/1.4.3/1 → web/7.1.9/1, asked for by policy",
            ]
        );
    }

    #[test]
    fn a_parent_that_another_hand_built_is_where_the_way_begins() {
        assert_eq!(
            told(&[because("web", "7.1.9/1", [moved()])]),
            ["(stable of base moved: base/1.4.2/1 → base/1.4.3/1) → web/7.1.9/1, asked for by policy"]
        );
        assert_eq!(told(&[]), Vec::<String>::new());
    }
}
