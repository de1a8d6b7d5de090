//! The Parameter Store through the world's own door, with requests written by hand.
#![expect(clippy::needless_pass_by_value, reason = "requests read best where they are sent")]

mod late;
mod permissions;
mod reads;
mod versions;
mod writes;

use serde_json::{Value, json};

use crate::ec2::place::NewImage;
use crate::sts::tests::{HUB, Key, MEMBER, TRUSTS_HUB, account, assume, region, request, root, world};
use crate::world::{Target, World};

/// A calm world with two accounts in one Region.
pub(super) struct Bench {
    pub(super) world: World,
    pub(super) hub: Target,
    pub(super) member: Target,
    key: Key,
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
            key: root(HUB),
        }
    }

    /// From now on another account calls.
    pub(super) fn act_as(&mut self, target: Target) {
        self.key = root(&target.account.to_string());
    }

    /// From now on a session of a role with these statements alone calls.
    pub(super) fn act_with(&mut self, statements: &[Value]) {
        let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        let name = format!("role-{}", self.world.random.bits());
        let role = self.world.create_role(self.hub.account, &name, TRUSTS_HUB, &[&policy]);
        self.key = assume(&mut self.world, &root(HUB), &role.unwrap()).unwrap();
    }

    /// Calls an operation, and gives back its answer, or the code and the message of the error.
    pub(super) fn call(&mut self, operation: &str, body: Value) -> Result<Value, (String, String)> {
        let mut request = request(&self.key, "eu-west-1", "ssm", &body.to_string());
        let target = format!("AmazonSSM.{operation}").parse().unwrap();
        request.headers_mut().insert("x-amz-target", target);
        let now = self.world.now();
        let response = self.world.call(now, request);
        assert_eq!(response.headers()["content-type"], "application/x-amz-json-1.1");
        let answer: Value = serde_json::from_slice(response.body()).unwrap();
        if response.status() == 200 {
            return Ok(answer);
        }
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

    /// Writes a plain text, and gives back its version.
    pub(super) fn put(&mut self, name: &str, value: &str) -> u64 {
        let body = json!({ "Name": name, "Value": value, "Type": "String", "Overwrite": true });
        self.ok("PutParameter", body)["Version"].as_u64().unwrap()
    }

    /// The value a reference has now.
    pub(super) fn value(&mut self, reference: &str) -> Option<String> {
        let answer = self.call("GetParameter", json!({ "Name": reference })).ok()?;
        answer["Parameter"]["Value"].as_str().map(str::to_owned)
    }

    pub(super) fn image(&mut self, name: &str) -> String {
        self.world.place_image(self.hub, NewImage::named(name)).to_string()
    }

    /// The details of the events since this was last asked.
    pub(super) fn told(&mut self) -> Vec<Value> {
        let now = self.world.now();
        self.world.settle(now);
        let events = self.world.take_deliveries().into_iter();
        let events = events.filter(|event| event.body["source"] == "aws.ssm");
        events
            .inspect(|event| assert_eq!(event.body["detail-type"], "Parameter Store Change"))
            .map(|mut event| event.body["detail"].take())
            .collect()
    }
}

/// The names of an answer's parameters.
pub(super) fn names(answer: &Value) -> Vec<String> {
    let parameters = answer["Parameters"].as_array().unwrap().iter();
    parameters
        .map(|parameter| parameter["Name"].as_str().unwrap().to_owned())
        .collect()
}
