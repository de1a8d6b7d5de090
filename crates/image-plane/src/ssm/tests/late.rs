use std::time::Duration;

use serde_json::{Value, json};

use super::Bench;
use crate::ec2::place::NewImage;
use crate::sts::tests::{HUB, request, root};

fn image(name: &str, value: &str) -> Value {
    json!({ "Name": name, "Value": value, "Type": "String", "DataType": "aws:ec2:image", "Overwrite": true })
}

fn pass(bench: &mut Bench) {
    let later = bench.world.now() + Duration::from_secs(10);
    bench.world.settle(later);
}

#[test]
fn an_image_is_there_only_after_it_was_looked_up() {
    let mut bench = Bench::new();
    let ami = bench.image("web");
    assert_eq!(bench.ok("PutParameter", image("/web", &ami))["Version"], 1);
    assert_eq!((bench.value("/web"), bench.told().len()), (None, 0));
    assert_eq!(bench.ok("DescribeParameters", json!({}))["Parameters"], json!([]));
    pass(&mut bench);
    let read = bench.ok("GetParameter", json!({ "Name": "/web" }));
    assert_eq!(
        (&read["Parameter"]["Value"], &read["Parameter"]["DataType"]),
        (&json!(ami), &json!("aws:ec2:image"))
    );
    assert_eq!(
        bench.told(),
        [json!({ "operation": "Create", "name": "/web", "type": "String" })]
    );
}

#[test]
fn a_value_that_is_no_image_here_never_becomes_current_and_only_an_event_tells() {
    let mut bench = Bench::new();
    let ami = bench.image("web");
    let foreign = bench
        .world
        .place_image(bench.member, NewImage::named("private"))
        .to_string();
    bench.ok("PutParameter", image("/web", &ami));
    pass(&mut bench);
    bench.told();
    for wrong in ["ami-0123456789abcdef0", "web", &foreign] {
        bench.ok("PutParameter", image("/web", wrong));
        pass(&mut bench);
        assert_eq!(bench.value("/web"), Some(ami.clone()));
        assert_eq!(
            bench.told(),
            [json!({
                "operation": "Update", "name": "/web", "type": "String", "dataType": "aws:ec2:image",
                "exception": "Unable to Describe Resource",
            })]
        );
    }
    // The numbers given out are used up.
    bench.ok("PutParameter", image("/web", &ami));
    pass(&mut bench);
    let history = bench.ok("GetParameterHistory", json!({ "Name": "/web" }));
    let versions: Vec<_> = history["Parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["Version"].clone())
        .collect();
    assert_eq!(versions, [1, 5]);
}

#[test]
fn a_first_version_that_is_no_image_leaves_no_parameter() {
    let mut bench = Bench::new();
    bench.ok("PutParameter", image("/web", "ami-1"));
    pass(&mut bench);
    assert_eq!(
        bench.refused("GetParameter", json!({ "Name": "/web" })),
        "ParameterNotFound"
    );
    assert_eq!(bench.told()[0]["operation"], "Create");
    assert_eq!(bench.put("/web", "text"), 1);
}

#[test]
fn the_image_must_be_there_when_it_is_looked_up_not_when_it_was_written() {
    let mut bench = Bench::new();
    let ami = bench.image("web");
    bench.ok("PutParameter", image("/web", &ami));
    let now = bench.world.now();
    let body = format!("Action=DeregisterImage&Version=2016-11-15&ImageId={ami}");
    let answer = bench.world.call(now, request(&root(HUB), "eu-west-1", "ec2", &body));
    assert_eq!(answer.status(), 200);
    pass(&mut bench);
    assert_eq!(bench.value("/web"), None);
}

#[test]
fn a_parameter_of_images_stays_one_and_others_images_count_once_they_are_seen() {
    let mut bench = Bench::new();
    let ami = bench.image("web");
    bench.ok("PutParameter", image("/web", &ami));
    pass(&mut bench);
    let public = bench
        .world
        .place_image(bench.member, NewImage::named("public").public())
        .to_string();
    let next = json!({ "Name": "/web", "Value": public, "Overwrite": true });
    bench.ok("PutParameter", next);
    assert_eq!(bench.value("/web"), Some(ami));
    pass(&mut bench);
    assert_eq!(bench.value("/web"), Some(public));
    let list = json!({ "Name": "/list", "Value": "a", "Type": "StringList", "DataType": "aws:ec2:image" });
    assert_eq!(bench.refused("PutParameter", list), "ValidationException");
}

#[test]
fn a_later_write_that_is_there_at_once_is_not_overtaken_by_an_earlier_one() {
    let mut bench = Bench::new();
    let ami = bench.image("web");
    bench.put("/web", "text");
    bench.ok("PutParameter", image("/web", &ami));
    bench.ok(
        "PutParameter",
        json!({ "Name": "/web", "Value": "newer", "DataType": "text", "Overwrite": true }),
    );
    pass(&mut bench);
    assert_eq!(
        (bench.value("/web").as_deref(), bench.value("/web:2")),
        (Some("newer"), Some(ami))
    );
}

#[test]
fn a_parameter_deleted_meanwhile_does_not_come_back() {
    let mut bench = Bench::new();
    let ami = bench.image("web");
    bench.put("/web", "text");
    bench.ok("PutParameter", image("/web", &ami));
    bench.ok("DeleteParameter", json!({ "Name": "/web" }));
    bench.put("/web", "another");
    bench.told();
    pass(&mut bench);
    assert_eq!(
        (bench.value("/web").as_deref(), bench.told().len()),
        (Some("another"), 0)
    );
}
