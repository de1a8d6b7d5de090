//! Lineages as an organization has them, small and large.

use std::collections::{BTreeMap, BTreeSet};

use steward::lineage::page::{Facts, Page, PlacedImage};
use steward::lineage::{Card, Drawn, EdgeKind, Graph, LeftOff};
use steward::{AmiState, Architecture, BuildState, CanonicalName, Findings, ReleaseId, Target, Timestamp, Words};

/// A page's contents, with a name for it.
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    pub(crate) title: String,
    pub(crate) graph: Graph,
    pub(crate) facts: BTreeMap<ReleaseId, Facts>,
}

impl Sample {
    fn new(name: &'static str, title: &str) -> Self {
        Self {
            name,
            title: title.to_owned(),
            graph: Graph {
                asked: BTreeSet::new(),
                releases: BTreeMap::new(),
                edges: Vec::new(),
                revoked: BTreeSet::new(),
                tombstones: BTreeSet::new(),
                channels: BTreeMap::new(),
                left_off: LeftOff::default(),
            },
            facts: BTreeMap::new(),
        }
    }

    pub(crate) fn page(&self) -> String {
        let page = Page {
            title: &self.title,
            graph: &self.graph,
            facts: &self.facts,
            made: "2026-11-21T14:05:00Z".parse().unwrap(),
        };
        page.html()
    }

    fn vendor(&mut self, n: usize) -> ReleaseId {
        let name = format!("ami:aws:eu-west-1:ami-{n:017x}");
        let id = self.add(&name, "foreign", 1);
        let card = self.graph.releases.get_mut(&id).unwrap();
        card.alias = Some(String::from("amazon"));
        card.above = Some(String::from("nothing"));
        id
    }

    /// A build that is done, so many days into the month.
    fn built(&mut self, name: &str, day: u8) -> ReleaseId {
        let arn = format!("arn:aws:imagebuilder:eu-west-1:111122223333:image/{name}");
        let id = self.add(&arn, "built", day);
        let card = self.graph.releases.get_mut(&id).unwrap();
        card.state = Some(BuildState::Available);
        card.family = name.split('/').next().unwrap().parse().ok();
        card.architecture = Some(Architecture::X86_64);
        id
    }

    fn add(&mut self, name: &str, kind: &str, day: u8) -> ReleaseId {
        let name: CanonicalName = name.parse().unwrap();
        let id = name.id();
        let card = Card {
            name,
            kind: kind.to_owned(),
            state: None,
            reason: None,
            failure: None,
            family: None,
            recipe: None,
            components: Vec::new(),
            fingerprint: None,
            architecture: None,
            created: time(day),
            alias: None,
            above: None,
            scanned: None,
            linked: true,
        };
        self.graph.releases.insert(id, card);
        id
    }

    fn edge(&mut self, parent: ReleaseId, child: ReleaseId, kind: EdgeKind) {
        self.graph.edges.push(Drawn { parent, child, kind });
    }

    fn state(&mut self, id: ReleaseId, state: BuildState) {
        self.graph.releases.get_mut(&id).unwrap().state = Some(state);
    }

    fn images(&mut self, id: ReleaseId, count: usize, state: AmiState) {
        let facts = self.facts.entry(id).or_default();
        for n in 0..count {
            let account = ["111122223333", "222233334444", "333344445555"][n % 3];
            let region = ["eu-west-1", "us-east-1"][n / 3 % 2];
            facts.placements.push(PlacedImage {
                target: Target::new(account.parse().unwrap(), region.parse().unwrap()),
                ami: format!("ami-{:017x}", 0xa000 + n).parse().unwrap(),
                state,
                deprecated: false,
                managed: n != 2,
            });
        }
    }

    fn channels(&mut self, id: ReleaseId, channels: &[&str]) {
        let channels = channels.iter().map(|name| name.parse().unwrap());
        self.graph.channels.entry(id).or_default().extend(channels);
    }
}

fn time(day: u8) -> Option<Timestamp> {
    format!("2026-11-{day:02}T04:00:00Z").parse().ok()
}

