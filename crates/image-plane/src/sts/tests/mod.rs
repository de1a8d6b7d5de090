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

pub(crate) const HUB: &str = "111122223333";
pub(crate) const MEMBER: &str = "222233334444";
pub(crate) const TRUSTS_HUB: &str = r#"{"Version":"2012-10-17","Statement":
    {"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}}"#;
pub(crate) const MAY_ASSUME: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}}"#;

/// Credentials.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) token: Option<String>,
}

/// An error as STS tells it: status, code, message.
pub(crate) type Refused = (u16, String, String);

pub(crate) fn root(account: &str) -> Key {
    Key {
        id: account.to_owned(),
        token: None,
    }
}

pub(crate) fn account(digits: &str) -> AccountId {
    digits.parse().unwrap()
}

pub(crate) fn region(name: &str) -> Region {
    name.parse().unwrap()
}

pub(crate) fn world() -> World {
    World::new(7, Time::parse("2026-01-18T17:50:56.789Z").unwrap(), Settings::calm())
}

pub(crate) fn request(key: &Key, region: &str, service: &str, body: &str) -> Request<Bytes> {
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
pub(crate) fn call_in(world: &mut World, key: &Key, region: &str, pairs: &[(&str, &str)]) -> Result<String, Refused> {
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
pub(crate) fn assume_with(world: &mut World, key: &Key, role: &str, further: &[(&str, &str)]) -> Result<Key, Refused> {
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

pub(crate) fn assume(world: &mut World, key: &Key, role: &str) -> Result<Key, Refused> {
    assume_with(world, key, role, &[])
}

pub(crate) fn who_am_i(world: &mut World, key: &Key) -> Result<String, Refused> {
    call_in(world, key, "us-east-1", &[("Action", "GetCallerIdentity")]).map(|answer| field(&answer, "Arn"))
}

/// The text of the first element of this name.
pub(crate) fn field(xml: &str, name: &str) -> String {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let after = xml.split_once(&open).map_or("", |(_, after)| after);
    after.split_once(&close).map_or("", |(text, _)| text).to_owned()
}
