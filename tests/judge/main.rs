//! The model of AWS, judged by clients nobody here wrote: boto3 and the AWS CLI walk one whole life over HTTP, and must
//! see in every answer what the Rust SDK sees in process, in a world of the same seed.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails right there")]

mod builder;
mod builder_parts;
mod builder_shapes;
mod by_hand;
mod callers;
mod compare;
mod diary;
mod ec2_shapes;
mod image;
mod life;
mod script;
mod world;

use serde_json::{Value, json};

/// Walks the life with one of the scripts, and holds what it saw against what the Rust SDK saw.
fn judge(script: &str, asides: bool, forget: &[&str]) {
    let theirs = script::run(script);
    let ours = compare::without(life::walked(asides), forget);
    assert_eq!(
        theirs["unknown"],
        json!([]),
        "the client's own model does not know these"
    );
    compare::assert_alike(&compare::without(theirs, forget), &ours);
}

/// A call's own id, drawn anew for each.
const IDS: &str = "requestId";
/// An error's HTTP status, which the AWS CLI does not print.
const STATUS: &str = "httpStatus";
/// A member that is younger than the model of Image Builder in the pinned AWS CLI, which brings its own.
const YOUNGER: &str = "terminateInstanceOnCompletion";

#[test]
fn boto3_sees_what_the_rust_sdk_sees() {
    judge("life.py", true, &[IDS]);
}

#[test]
fn the_aws_cli_sees_what_the_rust_sdk_sees() {
    judge("life_cli.py", false, &[IDS, STATUS, YOUNGER]);
}

#[test]
fn the_rust_sdk_walks_the_same_life_twice() {
    let (once, again): (Value, Value) = (life::walked(true), life::walked(true));
    compare::assert_alike(&once, &again);
}
