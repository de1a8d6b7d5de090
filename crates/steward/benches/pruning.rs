//! How long a plan of pruning takes, and how much it weighs. Prints a table for docs/performance.md.
//!
//! `cargo bench -p steward --bench pruning`; with `-- quick` a tenth of everything. Each row is a process of its own, so that
//! its peak is its own.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on fails right there")]
#![expect(clippy::print_stdout, reason = "a measurement prints its figures")]

mod measured;

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::Path;
use std::process::Command;

use steward::evidence::Said;
use steward::manifest::{Manifest, ManifestFile};
use steward::pruning::offline::{Families, plan_offline, read_fleet};
use steward::pruning::{
    BuildTime, ExpendableSince, LastLaunch, LastRead, Makes, Place, PlacementSeen, PlacementStanding, PruningFacts,
    ReleaseFacts, Shared, SourceRead, Switch, TargetEvidence, check_plan, decide_pruning, look_back, simulate,
};
use steward::{Architecture, CanonicalName, Timestamp};

use self::measured::{peak, spent};

const MANIFEST: &str = "family: web\nadopt: { owner: self, tags: { app: web } }\nretain: { releases: 5, for: 30d, unused_for: \
                        14d, keep_tags: { keep: \"true\" }, ladder: { deprecate: 0d, disable: 14d, delete: 30d }, limits: { \
                        share: 100% } }\n";
const NOW: &str = "2026-06-01T00:00:00Z";

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let asked = |word: &str| words.iter().any(|asked| asked == word);
    let scale = if asked("quick") { 10 } else { 1 };
    if asked("in-memory") {
        return in_memory(1_000_000 / scale);
    }
    if asked("simulated") {
        return simulated(1_000, 180);
    }
    if asked("from-json") {
        return from_json(100_000 / scale);
    }
    if asked("million-from-json") {
        return from_json(1_000_000 / scale);
    }
    println!("| what | seconds of a core | peak memory |\n|---|---|---|");
    for row in ["in-memory", "simulated", "from-json", "million-from-json"] {
        let mut alone = Command::new(std::env::current_exe().unwrap());
        let alone = alone.arg(row).args((scale > 1).then_some("quick"));
        assert!(alone.status().unwrap().success());
    }
}

