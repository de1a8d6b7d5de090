//! KMS through the world's own door, with requests written by hand.
#![expect(clippy::needless_pass_by_value, reason = "requests read best where they are sent")]

mod across;
mod aliases;
mod crypt;
mod grants;
mod pages;
mod policies;
mod states;

use std::time::Duration;

use serde_json::{Value, json};

use crate::kms::KeyArn;
use crate::sts::tests::{HUB, Key, MEMBER, TRUSTS_HUB, account, assume, region, request, root, world};
use crate::world::{Target, World};

/// A calm world with two accounts in one Region.
pub(super) struct Bench {
    pub(super) world: World,
    pub(super) hub: Target,
    pub(super) member: Target,
    who: Key,
    region: &'static str,
}

impl Bench {
    pub(super) fn new() -> Self {
        let target = |digits| Target {
            account: account(digits),
            region: region("eu-west-1"),
        };
        Self {
            world: world(),
            hub: target(HUB),
            member: target(MEMBER),
            who: root(HUB),
            region: "eu-west-1",
        }
    }

    /// From now on the root of another account calls.
    pub(super) fn act_as(&mut self, target: Target) {
        self.who = root(&target.account.to_string());
    }

    /// From now on the calls go to another Region.
    pub(super) fn go_to(&mut self, region: &'static str) {
        self.region = region;
    }

    /// A role with these statements alone, by its ARN.
    pub(super) fn role(&mut self, of: Target, statements: &[Value]) -> String {
        let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        let name = format!("role-{}", self.world.random.bits());
        let policies: &[&str] = if statements.is_empty() { &[] } else { &[&policy] };
        self.world.create_role(of.account, &name, TRUSTS_HUB, policies).unwrap()
    }

    /// From now on a session of a role calls.
    pub(super) fn act_in(&mut self, role: &str) {
        self.who = assume(&mut self.world, &root(HUB), role).unwrap();
    }

    /// From now on a session of a new role of the hub with these statements alone calls.
    pub(super) fn act_with(&mut self, statements: &[Value]) {
        let role = self.role(self.hub, statements);
        self.act_in(&role);
    }

    /// Calls an operation, and gives back its answer, or the code and the message of the error.
    pub(super) fn call(&mut self, operation: &str, body: Value) -> Result<Value, (String, String)> {
        let mut request = request(&self.who, self.region, "kms", &body.to_string());
        let target = format!("TrentService.{operation}").parse().unwrap();
        request.headers_mut().insert("x-amz-target", target);
        let now = self.world.now();
        let response = self.world.call(now, request);
        assert_eq!(response.headers()["content-type"], "application/x-amz-json-1.1");
        if response.status() == 200 {
            let body = response.body();
            return Ok(serde_json::from_slice(body).unwrap_or(Value::Null));
        }
        let answer: Value = serde_json::from_slice(response.body()).unwrap();
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        Err((text("__type"), text("message")))
    }

    pub(super) fn ok(&mut self, operation: &str, body: Value) -> Value {
        self.call(operation, body).unwrap()
    }

    /// The code of a refusal.
    pub(super) fn refused(&mut self, operation: &str, body: Value) -> String {
        self.call(operation, body).unwrap_err().0
    }

    /// Whether a dry run of Decrypt says that it would be allowed.
    pub(super) fn may_decrypt(&mut self, key: &str) -> bool {
        self.may_decrypt_with(key, json!({}))
    }

    /// The same with further members.
    pub(super) fn may_decrypt_with(&mut self, key: &str, further: Value) -> bool {
        let mut body = json!({ "KeyId": key, "DryRun": true, "DryRunModifiers": ["IGNORE_CIPHERTEXT"] });
        for (name, value) in further.as_object().unwrap() {
            body[name] = value.clone();
        }
        match self.refused("Decrypt", body).as_str() {
            "DryRunOperationException" => true,
            "AccessDeniedException" => false,
            other => panic!("{other}"),
        }
    }

    /// A key of the hub's with the default policy.
    pub(super) fn key(&mut self) -> KeyArn {
        self.world.create_key(self.hub, None, [])
    }

    pub(super) fn pass(&mut self, time: Duration) {
        let now = self.world.now() + time;
        self.world.settle(now);
    }
}

/// A statement of a key's policy.
pub(super) fn statement(principal: &str, actions: &[&str]) -> Value {
    json!({ "Effect": "Allow", "Principal": { "AWS": principal }, "Action": actions, "Resource": "*" })
}

/// A policy of these statements.
pub(super) fn policy(statements: &[Value]) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

/// A statement of a role's own policy.
pub(super) fn may(action: &str) -> Value {
    json!({ "Effect": "Allow", "Action": action, "Resource": "*" })
}

#[test]
fn an_operation_nobody_modelled_is_named() {
    let mut bench = Bench::new();
    let (code, message) = bench.call("ReplicateKey", json!({})).unwrap_err();
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("NotModelled", "image-plane does not model kms:ReplicateKey")
    );
}

#[test]
fn too_many_calls_are_told_so_and_cryptographic_operations_have_one_bucket_together() {
    let mut bench = Bench::new();
    let key = bench.key();
    bench.world.settings_mut().throttling = true;
    for _ in 0..5 {
        bench.ok("DisableKey", json!({ "KeyId": &*key }));
    }
    assert_eq!(
        bench.refused("DisableKey", json!({ "KeyId": &*key })),
        "ThrottlingException"
    );
    bench.ok("EnableKey", json!({ "KeyId": &*key }));
    bench.go_to("eu-north-1");
    for _ in 0..10_000 {
        assert_eq!(
            bench.refused("Decrypt", json!({ "CiphertextBlob": "AAAA" })),
            "InvalidCiphertextException"
        );
    }
    let generate = json!({ "KeyId": &*key, "KeySpec": "AES_256" });
    assert_eq!(
        bench.refused("GenerateDataKeyWithoutPlaintext", generate),
        "ThrottlingException"
    );
}