pub(crate) fn all() -> Vec<Sample> {
    vec![alone(), small(), states(), sixty(), many(350), long()]
}

/// One release of which nothing is known but itself.
fn alone() -> Sample {
    let mut sample = Sample::new("alone", "web/1.4.2/7");
    let web = sample.built("web/1.4.2/7", 18);
    sample.graph.asked.insert(web);
    sample
}

/// A vendor's image, base, web with both of its channels, and what was made of it.
pub(crate) fn small() -> Sample {
    let mut sample = Sample::new("small", "web/1.4.2/7");
    let vendor = sample.vendor(0x0e02_f86d);
    let base = sample.built("base/2.1.0/3", 12);
    let tools = sample.built("tools/0.9.1/2", 9);
    let web = sample.built("web/1.4.2/7", 18);
    let shop = sample.built("shop/3.0.0/1", 19);
    let portal = sample.built("portal/1.1.5/2", 20);
    let deeper = sample.built("shop-debug/1.0.0/1", 20);
    let copy = sample.add("ami:aws:us-east-1:ami-00000000000beef01", "stub", 20);
    sample.edge(vendor, base, EdgeKind::Build);
    sample.edge(vendor, tools, EdgeKind::Build);
    sample.edge(base, web, EdgeKind::Build);
    sample.edge(tools, web, EdgeKind::Copy);
    sample.edge(web, shop, EdgeKind::Build);
    sample.edge(web, portal, EdgeKind::Build);
    sample.edge(web, copy, EdgeKind::Copy);
    sample.edge(shop, deeper, EdgeKind::Build);
    sample.images(base, 3, AmiState::Available);
    sample.images(web, 5, AmiState::Available);
    sample.images(tools, 2, AmiState::Deregistered);
    sample.images(shop, 1, AmiState::Available);
    sample.channels(base, &["stable"]);
    sample.channels(web, &["candidate", "stable"]);
    let facts = sample.facts.get_mut(&web).unwrap();
    facts.used = 14;
    facts.findings = Some(Findings {
        all: 7,
        critical: 0,
        high: 2,
        medium: 5,
    });
    sample.graph.releases.get_mut(&portal).unwrap().state = Some(BuildState::Testing);
    sample.graph.asked.insert(web);
    sample
}

/// Every state, every kind of edge, a revoked parent.
fn states() -> Sample {
    let mut sample = Sample::new("states", "base/2.0.0/1");
    let vendor = sample.vendor(1);
    let imported = sample.add("ami:aws:eu-west-1:ami-00000000000c0ffee", "foreign", 2);
    sample.graph.releases.get_mut(&imported).unwrap().above = Some(String::from("untold"));
    let base = sample.built("base/2.0.0/1", 3);
    sample.edge(vendor, base, EdgeKind::Build);
    sample.edge(imported, base, EdgeKind::Import);
    let states = [
        ("available", BuildState::Available, EdgeKind::Build),
        ("deprecated", BuildState::Deprecated, EdgeKind::Copy),
        ("disabled", BuildState::Disabled, EdgeKind::Restore),
        ("deleted", BuildState::Deleted, EdgeKind::Import),
        ("building", BuildState::Building, EdgeKind::Build),
        ("failed", BuildState::Failed, EdgeKind::Build),
        ("cancelled", BuildState::Cancelled, EdgeKind::Build),
    ];
    for (n, (name, state, kind)) in (4..).zip(states) {
        let id = sample.built(&format!("{name}/1.0.{n}/1"), n);
        sample.state(id, state);
        sample.edge(base, id, kind);
        sample.graph.revoked.insert(id);
        if state == BuildState::Failed {
            let reason = Words::from("Step 'install nginx' failed: exit status 1, no package nginx-1.28 in the mirror");
            sample.graph.releases.get_mut(&id).unwrap().reason = Some(reason);
            sample.graph.revoked.remove(&id);
        }
    }
    let stub = sample.add("ami:aws:us-east-1:ami-00000000000beef01", "stub", 20);
    sample.edge(base, stub, EdgeKind::Copy);
    sample.images(base, 2, AmiState::Available);
    sample.graph.revoked.insert(base);
    sample.graph.asked.insert(base);
    sample
}

