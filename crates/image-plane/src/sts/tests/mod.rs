//! STS through the world's own door, with requests written by hand.

mod assume_role;
mod identity;
mod permissions;
mod trust;

use std::fmt::Write;

use bytes::Bytes;
use http::Request;

use crate::ids::AccountId;
use crate::region::Region;
use crate::time::Time;
use crate::world::World;
use crate::world::settings::Settings;

pub(super) const HUB: &str = "111122223333";
pub(super) const MEMBER: &str = "222233334444";
pub(super) const TRUSTS_HUB: &str = r#"{"Version":"2012-10-17","Statement":
    {"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}}"#;
pub(super) const MAY_ASSUME: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}}"#;

/// Credentials.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Key {
    pub(super) id: String,
    pub(super) token: Option<String>,
}

/// An error as STS tells it: status, code, message.
pub(super) type Refused = (u16, String, String);

pub(super) fn root(account: &str) -> Key {
    Key {
        id: account.to_owned(),
        token: None,
    }
}

pub(super) fn account(digits: &str) -> AccountId {
    digits.parse().unwrap()
}

pub(super) fn region(name: &str) -> Region {
    name.parse().unwrap()
}

pub(super) fn world() -> World {
    World::new(7, Time::parse("2026-01-18T17:50:56.789Z").unwrap(), Settings::calm())
}

pub(super) fn request(key: &Key, region: &str, service: &str, body: &str) -> Request<Bytes> {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/20260101/{region}/{service}/aws4_request, Signature=0",
        key.id
    );
    let mut request = Request::builder()
        .method("POST")
        .uri("/")
        .header("authorization", authorization);
    if let Some(token) = &key.token {
        request = request.header("x-amz-security-token", token);
    }
    request.body(Bytes::from(body.to_owned())).unwrap()
}

/// Calls STS in a Region and gives back the XML.
pub(super) fn call_in(world: &mut World, key: &Key, region: &str, pairs: &[(&str, &str)]) -> Result<String, Refused> {
    let mut body = String::from("Version=2011-06-15");
    for (name, value) in pairs {
        write!(body, "&{name}=").unwrap();
        for byte in value.bytes() {
            write!(body, "%{byte:02X}").unwrap();
        }
    }
    let response = world.call(world.now(), request(key, region, "sts", &body));
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    if response.status() == 200 {
        return Ok(text);
    }
    let decode = |text: String| text.replace("&quot;", "\"");
    Err((
        response.status().as_u16(),
        decode(field(&text, "Code")),
        decode(field(&text, "Message")),
    ))
}

/// Assumes a role in us-east-1, with these further parameters.
pub(super) fn assume_with(world: &mut World, key: &Key, role: &str, further: &[(&str, &str)]) -> Result<Key, Refused> {
    let mut pairs = vec![
        ("Action", "AssumeRole"),
        ("RoleArn", role),
        ("RoleSessionName", "prune"),
    ];
    pairs.extend_from_slice(further);
    let answer = call_in(world, key, "us-east-1", &pairs)?;
    Ok(Key {
        id: field(&answer, "AccessKeyId"),
        token: Some(field(&answer, "SessionToken")),
    })
}

pub(super) fn assume(world: &mut World, key: &Key, role: &str) -> Result<Key, Refused> {
    assume_with(world, key, role, &[])
}

pub(super) fn who_am_i(world: &mut World, key: &Key) -> Result<String, Refused> {
    call_in(world, key, "us-east-1", &[("Action", "GetCallerIdentity")]).map(|answer| field(&answer, "Arn"))
}

/// The text of the first element of this name.
pub(super) fn field(xml: &str, name: &str) -> String {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let after = xml.split_once(&open).map_or("", |(_, after)| after);
    after.split_once(&close).map_or("", |(text, _)| text).to_owned()
}
