use bytes::Bytes;
use http::{Method, Request};
use serde_json::json;

use crate::sts::tests::{HUB, Key, MEMBER, TRUSTS_HUB, account, assume, field, region, request, root, world};
use crate::world::{Target, World};

const BUCKET: &str = "reports-111122223333";

fn with_bucket() -> World {
    let mut world = world();
    let target = Target {
        account: account(HUB),
        region: region("eu-west-1"),
    };
    assert!(world.create_bucket(target, BUCKET) && !world.create_bucket(target, BUCKET));
    world
}

fn put(key: &Key, region: &str, uri: &str, headers: &[(&'static str, &str)]) -> Request<Bytes> {
    let mut put = request(key, region, "s3", "all of it");
    *put.method_mut() = Method::PUT;
    *put.uri_mut() = uri.parse().unwrap();
    for (name, value) in headers {
        put.headers_mut().insert(*name, value.parse().unwrap());
    }
    put
}

/// What a request is refused with: its status and its code; none where it is carried out.
fn refused(world: &mut World, request: Request<Bytes>) -> Option<(u16, String)> {
    let response = world.call(world.now(), request);
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    (response.status() != 200).then(|| (response.status().as_u16(), field(&text, "Code")))
}

fn at(bucket: &str, key: &str) -> String {
    format!("https://{bucket}.s3.eu-west-1.amazonaws.com/{key}?x-id=PutObject")
}

#[test]
fn an_object_lies_where_it_was_put_and_each_version_stays() {
    let mut world = with_bucket();
    let uri = at(BUCKET, "web/a%20b%2Bc.json");
    for _ in 0..2 {
        let put = put(
            &root(HUB),
            "eu-west-1",
            &uri,
            &[
                ("content-type", "application/json"),
                ("x-amz-expected-bucket-owner", HUB),
            ],
        );
        assert_eq!(refused(&mut world, put), None);
    }
    let stored = world.stored(BUCKET);
    let (key, versions) = stored.first_key_value().unwrap();
    assert_eq!((stored.len(), key.as_str(), versions.len()), (1, "web/a b+c.json", 2));
    assert_eq!(
        (versions[0].content_type.as_deref(), versions[0].body.as_ref()),
        (Some("application/json"), b"all of it".as_slice())
    );
}

#[test]
fn nobody_puts_anything_into_a_bucket_of_another_account_or_one_that_is_not_there() {
    let mut world = with_bucket();
    let mut code = |key: &Key, region: &str, uri: &str, headers: &[(&'static str, &str)]| {
        refused(&mut world, put(key, region, uri, headers)).map(|(status, code)| format!("{status} {code}"))
    };
    let uri = at(BUCKET, "a");
    let denied = Some(String::from("403 AccessDenied"));
    assert_eq!(code(&root(MEMBER), "eu-west-1", &uri, &[]), denied);
    let taken_for = [("x-amz-expected-bucket-owner", MEMBER)];
    assert_eq!(code(&root(HUB), "eu-west-1", &uri, &taken_for), denied);
    assert_eq!(
        code(&root(HUB), "eu-west-1", &at("nobodys", "a"), &[]).as_deref(),
        Some("404 NoSuchBucket")
    );
    assert_eq!(
        code(&root(HUB), "us-east-1", &uri, &[]).as_deref(),
        Some("301 PermanentRedirect")
    );
    let long = at(BUCKET, &"a".repeat(1025));
    assert_eq!(
        code(&root(HUB), "eu-west-1", &long, &[]).as_deref(),
        Some("400 KeyTooLongError")
    );
    assert!(world.stored(BUCKET).is_empty());
}

#[test]
fn a_role_puts_what_its_policy_names_and_nothing_else() {
    let mut world = with_bucket();
    let resource = format!("arn:aws:s3:::{BUCKET}/web/*");
    let policy = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:PutObject", "Resource": resource } });
    let role = world.create_role(account(HUB), "reporter", TRUSTS_HUB, &[&policy.to_string()]);
    let key = assume(&mut world, &root(HUB), &role.unwrap()).unwrap();
    let mut code = |at: &str| refused(&mut world, put(&key, "eu-west-1", at, &[])).map(|(status, _)| status);
    assert_eq!(code(&at(BUCKET, "web/a")), None);
    assert_eq!(code(&at(BUCKET, "api/a")), Some(403));
}

#[test]
fn what_is_not_modelled_is_named() {
    let mut world = with_bucket();
    let in_path = format!("https://s3.eu-west-1.amazonaws.com/{BUCKET}/a");
    let uri = at(BUCKET, "a");
    let tagged = [("x-amz-tagging", "a=b")];
    let streamed = [("content-encoding", "aws-chunked")];
    for put in [
        put(&root(HUB), "eu-west-1", &in_path, &[]),
        put(&root(HUB), "eu-west-1", &uri, &tagged),
        put(&root(HUB), "eu-west-1", &uri, &streamed),
        request(&root(HUB), "eu-west-1", "s3", ""),
    ] {
        assert_eq!(refused(&mut world, put), Some((501, String::from("NotModelled"))));
    }
}
