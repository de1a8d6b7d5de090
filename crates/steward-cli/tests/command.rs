//! The command as people type it, against the model of AWS over HTTP.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails right there")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Output};
use std::sync::Arc;

use image_plane::{ImagePlane, Server, Settings, TableSettings, Tables, Target, Time, TokioClock, World, serve};

/// A hub's table in a world of its own.
struct Hub {
    address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

impl Hub {
    fn new() -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let start = Time::parse("2026-01-05T08:00:00Z").unwrap();
        let address = runtime.block_on(async {
            let clock = Arc::new(TokioClock::starting_at(start));
            let mut world = World::new(1, start, Settings::calm());
            let region = "eu-west-1".parse().unwrap();
            world.publish_vendor_images(region);
            let account = "111122223333".parse().unwrap();
            world.create_repository(Target { account, region }, "tools");
            let plane = ImagePlane::new(world, Tables::new(1, TableSettings::calm()), clock.clone());
            let server = Server::bind(0, plane, clock).await.unwrap();
            let address = server.address().unwrap();
            tokio::spawn(serve(server));
            address
        });
        let hub = Self {
            address,
            _runtime: runtime,
        };
        hub.create_table();
        hub
    }

    fn create_table(&self) {
        let body = r#"{"TableName":"record","BillingMode":"PAY_PER_REQUEST",
            "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"S"}],
            "KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}]}"#;
        let scope = "AWS4-HMAC-SHA256 Credential=111122223333/20260105/eu-west-1/dynamodb/aws4_request, Signature=0";
        let mut stream = TcpStream::connect(self.address).unwrap();
        write!(
            stream,
            "POST / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: {scope}\r\n\
             X-Amz-Target: DynamoDB_20120810.CreateTable\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    fn steward(&self, words: &[&str]) -> Output {
        let mut command = plain(words);
        command
            .env("AWS_ENDPOINT_URL", format!("http://{}", self.address))
            .env("AWS_ACCESS_KEY_ID", "111122223333")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", "eu-west-1")
            .env("STEWARD_TABLE", "record");
        command.output().unwrap()
    }

    /// What a command that succeeds says.
    fn says(&self, words: &[&str]) -> String {
        let output = self.steward(words);
        assert!(
            output.status.success(),
            "{words:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }
}

/// The command with nothing of this machine's own AWS settings.
fn plain(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_steward"));
    command
        .args(words)
        .env_clear()
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

fn complaint(output: &Output) -> (Option<i32>, String) {
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[test]
fn a_person_pauses_and_resumes_and_everybody_sees_who_and_why() {
    let hub = Hub::new();
    let never = hub.says(&["switch"]);
    assert!(never.starts_with("Nobody has thrown the switch yet"), "{never}");
    let paused = hub.says(&["pause", "--because", "a bad base image"]);
    assert!(paused.starts_with("Paused."), "{paused}");
    let state = hub.says(&["switch"]);
    assert!(state.starts_with("Paused since "), "{state}");
    assert!(
        state.ends_with("by arn:aws:iam::111122223333:root: a bad base image\n"),
        "{state}"
    );
    let again = hub.says(&["pause", "--because", "still"]);
    assert!(again.starts_with("It was paused already"), "{again}");
    let resumed = hub.says(&["resume", "--because", "fixed"]);
    assert!(resumed.starts_with("Resumed."), "{resumed}");
    assert!(hub.says(&["switch"]).starts_with("Running since "));
}

#[test]
fn a_mistake_is_one_sentence_and_exit_code_2() {
    let hub = Hub::new();
    let (code, said) = complaint(&hub.steward(&["pause", "--because", "  "]));
    assert_eq!(
        (code, said.as_str()),
        (Some(2), "steward: --because must say why, in 1 to 300 characters.\n")
    );
    let (code, said) = complaint(&plain(&["switch"]).output().unwrap());
    assert_eq!(code, Some(2));
    assert!(
        said.starts_with("steward: no table is named: set STEWARD_TABLE or --table"),
        "{said}"
    );
    let (code, said) = complaint(&plain(&["switch", "--table", "record"]).output().unwrap());
    assert_eq!(code, Some(2));
    assert!(said.starts_with("steward: no Region is set: "), "{said}");
    let (code, said) = complaint(&hub.steward(&["puase"]));
    assert_eq!(code, Some(2));
    assert!(
        said.contains("similar subcommand") && said.contains("'pause'"),
        "{said}"
    );
}

#[test]
fn nobody_to_ask_and_nobody_who_asks_are_one_line_that_says_what_to_do() {
    let nobody = plain(&["switch", "--table", "record"]);
    // Nothing listens on the port of discarding.
    let mut no_network = plain(&["switch", "--table", "record"]);
    no_network
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        .env("AWS_ACCESS_KEY_ID", "111122223333")
        .env("AWS_SECRET_ACCESS_KEY", "test");
    for mut command in [nobody, no_network] {
        let (code, said) = complaint(&command.env("AWS_REGION", "eu-west-1").output().unwrap());
        assert_eq!((code, said.lines().count()), (Some(1), 1), "{said}");
        let right =
            "steward: AWS does not say who you are; log in, or look at your credentials and your network (no answer: ";
        assert!(said.starts_with(right) && !said.contains("DispatchFailure"), "{said}");
    }
}

#[test]
fn a_table_that_is_not_there_is_said_with_awss_own_word_and_exit_code_1() {
    let hub = Hub::new();
    let (code, said) = complaint(&hub.steward(&["switch", "--table", "other"]));
    assert_eq!(code, Some(1));
    assert!(
        said.starts_with(
            "steward: failed to read CONTROL PAUSED of the record in 111122223333/eu-west-1: ResourceNotFoundException"
        ),
        "{said}"
    );
}

/// The samples, as a newcomer has them.
fn families() -> String {
    format!("{}/../../families", std::env::var("CARGO_MANIFEST_DIR").unwrap())
}

#[test]
fn a_person_plans_applies_and_looks_back() {
    let hub = Hub::new();
    let families = families();
    let base = ["apply", &families, "--family", "base"];
    let plan = hub.says(&[&["plan"], &base[..]].concat());
    assert!(plan.starts_with("base\n  + recipe base-x86-64 1.0.0\n"), "{plan}");
    let summary = plan.lines().last().unwrap();
    assert!(
        summary.starts_with("Plan ") && summary.ends_with(": 8 to make, 0 to change, 1 manifest to store."),
        "{summary}"
    );
    let number = &summary["Plan ".len().."Plan ".len() + 12];

    // Nobody can be asked here, and nothing is done until somebody said yes.
    let (code, said) = complaint(&hub.steward(&base));
    assert_eq!(code, Some(2));
    assert!(said.contains(&format!("add --yes, or --plan {number}")), "{said}");
    let (code, said) = complaint(&hub.steward(&[&base[..], &["--plan", "0123456789ab"]].concat()));
    assert_eq!(code, Some(2));
    assert!(said.contains("this is not the plan 0123456789ab"), "{said}");

    let applied = hub.says(&[&base[..], &["--plan", number, "--message", "the first"]].concat());
    assert!(applied.contains("[8/8] pipeline base-arm64\n"), "{applied}");
    assert!(applied.ends_with("Applied: the manifests of base hold.\n"), "{applied}");
    assert_eq!(hub.says(&base), "Nothing to do: all is as the manifests say.\n");

    let list = hub.says(&["families"]);
    assert!(
        list.lines().nth(1).unwrap().starts_with("base    1         20"),
        "{list}"
    );
    let history = hub.says(&["families", "history", "base"]);
    assert!(
        history
            .trim_end()
            .ends_with("arn:aws:iam::111122223333:root  the first"),
        "{history}"
    );
    let shown = hub.says(&["families", "show", "base"]);
    assert_eq!(shown, std::fs::read_to_string(format!("{families}/base.yaml")).unwrap());
    let json: serde_json::Value =
        serde_json::from_str(&hub.says(&["families", "show", "base", "--format", "json"])).unwrap();
    assert_eq!((&json["version"], &json["message"]), (&1.into(), &"the first".into()));
    let (code, said) = complaint(&hub.steward(&["families", "show", "base", "--at", "2020-01-01"]));
    assert_eq!(code, Some(2));
    assert!(said.starts_with("steward: no manifest of base held then"), "{said}");
}

#[test]
fn programs_and_pull_requests_get_plans_of_their_own() {
    let hub = Hub::new();
    let families = families();
    let plan = |format: &str| hub.says(&["plan", "apply", &families, "--family", "base", "--format", format]);
    let json: serde_json::Value = serde_json::from_str(&plan("json")).unwrap();
    assert_eq!(json["families"][0]["builder"]["steps"].as_array().unwrap().len(), 8);
    assert_eq!(json["digest"].as_str().unwrap().len(), 64);
    let markdown = plan("markdown");
    assert!(markdown.starts_with("### steward apply\n\nPlan "), "{markdown}");
    assert!(markdown.contains("\n**base**\n\n`````diff\n+   "), "{markdown}");
}

#[test]
fn what_cannot_be_applied_is_said_before_anything_is_done() {
    let hub = Hub::new();
    let families = families();
    let (code, said) = complaint(&hub.steward(&["apply", &families, "--family", "bse", "--yes"]));
    assert_eq!(code, Some(2));
    assert!(said.starts_with("steward: there is no family bse in "), "{said}");
}

#[test]
fn a_name_the_record_has_never_heard_of_is_answered_with_those_there_are() {
    let hub = Hub::new();
    let families = families();
    hub.says(&["apply", &families, "--family", "base", "--yes"]);
    for (words, answer) in [
        (
            ["lineage", "bas"],
            "the record has no release of bas; families there are: base.",
        ),
        (
            ["where", "web/1.4.2"],
            "the record has no release of web; families there are: base.",
        ),
        (
            ["history", "ami-0123456789abcdef0"],
            "the record has never heard of ami-0123456789abcdef0; an ancestor of another Region is named \
             ami:PARTITION:REGION:ami-0123456789abcdef0.",
        ),
        (
            ["lineage", "Web Server"],
            "\"Web Server\" names nothing: say a release (web/1.4.2), a family (web), an image (ami-0123456789abcdef0) or \
             the ARN of a build.",
        ),
    ] {
        let (code, said) = complaint(&hub.steward(&words));
        assert_eq!((code, said), (Some(2), format!("steward: {answer}\n")), "{words:?}");
    }
    assert_eq!(
        hub.says(&["releases", "base"]),
        "The record has no release of base that has images.\n"
    );
}
