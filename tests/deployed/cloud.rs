//! The local cloud as a test reaches it: by the AWS CLI, as an account's administrator, and by the cloud's own door.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails right there")]
#![expect(clippy::print_stderr, reason = "a test that waits says for what")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Where the hub is deployed.
pub const HUB: &str = "111122223333";
/// A member of its organization.
pub const MEMBER: &str = "222233334444";
/// The other one.
pub const OTHER_MEMBER: &str = "333344445555";
/// Where the hub is deployed, and members tell it of images.
pub const REGION: &str = "eu-west-1";
/// The hub's stack.
pub const STACK: &str = "image-steward";
/// As the local cloud names the organization of all accounts.
pub const ORGANIZATION: &str = "o-localcloud0";

/// Facts come within seconds; on a machine that is busy with other things they may take this long.
const AT_MOST: Duration = Duration::from_mins(5);
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// The cloud that `cargo xtask test deployed` has brought up.
#[derive(Clone, Debug)]
pub struct Cloud {
    url: String,
    plane: String,
    bin: String,
    folder: String,
    command: String,
    faketime: String,
}

impl Cloud {
    /// The cloud that the environment names.
    pub fn here() -> Self {
        let variable = |name: &str| {
            let value = std::env::var(name);
            value.unwrap_or_else(|_| panic!("{name} is not set: run these tests by `cargo xtask test deployed`"))
        };
        Self {
            url: variable("IMAGE_STEWARD_CLOUD"),
            plane: variable("IMAGE_STEWARD_CLOUD_PLANE"),
            bin: variable("IMAGE_STEWARD_CLOUD_BIN"),
            folder: variable("IMAGE_STEWARD_CLOUD_FOLDER"),
            command: variable("IMAGE_STEWARD_COMMAND"),
            faketime: variable("IMAGE_STEWARD_CLOUD_FAKETIME"),
        }
    }

    /// Where the built hub is, and this cloud's logs.
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// Where the local cloud's tools are.
    pub fn bin(&self) -> &str {
        &self.bin
    }

    /// A command of the local cloud's tools, run as an account's administrator in a Region.
    pub fn tool(&self, name: &str, account: &str, region: &str) -> Command {
        self.program(&format!("{}/{name}", self.bin), account, region)
    }

    fn program(&self, path: &str, account: &str, region: &str) -> Command {
        let mut command = Command::new(path);
        command
            .env("AWS_ACCESS_KEY_ID", account)
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env_remove("AWS_SESSION_TOKEN")
            .env_remove("AWS_PROFILE")
            .env("AWS_REGION", region)
            .env("AWS_DEFAULT_REGION", region)
            .env("AWS_ENDPOINT_URL", &self.url)
            .env("AWS_ENDPOINT_URL_EC2", &self.plane)
            .env("AWS_ENDPOINT_URL_IMAGEBUILDER", &self.plane)
            .env("AWS_ENDPOINT_URL_KMS", &self.plane)
            .env("AWS_PAGER", "")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("SAM_CLI_TELEMETRY", "0");
        command
    }

    /// What the AWS CLI answers an account's administrator.
    pub fn aws(&self, account: &str, region: &str, words: &[&str]) -> Value {
        let mut command = self.tool("aws", account, region);
        // The CLI sends messages to where it thinks a queue's name lives, unless told otherwise.
        if words.first() == Some(&"sqs") {
            command.args(["--endpoint-url", &self.url]);
        }
        let output = command.args(words).args(["--output", "json"]).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "aws {}: {errors}", words.join(" "));
        if output.stdout.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The same in the hub.
    pub fn hub(&self, words: &[&str]) -> Value {
        self.aws(HUB, REGION, words)
    }

    /// What `steward` says to the hub's administrator, whose clock is the cloud's.
    pub fn steward(&self, words: &[&str]) -> String {
        let mut command = self.program(&self.command, HUB, REGION);
        command
            .env("LD_PRELOAD", &self.faketime)
            .env("FAKETIME_TIMESTAMP_FILE", format!("{}/state/faketime", self.folder))
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        let table = self.output(HUB, "Table");
        let output = command.args(words).args(["--table", &table]).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "steward {}: {errors}", words.join(" "));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Past every API: `/_local/COMMAND`.
    pub fn door(&self, command: &str, body: &Value) -> Value {
        post(&self.url, &format!("/_local/{command}"), body)
    }

