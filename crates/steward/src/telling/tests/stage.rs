//! Releases to tell of.

use std::collections::BTreeMap;

use super::super::*;
use crate::channels::{ChannelHeld, Moved, Mover, Pointed};
use crate::distribution::{Reach, Stood};
use crate::manifest::{Manifest, ManifestFile};
use crate::testing::{self, release};
use crate::{
    Architecture, ChannelName, Details, Findings, Package, Target, Timestamp, UsedComponent, Vulnerability,
    VulnerabilityId, Words,
};

pub(super) const MANIFEST: &str = "family: web\nbuild:\n  parent: { ami: ami-01234567, owner: \
    \"111122223333\" }\n  infrastructure: { instance_types: [t3.medium], instance_profile: P }\ndistribute:\n  regions: { us-east-1: {}, \
    ap-south-1: { required: false }, eu-central-1: { required: false } }\n  publish: { parameter: \"/golden/{family}/{architecture}/{channel}\", to: [hub] }\n\
    channels: { candidate: { from: release }, stable: { by: hand } }\n";

pub(super) fn manifest(text: &str) -> Manifest {
    let read = ManifestFile::read("web.yaml", text.as_bytes());
    let file = read.file.unwrap_or_else(|| panic!("{:?}", read.diagnostics));
    file.manifest().clone()
}

pub(super) fn target(region: &str) -> Target {
    format!("111122223333/{region}").parse().unwrap()
}

pub(super) fn at(time: &str) -> Timestamp {
    format!("2026-01-18T{time}Z").parse().unwrap()
}

pub(super) fn stood(reach: Reach, says: &str, ami: Option<&str>, findings: &[&str]) -> Stood {
    Stood {
        says: says.into(),
        reach,
        ami: ami.map(|ami| ami.parse().unwrap()),
        findings: findings.iter().copied().map(Words::from).collect(),
        ..testing::stood()
    }
}

fn component(component: &str) -> UsedComponent {
    UsedComponent {
        component: format!("arn:aws:imagebuilder:eu-west-1:{component}").parse().unwrap(),
        parameters: BTreeMap::new(),
    }
}

pub(super) fn package(name: &str, version: &str) -> Package {
    Package {
        name: name.to_owned(),
        version: version.to_owned(),
    }
}

pub(super) fn vulnerability(id: &str, severity: &str, packages: &[&str]) -> (VulnerabilityId, Vulnerability) {
    let found = Vulnerability {
        severity: severity.into(),
        packages: packages.iter().copied().map(Words::from).collect(),
        published: None,
    };
    (id.parse().unwrap(), found)
}

/// A build of `web/1.4.2`, of which little is known.
pub(super) fn built(build: usize) -> BuiltRelease {
    let version = format!("1.4.2/{build}");
    BuiltRelease {
        release: release(build),
        version: version.parse().unwrap(),
        card: testing::built(&format!("web/{version}")),
        started_by: None,
        because: Vec::new(),
        parents: Vec::new(),
        details: Details::default(),
    }
}

/// The same with all that can be known of one.
fn known(build: usize, parent: &str, components: &[&str], packages: &[(&str, &str)]) -> BuiltRelease {
    let mut known = built(build);
    known.card.created = Some(at("17:50:56"));
    known.card.scanned = Some(at("18:30:00"));
    known.card.components = components.iter().copied().map(component).collect();
    known.started_by = Some("USER_INITIATED".into());
    known.because = vec!["CVE-2026-1234 in base/1.1.9/2 → base/1.2.0/4 → web/1.4.2/7, asked for by policy".into()];
    known.parents = vec![parent.into()];
    known.details.packages = packages.iter().map(|(name, version)| package(name, version)).collect();
    known
}

pub(super) fn on(channel: &str, n: usize) -> (ChannelName, ChannelHeld) {
    let moved = Moved {
        number: 1,
        to: Pointed::from([(Architecture::X86_64, release(n))]),
        at: at("19:20:07"),
        by: Mover::Itself,
        why: "it is newer".into(),
        backward: false,
    };
    (channel.parse().unwrap(), ChannelHeld { history: vec![moved] })
}

pub(super) fn told(
    manifest: &Manifest,
    (built, before): (BuiltRelease, Option<BuiltRelease>),
    stood: &BTreeMap<Target, Stood>,
    channels: &BTreeMap<ChannelName, ChannelHeld>,
) -> ReleaseMessage {
    ReleaseMessage::of(MessageFacts {
        manifest,
        home: target("eu-west-1"),
        owners: &manifest.distribute.copy_to.iter().copied().collect(),
        built,
        architecture: Architecture::X86_64,
        usable: at("19:20:00"),
        before,
        stood,
        channels,
    })
}

