//! Organizations as their accounts see them: each description against the world's own answers.

mod founding;
mod images;
mod oddities;
mod releases;
mod truth;
mod users;

use std::fmt::Write;

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::{Organization, OrganizationSettings};
use crate::ec2::testing::Pairs;
use crate::sts::tests::{field, request, root, world};
use crate::world::{Target, World};

/// An organization and the world it was founded in.
struct Founded {
    world: World,
    it: Organization,
}

impl Founded {
    fn new(settings: &OrganizationSettings) -> Self {
        let mut world = world();
        let it = world.found_organization(settings);
        Self { world, it }
    }

    /// An answer of EC2 or Auto Scaling, or the code of its refusal.
    fn query(&mut self, service: &str, caller: Target, action: &str, pairs: Pairs<'_>) -> Result<String, String> {
        let version = if service == "ec2" { "2016-11-15" } else { "2011-01-01" };
        let mut body = format!("Action={action}&Version={version}");
        for (name, value) in pairs {
            write!(body, "&{name}=").unwrap();
            for byte in value.bytes() {
                write!(body, "%{byte:02X}").unwrap();
            }
        }
        let key = root(&caller.account.to_string());
        let request = request(&key, caller.region.name(), service, &body);
        let (status, text) = self.send(request);
        if status == 200 {
            Ok(text)
        } else {
            Err(field(&text, "Code"))
        }
    }

    fn ec2(&mut self, caller: Target, action: &str, pairs: Pairs<'_>) -> Result<String, String> {
        self.query("ec2", caller, action, pairs)
    }

    /// An answer of the Parameter Store.
    fn ssm(&mut self, caller: Target, operation: &str, body: &Value) -> Value {
        let key = root(&caller.account.to_string());
        let mut request = request(&key, caller.region.name(), "ssm", &body.to_string());
        let target = format!("AmazonSSM.{operation}").parse().unwrap();
        request.headers_mut().insert("x-amz-target", target);
        serde_json::from_str(&self.send(request).1).unwrap()
    }

    /// An answer of Image Builder.
    fn builder(&mut self, caller: Target, method: &str, path: &str, body: &str) -> Value {
        let key = root(&caller.account.to_string());
        let mut request = request(&key, caller.region.name(), "imagebuilder", body);
        *request.method_mut() = method.parse().unwrap();
        *request.uri_mut() = path.parse().unwrap();
        serde_json::from_str(&self.send(request).1).unwrap()
    }

    /// Every page of one of Image Builder's lists.
    fn pages(&mut self, caller: Target, operation: &str) -> String {
        let mut pages = String::new();
        let mut body = json!({});
        loop {
            let page = self.builder(caller, "POST", &format!("/{operation}"), &body.to_string());
            pages += &page.to_string();
            match page.get("nextToken") {
                Some(token) => body = json!({ "nextToken": token }),
                None => return pages,
            }
        }
    }

    fn send(&mut self, request: Request<Bytes>) -> (u16, String) {
        let now = self.world.now();
        let response = self.world.call(now, request);
        let text = String::from_utf8(response.body().to_vec()).unwrap();
        (response.status().as_u16(), text)
    }

    /// Whether the account of a target answers at all.
    fn answers(&self, home: Target) -> bool {
        let account = self.it.account(home.account);
        account.is_none_or(|account| account.answers(home.region))
    }
}

/// Every oddity, sure to happen.
fn odd(seed: u64) -> OrganizationSettings {
    OrganizationSettings {
        odds: super::Odds::all(1000),
        ..OrganizationSettings::of_seed(seed)
    }
}
