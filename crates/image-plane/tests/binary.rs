//! The program itself, as a person or a local cloud starts it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails right there")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_image-plane");

/// A running program, ended with its test.
struct Running {
    child: Child,
    /// What it said first.
    line: String,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let line = line.trim_end().to_owned();
        Self { child, line }
    }

    /// `127.0.0.1:4600`, as the line says.
    fn address(&self) -> &str {
        let address = self.line.strip_prefix("image-plane listens on http://").unwrap();
        address.split_once(' ').unwrap().0
    }

    /// Sends one request as it is and reads all of the answer.
    fn answer(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Runs it to its end; what it complained of.
fn complaint(arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = Command::new(PROGRAM).args(arguments).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&stdout),
        "",
        "a complaint goes to standard error"
    );
    (status.code(), String::from_utf8(stderr).unwrap())
}

#[test]
fn it_says_where_it_listens_and_answers_there() {
    let plane = Running::start(&["--port", "0", "--seed", "7", "--calm"]);
    assert!(plane.line.ends_with(" (seed 7)"), "{}", plane.line);
    let body =
        "Action=DescribeImages&Version=2016-11-15&Owner.1=amazon&Filter.1.Name=architecture&Filter.1.Value.1=arm64";
    let answer = plane.answer(&format!(
        "POST / HTTP/1.1\r\n\
         Host: {}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=111122223333/20260105/eu-west-1/ec2/aws4_request, SignedHeaders=host, Signature=0\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        plane.address(),
        body.len(),
    ));
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert_eq!(answer.matches("<imageId>ami-").count(), 1, "{answer}");
    assert!(answer.contains("<architecture>arm64</architecture>"), "{answer}");
}

#[test]
fn an_organization_nobody_founded_is_not_in_use() {
    let plane = Running::start(&["--port", "0"]);
    let answer = plane.answer(&format!(
        "POST / HTTP/1.1\r\n\
         Host: {}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential=111122223333/20260105/us-east-1/organizations/aws4_request, SignedHeaders=host, Signature=0\r\n\
         X-Amz-Target: AWSOrganizationsV20161128.DescribeOrganization\r\n\
         Content-Type: application/x-amz-json-1.1\r\n\
         Content-Length: 2\r\n\
         Connection: close\r\n\r\n{{}}",
        plane.address(),
    ));
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
    assert!(answer.contains("content-type: application/x-amz-json-1.1"), "{answer}");
    assert!(
        answer.contains(r#""__type":"AWSOrganizationsNotInUseException""#),
        "{answer}"
    );
}

#[test]
fn queues_and_topics_are_the_local_clouds_own() {
    let plane = Running::start(&["--port", "0"]);
    for (service, header) in [("sqs", "X-Amz-Target: AmazonSQS.SendMessage\r\n"), ("sns", "")] {
        let answer = plane.answer(&format!(
            "POST / HTTP/1.1\r\n\
             Host: {}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=111122223333/20260105/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0\r\n\
             {header}Content-Length: 2\r\n\
             Connection: close\r\n\r\n{{}}",
            plane.address(),
        ));
        assert!(answer.starts_with("HTTP/1.1 501 Not Implemented\r\n"), "{answer}");
        let why = format!("image-plane does not model {service} over HTTP, where a local cloud has its own");
        assert!(answer.contains(&why), "{answer}");
    }
}

#[test]
fn its_clock_is_moved_past_every_api() {
    let plane = Running::start(&["--port", "0"]);
    let body = r#"{"advance_seconds": 86400}"#;
    let ask = |body: &str| {
        let answer = plane.answer(&format!(
            "POST /_image-plane/clock HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            plane.address(),
            body.len(),
        ));
        let now = answer.split_once("{\"now\":\"").unwrap().1;
        image_plane::Time::parse(now.trim_end_matches("\"}")).unwrap()
    };
    let before = ask("");
    let passed = ask(body).since(before).as_secs();
    assert!((86_400..87_000).contains(&passed), "{passed} s");
}

#[test]
fn its_answers_are_dated_by_its_own_clock() {
    let plane = Running::start(&["--port", "0"]);
    let year = |answer: &str| -> i32 {
        let date = answer.lines().find_map(|line| line.strip_prefix("date: ")).unwrap();
        assert!(date.ends_with(" GMT"), "{date}");
        date.split(' ').nth(3).unwrap().parse().unwrap()
    };
    let ask = || plane.answer("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let before = year(&ask());
    let body = r#"{"advance_seconds":94608000}"#;
    plane.answer(&format!(
        "POST /_image-plane/clock HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    ));
    assert_eq!(year(&ask()) - before, 3);
}

#[test]
fn a_mistyped_clock_command_is_refused_and_says_what_would_be_right() {
    let plane = Running::start(&["--port", "0"]);
    for body in [r#"{"advance": 60}"#, r#"{"advance_seconds": "60"}"#, "60", "{"] {
        let answer = plane.answer(&format!(
            "POST /_image-plane/clock HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            plane.address(),
            body.len(),
        ));
        assert!(answer.contains("advance_seconds"), "{body}: {answer}");
        assert!(!answer.contains("\"now\""), "{body}: {answer}");
    }
}

#[test]
fn a_port_that_is_taken_is_said_in_one_sentence() {
    let first = Running::start(&["--port", "0"]);
    let port = first.address().rsplit_once(':').unwrap().1;
    let (code, sentence) = complaint(&["--port", port]);
    assert_eq!(code, Some(2));
    assert_eq!(sentence.lines().count(), 1, "{sentence}");
    assert!(sentence.contains(&format!("127.0.0.1:{port}")), "{sentence}");
    assert!(sentence.contains("--port"), "{sentence}");
}

#[test]
fn a_fleet_that_is_not_right_is_refused_with_the_place() {
    let fleet = Fleet::of(
        "broken",
        r#"{"account": "111122223333", "region": "eu-west-1", "images": [
            {"ImageId": "ami-0aaaaaaaaaaaaaaa1", "Name": "web-1", "CreationDate": "2026-01-01T00:00:00.000Z"},
            {"ImageId": "ami-0aaaaaaaaaaaaaaa2", "Name": "web-2", "CreationDate": "yesterday"}
        ]}"#,
    );
    let (code, sentence) = complaint(&["--port", "0", "--fleet", fleet.path()]);
    assert_eq!(code, Some(2));
    assert_eq!(sentence.lines().count(), 1, "{sentence}");
    for part in [fleet.path(), "images[1]", "CreationDate", "yesterday"] {
        assert!(sentence.contains(part), "{part} is not in {sentence}");
    }
}

#[test]
fn a_fleet_that_is_no_json_is_refused_with_line_and_column() {
    let fleet = Fleet::of("torn", "{\"account\": \"111122223333\",\n \"region\": }");
    let (code, sentence) = complaint(&["--port", "0", "--fleet", fleet.path()]);
    assert_eq!(code, Some(2));
    assert!(sentence.contains("line 2 column 12"), "{sentence}");
    let (code, sentence) = complaint(&["--port", "0", "--fleet", "/nowhere/fleet.json"]);
    assert_eq!(code, Some(2));
    assert!(sentence.contains("/nowhere/fleet.json"), "{sentence}");
}

/// A fleet file, removed with its test.
struct Fleet(PathBuf);

impl Fleet {
    fn of(name: &str, json: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}.json", std::process::id()));
        std::fs::write(&path, json).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).unwrap();
    }
}
