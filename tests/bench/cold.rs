//! How long functions take from their start to their first request for work, what they weigh then, and how large they are.
//! Prints a table for docs/performance.md.
//!
//! `cargo bench --workspace --bench cold -- EMPTY FUNCTION…`, each the path of a binary as it is deployed; the first is an empty
//! one to measure beside (`cargo build --example empty`, with the same flags). They are started in turns, so that whatever else
//! this machine does slows all alike; the median counts.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on fails right there")]
#![expect(clippy::print_stdout, reason = "a measurement prints its figures")]

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// So often each is started.
const TIMES: usize = 41;
/// What Lambda and the template tell a function.
const ENVIRONMENT: [(&str, &str); 16] = [
    ("AWS_LAMBDA_FUNCTION_NAME", "measured"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "stream"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "group"),
    ("AWS_REGION", "eu-west-1"),
    ("AWS_ACCESS_KEY_ID", "111122223333"),
    ("AWS_SECRET_ACCESS_KEY", "secret"),
    ("STEWARD_HUB_ACCOUNT", "111122223333"),
    ("STEWARD_TABLE", "record"),
    ("STEWARD_TOPIC", "arn:aws:sns:eu-west-1:111122223333:images"),
    ("STEWARD_MEMBER_ROLE", "image-steward-look"),
    ("STEWARD_EXTERNAL_ID", "steward"),
    ("STEWARD_START_PAUSED", "false"),
    ("STEWARD_REPORTS", "reports"),
    ("STEWARD_PRUNING_SHARE", "50%"),
];
/// So often it is looked whether a function asks, or ended instead.
const GLANCE: Duration = Duration::from_micros(50);

fn main() {
    let paths: Vec<String> = std::env::args().skip(1).filter(|path| path.contains('/')).collect();
    let mut measured: Vec<Vec<(Duration, usize)>> = vec![Vec::new(); paths.len()];
    for _ in 0..TIMES {
        for (path, measured) in paths.iter().zip(&mut measured) {
            measured.push(start(path));
        }
    }
    println!("| function | first request for work | beside an empty one | memory then | size |");
    let mut empty = None;
    for (path, measured) in paths.iter().zip(&mut measured) {
        measured.sort_unstable();
        let (took, memory) = measured[TIMES / 2];
        let empty = *empty.get_or_insert(took);
        let times = took.as_secs_f64() / empty.as_secs_f64();
        let size = std::fs::metadata(path).unwrap().len();
        let megabytes = |bytes: u64| format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000);
        let memory = megabytes(u64::try_from(memory).unwrap());
        println!("| {path} | {took:.1?} | {times:.1} | {memory} | {} |", megabytes(size));
    }
}

/// Starts a function, and ends it when it asks for work: how long that took, and the memory that it has.
fn start(path: &str) -> (Duration, usize) {
    let lambda = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = Command::new(path);
    command
        .env_clear()
        .envs(ENVIRONMENT)
        .env("AWS_LAMBDA_RUNTIME_API", lambda.local_addr().unwrap().to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let began = Instant::now();
    let mut function = command.spawn().unwrap();
    lambda.set_nonblocking(true).unwrap();
    let asking = loop {
        if let Ok((asking, _)) = lambda.accept() {
            break asking;
        }
        assert!(
            function.try_wait().unwrap().is_none(),
            "{path} ended before it asked for work"
        );
        std::thread::sleep(GLANCE);
    };
    asking.set_nonblocking(false).unwrap();
    let mut request = String::new();
    BufReader::new(asking).read_line(&mut request).unwrap();
    let took = began.elapsed();
    assert!(request.contains("/invocation/next"), "{request}");
    let pages = std::fs::read_to_string(format!("/proc/{}/statm", function.id())).unwrap();
    let resident: usize = pages.split_whitespace().nth(1).unwrap().parse().unwrap();
    function.kill().unwrap();
    function.wait().unwrap();
    (took, resident * 4096)
}