fn manifest() -> Manifest {
    let read = ManifestFile::read("web.yaml", MANIFEST.as_bytes());
    read.file.unwrap().manifest().clone()
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// One family of so many images.
fn family(count: u32) -> PruningFacts {
    let target = "111122223333/eu-west-1".parse().unwrap();
    let last = Some(LastRead {
        as_of: now(),
        said: Said::Complete(1),
    });
    let source = "instances".into();
    let evidence = TargetEvidence {
        target,
        sources: vec![SourceRead { source, last }],
        waiver: None,
    };
    PruningFacts {
        family: "web".parse().unwrap(),
        makes: Makes::Images,
        retain: manifest().retain,
        shared: Shared::WithNobody,
        switch: Switch::On,
        releases: (0..count).map(release).collect(),
        evidence: vec![evidence],
        accepted: None,
    }
}

/// It is decided, and looked at a second time.
fn in_memory(count: u32) {
    let facts = family(count);
    let start = spent();
    let plan = decide_pruning(&facts, now());
    row(
        &format!(
            "a plan of {count} images in memory, of which {} go",
            plan.expendable.len()
        ),
        start,
    );
    let start = spent();
    assert!(check_plan(&facts, &plan, now()).is_empty());
    row("the second look at it", start);
}

/// It is played forward, with a new image every hour, and backward.
fn simulated(count: u32, days: u32) {
    let facts = family(count);
    let start = spent();
    let simulation = simulate(&facts, days, now());
    let made = simulation.days.last().map_or(0, |day| day.made);
    row(
        &format!("{days} days forward of {count} images, and of {made} that come"),
        start,
    );
    let start = spent();
    let looked = look_back(&facts, days, now());
    row(&format!("{} days back of {} images", days, looked.images), start);
}

fn release(n: u32) -> ReleaseFacts {
    let ami = format!("ami-{n:017x}").parse().unwrap();
    let name: CanonicalName = format!("ami:aws:eu-west-1:{ami}").parse().unwrap();
    let built = 1_500_000_000_000 + i64::from(n) * 80_000;
    ReleaseFacts {
        release: name.id(),
        name: format!("web/1.0.{n}/1").into(),
        place: Place::Built {
            architecture: Architecture::X86_64,
            order: format!("1.0.{n}/1").parse().unwrap(),
        },
        built: BuildTime::At(Timestamp::from_millisecond(built).unwrap()),
        since: ExpendableSince::NotYet,
        holds: Vec::new(),
        channels: Vec::new(),
        parent_of: Vec::new(),
        output: None,
        placements: vec![PlacementSeen {
            ami,
            target: "111122223333/eu-west-1".parse().unwrap(),
            unmanaged: None,
            created: BuildTime::At(Timestamp::from_millisecond(built).unwrap()),
            found: None,
            standing: PlacementStanding::Available,
            half_up: false,
            launched: LastLaunch::Never,
            uses: Vec::new(),
            tags: Vec::new(),
            protection: None,
            snapshots: vec![format!("snap-{n:017x}").parse().unwrap()],
            gib: 8,
            announced: None,
            reported: None,
            refused: None,
        }],
        gone: Vec::new(),
        containers: Vec::new(),
    }
}

/// So many images as `aws ec2 describe-images` writes them, read, decided, and written as an answer.
fn from_json(count: u32) {
    let path = std::env::temp_dir().join(format!("steward-fleet-{}.json", std::process::id()));
    let size = write_fleet(&path, count);
    let start = spent();
    let manifests = [manifest()];
    let families = Families::new(&manifests);
    let fleet = read_fleet(BufReader::new(File::open(&path).unwrap()), &families).unwrap();
    let plan = plan_offline(fleet, now());
    let answer = serde_json::to_string(&plan).unwrap();
    let (from, to) = (size >> 20, answer.len() >> 20);
    row(
        &format!("a plan of {count} images from JSON to JSON ({from} MB to {to} MB)"),
        start,
    );
    std::fs::remove_file(path).unwrap();
}

fn write_fleet(path: &Path, count: u32) -> u64 {
    let mut file = BufWriter::new(File::create(path).unwrap());
    write!(file, r#"{{"account":"111122223333","region":"eu-west-1","images":["#).unwrap();
    for n in 0..count {
        let comma = if n == 0 { "" } else { "," };
        let day = 1 + n % 28;
        write!(
            file,
            r#"{comma}
    {{
      "PlatformDetails": "Linux/UNIX", "UsageOperation": "RunInstances", "Architecture": "x86_64",
      "BlockDeviceMappings": [
        {{ "DeviceName": "/dev/xvda", "Ebs": {{ "DeleteOnTermination": true, "SnapshotId": "snap-{n:017x}", "VolumeSize": 8, "VolumeType": "gp3", "Encrypted": true, "Iops": 3000, "Throughput": 125 }} }},
        {{ "DeviceName": "/dev/xvdb", "Ebs": {{ "DeleteOnTermination": true, "SnapshotId": "snap-f{n:016x}", "VolumeSize": 20, "VolumeType": "gp3", "Encrypted": true, "Iops": 3000, "Throughput": 125 }} }}
      ],
      "Description": "nginx on Amazon Linux 2023, built by EC2 Image Builder", "EnaSupport": true, "Hypervisor": "xen",
      "Name": "web-1.4.{n}-2026-01-{day:02}T08-00-00Z", "RootDeviceName": "/dev/xvda", "RootDeviceType": "ebs", "SriovNetSupport": "simple",
      "Tags": [
        {{ "Key": "image-steward:family", "Value": "web" }}, {{ "Key": "CreatedBy", "Value": "EC2 Image Builder" }},
        {{ "Key": "Name", "Value": "web" }}, {{ "Key": "team", "Value": "web" }}, {{ "Key": "cost-centre", "Value": "4711" }},
        {{ "Key": "Ec2ImageBuilderArn", "Value": "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.4.{n}/1" }}
      ],
      "VirtualizationType": "hvm", "BootMode": "uefi-preferred", "ImdsSupport": "v2.0", "ImageId": "ami-{n:017x}",
      "ImageLocation": "111122223333/web-1.4.{n}", "State": "available", "OwnerId": "111122223333",
      "CreationDate": "2026-01-{day:02}T08:00:00.000Z", "Public": false, "ImageType": "machine", "DeregistrationProtection": "disabled"
    }}"#
        )
        .unwrap();
    }
    write!(
        file,
        r#"],"references":[],"evidence":[{{"source":"instances","complete":true,"as_of":"{NOW}"}}]}}"#
    )
    .unwrap();
    file.flush().unwrap();
    file.get_ref().metadata().unwrap().len()
}

fn row(what: &str, start: f64) {
    println!("| {what} | {:.2} | {} MB |", spent() - start, peak());
}
