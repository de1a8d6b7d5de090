//! ECR through the world's own door, with requests written by hand.
#![expect(clippy::needless_pass_by_value, reason = "requests read best where they are sent")]

mod deletes;
mod events;
mod permissions;
mod properties;
mod pushes;
mod reads;
mod repositories;

use serde_json::{Value, json};

use crate::sts::tests::{HUB, Key, MEMBER, TRUSTS_HUB, account, assume, region, request, root, world};
use crate::world::{Target, World};

/// A calm world with two accounts in one Region, and a repository `tools` in the first.
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
        let mut bench = Self {
            world: world(),
            hub: target(HUB),
            member: target(MEMBER),
            key: root(HUB),
        };
        bench.world.create_repository(bench.hub, "tools");
        bench
    }

    /// From now on a session of a role of this account with these statements alone calls.
    pub(super) fn act_with(&mut self, home: Target, statements: &[Value]) {
        let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
        let name = format!("role-{}", self.world.random.bits());
        let role = self.world.create_role(home.account, &name, TRUSTS_HUB, &[&policy]);
        self.key = assume(&mut self.world, &root(HUB), &role.unwrap()).unwrap();
    }

    /// Calls an operation, and gives back its answer, or the code and the message of the error.
    pub(super) fn call(&mut self, operation: &str, body: Value) -> Result<Value, (String, String)> {
        let mut request = request(&self.key, "eu-west-1", "ecr", &body.to_string());
        let target = format!("AmazonEC2ContainerRegistry_V20150921.{operation}");
        request.headers_mut().insert("x-amz-target", target.parse().unwrap());
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

    /// Pushes a new image to `tools`, and gives its digest.
    pub(super) fn push(&mut self, tags: &[&str]) -> String {
        self.world.push_container(self.hub, "tools", None, tags).unwrap()
    }

    /// What DescribeImages tells of `tools` in one page.
    pub(super) fn images(&mut self, further: Value) -> Value {
        let mut body = json!({ "repositoryName": "tools" });
        for (name, value) in further.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.ok("DescribeImages", body)
    }

    /// The details of the events since this was last asked.
    pub(super) fn told(&mut self) -> Vec<Value> {
        let now = self.world.now();
        self.world.settle(now);
        let events = self.world.take_deliveries().into_iter();
        let events = events.filter(|event| event.body["source"] == "aws.ecr");
        events
            .inspect(|event| assert_eq!(event.body["detail-type"], "ECR Image Action"))
            .map(|mut event| event.body["detail"].take())
            .collect()
    }
}

/// The tags that a repository's images have, in the order of the digests.
pub(super) fn tags_of(answer: &Value) -> Vec<Vec<String>> {
    let images = answer["imageDetails"].as_array().unwrap().iter();
    let text = |tag: &Value| tag.as_str().unwrap().to_owned();
    images
        .map(|image| image["imageTags"].as_array().into_iter().flatten().map(text).collect())
        .collect()
}