/// Both architectures of a base, a chain above, forty children and more below.
fn sixty() -> Sample {
    let mut sample = Sample::new("sixty", "base/2.1.0");
    let vendors = [sample.vendor(1), sample.vendor(2)];
    let mut chain = sample.built("root/1.0.0/1", 1);
    sample.edge(vendors[0], chain, EdgeKind::Build);
    for n in 2..5 {
        let next = sample.built(&format!("layer-{n}/1.0.0/{n}"), n);
        sample.edge(chain, next, EdgeKind::Build);
        chain = next;
    }
    let tools = sample.built("tools/0.9.1/2", 9);
    sample.edge(vendors[1], tools, EdgeKind::Restore);
    let asked = [sample.built("base/2.1.0/3", 10), sample.built("base/2.1.0/4", 10)];
    sample.graph.releases.get_mut(&asked[1]).unwrap().architecture = Some(Architecture::Arm64);
    for (n, base) in asked.into_iter().enumerate() {
        sample.edge(chain, base, EdgeKind::Build);
        sample.edge(vendors[n], base, EdgeKind::Copy);
        sample.edge(tools, base, EdgeKind::Copy);
        sample.images(base, 6, AmiState::Available);
        sample.graph.asked.insert(base);
    }
    for n in 0..26_u8 {
        let child = sample.built(&format!("service-{n}/1.{n}.0/1"), 11 + n % 8);
        let base = asked[usize::from(n) * 2 / 26];
        sample.edge(base, child, EdgeKind::Build);
        sample.images(child, usize::from(n) % 5, AmiState::Available);
        let below = sample.built(&format!("service-{n}-eu/1.{n}.0/1"), 20);
        sample.edge(child, below, EdgeKind::Build);
        if n % 7 == 3 {
            sample.graph.revoked.insert(below);
        }
    }
    sample
}

/// A base with so many below that nobody could follow the lines.
pub(crate) fn many(count: usize) -> Sample {
    let mut sample = Sample::new("many", "base/2.1.0/3");
    let base = sample.built("base/2.1.0/3", 1);
    sample.channels(base, &["stable"]);
    for n in 1..count {
        let day = u8::try_from(n % 20).unwrap() + 2;
        let child = sample.built(&format!("service-{n}/1.0.{n}/1"), day);
        sample.edge(base, child, EdgeKind::Build);
        sample.images(child, n % 4, AmiState::Available);
        if n % 50 == 7 {
            sample.graph.revoked.insert(child);
            sample.state(child, BuildState::Deprecated);
        }
    }
    sample.graph.asked.insert(base);
    sample.graph.left_off.below = 120;
    sample
}

/// Names as long as they may be, and words of others that are no words.
fn long() -> Sample {
    let name = "a-very-long-family-name-that-somebody-once-thought-to-be-a-good1";
    let mut sample = Sample::new("long", &format!("{name}/1073741823.1073741823.1073741823/99999"));
    let vendor = sample.vendor(7);
    let card = sample.graph.releases.get_mut(&vendor).unwrap();
    card.alias = Some(String::from("</article><script>alert(1)</script>"));
    let asked = sample.built(&format!("{name}/1073741823.1073741823.1073741823/99999"), 4);
    sample.edge(vendor, asked, EdgeKind::Build);
    sample.images(asked, 6, AmiState::Available);
    sample.channels(
        asked,
        &[
            "stable",
            "candidate",
            "a-channel-with-a-long-name",
            "another-channel-for-others",
        ],
    );
    for n in 0..3 {
        let child = sample.built(&format!("{}-{n}/1.0.0/1", &name[..60]), 5);
        sample.edge(asked, child, EdgeKind::Build);
        sample.state(child, BuildState::Failed);
        let reason = Words::from("<b>bold</b> & \"quoted\" ".repeat(20));
        sample.graph.releases.get_mut(&child).unwrap().reason = Some(reason);
    }
    sample.graph.asked.insert(asked);
    sample
}