/// One of which everything is known, and something is wrong with what no channel waits for.
pub(super) fn whole() -> ReleaseMessage {
    let mut before = known(
        6,
        "base/1.2.0/3",
        &[
            "aws:component/update-linux/1.0.2/1",
            "111122223333:component/telnet/1.0.0/1",
        ],
        &[("bash", "5.2.15-1"), ("openssl", "3.0.7-2"), ("telnet", "0.17-85")],
    );
    before.details.vulnerabilities = [
        vulnerability("CVE-2026-1001", "MEDIUM", &["openssl fixed in 3.0.8-1"]),
        vulnerability("CVE-2026-1002", "CRITICAL", &["telnet"]),
        vulnerability("CVE-2026-1003", "HIGH", &["bash"]),
    ]
    .into();
    let mut built = known(
        7,
        "base/1.2.0/4",
        &[
            "aws:component/update-linux/1.0.3/1",
            "111122223333:component/nginx/1.27.0/2",
        ],
        &[("bash", "5.2.15-1"), ("nginx", "1.27.0-1"), ("openssl", "3.0.8-1")],
    );
    built.details.vulnerabilities = [
        vulnerability("CVE-2026-1003", "HIGH", &["bash"]),
        vulnerability("CVE-2026-1004", "LOW", &["nginx"]),
    ]
    .into();
    built.details.findings = Some(Findings {
        all: 2,
        critical: 0,
        high: 1,
        medium: 0,
    });
    let closed = "the account 222233334444 is closed, and nothing is shared with it: take it out of `share_with`";
    let key = "the policy of the key alias/golden does not let 333344445555 use it: add …";
    let stood = BTreeMap::from([
        (
            target("eu-west-1"),
            stood(Reach::Usable, "there", Some("ami-0a1b2c3d4e5f60001"), &[]),
        ),
        (
            target("us-east-1"),
            stood(Reach::Usable, "there", Some("ami-0a1b2c3d4e5f60002"), &[closed]),
        ),
        (
            target("ap-south-1"),
            stood(
                Reach::Coming,
                "not shared as declared",
                Some("ami-0a1b2c3d4e5f60003"),
                &[key],
            ),
        ),
    ]);
    told(
        &manifest(MANIFEST),
        (built, Some(before)),
        &stood,
        &[on("candidate", 7), on("stable", 6)].into(),
    )
}

/// A first one of which nothing more is known.
pub(super) fn bare() -> ReleaseMessage {
    let start = MANIFEST.find("distribute:").unwrap();
    let manifest = manifest(&MANIFEST[..start]);
    let stood = [(
        target("eu-west-1"),
        stood(Reach::Usable, "there", Some("ami-0a1b2c3d4e5f60001"), &[]),
    )];
    told(&manifest, (built(1), None), &stood.into(), &BTreeMap::new())
}

/// One whose words were all chosen to call people, to link somewhere, and to fill a chat.
pub(super) fn hostile() -> ReleaseMessage {
    const EVIL: &str =
        "`<!channel> @here <https://evil.example|fix> [fix](https://evil.example)\n# *big* \"\\` <@U123> &lt;!here&gt;";
    let mut built = known(7, EVIL, &[], &[]);
    built.started_by = Some(EVIL.into());
    built.because = vec![EVIL.into()];
    built.details.packages = (0..5_000).map(|n| package(&format!("{EVIL} {n}"), EVIL)).collect();
    built.details.vulnerabilities = (0..5_000)
        .map(|n| vulnerability(&format!("CVE-2026-{n}"), EVIL, &[EVIL; 5]))
        .collect();
    let mut before = known(6, "base/1.2.0/3", &[], &[("bash", "5.2")]);
    before.details.vulnerabilities = BTreeMap::new();
    let findings = [EVIL; 40];
    let stood = BTreeMap::from([
        (
            target("eu-west-1"),
            stood(Reach::Usable, "there", Some("ami-0a1b2c3d4e5f60001"), &findings),
        ),
        (target("ap-south-1"), stood(Reach::Coming, EVIL, None, &findings)),
    ]);
    told(&manifest(MANIFEST), (built, Some(before)), &stood, &BTreeMap::new())
}