    /// Past every API of the image plane: `/_image-plane/COMMAND`.
    pub fn plane_door(&self, command: &str, body: &Value) -> Value {
        post(&self.plane, &format!("/_image-plane/{command}"), body)
    }

    /// Fires the sweep of a function of an account's hub, whose schedule does not run by itself here.
    pub fn sweep(&self, account: &str, function: &str) {
        let schedules = self.aws(account, REGION, &["scheduler", "list-schedules"])["Schedules"].clone();
        let of_function = |schedule: &&Value| {
            schedule["GroupName"]
                .as_str()
                .is_some_and(|group| group.ends_with(function))
        };
        let schedule = schedules.as_array().unwrap().iter().find(of_function).unwrap();
        let (group, name) = (&schedule["GroupName"], &schedule["Name"]);
        let fire = json!({ "account": account, "region": REGION, "group": group, "name": name });
        self.door("fire", &fire);
    }

    /// Lets time pass, everywhere at once.
    pub fn pass(&self, time: Duration) {
        self.door("clock", &json!({ "advance_seconds": time.as_secs() }));
    }

    /// An output of a stack.
    pub fn output(&self, account: &str, name: &str) -> String {
        let stacks = self.aws(
            account,
            REGION,
            &["cloudformation", "describe-stacks", "--stack-name", STACK],
        );
        let outputs = stacks["Stacks"][0]["Outputs"].as_array().unwrap();
        let found = outputs.iter().find(|output| output["OutputKey"] == name);
        found.unwrap_or_else(|| panic!("no output {name}"))["OutputValue"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// An item of the hub's record.
    pub fn item(&self, pk: &str, sk: &str) -> Option<Value> {
        let key = json!({ "pk": { "S": pk }, "sk": { "S": sk } }).to_string();
        let table = self.output(HUB, "Table");
        let words = [
            "dynamodb",
            "get-item",
            "--consistent-read",
            "--table-name",
            &table,
            "--key",
            &key,
        ];
        Some(self.hub(&words)["Item"].clone()).filter(|item| !item.is_null())
    }

    /// All items of one partition of the hub's record.
    pub fn partition(&self, pk: &str) -> Vec<Value> {
        self.partition_of(HUB, pk)
    }

    /// The same of the record of the hub of another account.
    pub fn partition_of(&self, account: &str, pk: &str) -> Vec<Value> {
        let values = json!({ ":pk": { "S": pk } }).to_string();
        let table = self.output(account, "Table");
        let words = [
            "dynamodb",
            "query",
            "--consistent-read",
            "--table-name",
            &table,
            "--key-condition-expression",
            "pk = :pk",
            "--expression-attribute-values",
            &values,
        ];
        let answer = self.aws(account, REGION, &words);
        answer["Items"].as_array().cloned().unwrap_or_default()
    }

    /// The items of the record that have a member of this value, wherever they lie.
    pub fn scan(&self, member: &str, value: &str) -> Vec<Value> {
        let names = json!({ "#member": member }).to_string();
        let values = json!({ ":value": { "S": value } }).to_string();
        let table = self.output(HUB, "Table");
        let answer = self.hub(&[
            "dynamodb",
            "scan",
            "--consistent-read",
            "--table-name",
            &table,
            "--filter-expression",
            "#member = :value",
            "--expression-attribute-names",
            &names,
            "--expression-attribute-values",
            &values,
        ]);
        answer["Items"].as_array().cloned().unwrap_or_default()
    }
}

/// Waits for a fact, and says what it waits for.
pub fn wait_for<T>(what: &str, mut fact: impl FnMut() -> Option<T>) -> T {
    eprintln!("waiting for {what}");
    let start = Instant::now();
    loop {
        if let Some(found) = fact() {
            eprintln!("{what}: after {:.1} s", start.elapsed().as_secs_f64());
            return found;
        }
        assert!(start.elapsed() < AT_MOST, "{what} did not come within {AT_MOST:?}");
        thread::sleep(LOOK_EVERY);
    }
}

fn post(url: &str, path: &str, body: &Value) -> Value {
    let authority = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(authority).unwrap();
    let body = body.to_string();
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    serde_json::from_str(body).unwrap_or(Value::Null)
}
