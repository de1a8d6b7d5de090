//! Organizations through the world's own door, with requests written by hand.

mod access;
mod accounts;
mod founding;
mod life;
mod pages;
mod rates;
mod sharing;
mod tree;

use std::time::Duration;

use serde_json::{Value, json};

use crate::ids::AccountId;
use crate::sts::tests::{HUB, Key, MEMBER, account, request, root, world};
use crate::world::World;
use crate::world::events::Delivery;
use crate::world::settings::Settings;

const MANAGEMENT: &str = "999900001111";
const OUTSIDER: &str = "333344445555";
const ORGANIZATION: &str = "o-exampleorgid";
const ROOT: &str = "r-ab12";
const WORKLOADS: &str = "ou-ab12-11111111";
const PRODUCTION: &str = "ou-ab12-22222222";
const SANDBOX: &str = "ou-ab12-33333333";

/// An organization with the hub below its root, and a member in `WORKLOADS/PRODUCTION`, beside an empty unit.
struct Bench {
    world: World,
}

impl Bench {
    fn new() -> Self {
        Self::of(world())
    }

    /// In a world that bites.
    fn biting(seed: u64) -> Self {
        Self::with(seed, Settings::default())
    }

    fn with(seed: u64, settings: Settings) -> Self {
        Self::of(World::new(seed, world().now(), settings))
    }

    fn of(mut world: World) -> Self {
        world
            .create_organization(account(MANAGEMENT), ORGANIZATION, ROOT)
            .unwrap();
        world.create_unit(WORKLOADS, ROOT, "Workloads").unwrap();
        world.create_unit(PRODUCTION, WORKLOADS, "Production").unwrap();
        world.create_unit(SANDBOX, ROOT, "Sandbox").unwrap();
        world.enrol_account(account(HUB), ROOT, "Hub").unwrap();
        world.enrol_account(account(MEMBER), PRODUCTION, "Web").unwrap();
        Self { world }
    }

    /// The answer, or status and body of the refusal.
    fn call(&mut self, key: &Key, region: &str, operation: &str, body: &Value) -> Result<Value, (u16, Value)> {
        let mut request = request(key, region, "organizations", &body.to_string());
        let target = format!("AWSOrganizationsV20161128.{operation}").parse().unwrap();
        request.headers_mut().insert("x-amz-target", target);
        let response = self.world.call(self.world.now(), request);
        let answer = serde_json::from_slice(response.body()).unwrap();
        if response.status() == 200 {
            Ok(answer)
        } else {
            Err((response.status().as_u16(), answer))
        }
    }

    /// As somebody's root, where the API is.
    fn ask(&mut self, account: &str, operation: &str, body: &Value) -> Result<Value, (u16, Value)> {
        self.call(&root(account), "us-east-1", operation, body)
    }

    /// A call of the management account's that is answered.
    fn ok(&mut self, operation: &str, body: &Value) -> Value {
        self.ask(MANAGEMENT, operation, body).unwrap()
    }

    /// The status, the code and the reason that a call of the management account's is refused with.
    fn refused(&mut self, operation: &str, body: &Value) -> (u16, String, String) {
        let (status, error) = self.ask(MANAGEMENT, operation, body).unwrap_err();
        let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
        (status, text("__type"), text("Reason"))
    }

    /// Everything a list has, over all its pages, by these members.
    fn all(&mut self, operation: &str, parameters: &Value, list: &str, member: &str) -> Vec<String> {
        let (mut found, mut parameters) = (Vec::new(), parameters.clone());
        loop {
            let answer = self.ok(operation, &parameters);
            let items = answer[list].as_array().unwrap();
            found.extend(items.iter().map(|item| item[member].as_str().unwrap().to_owned()));
            match answer.get("NextToken") {
                Some(token) => parameters["NextToken"] = token.clone(),
                None => return found,
            }
        }
    }

    /// The accounts right below a parent.
    fn below(&mut self, parent: &str) -> Vec<String> {
        self.all(
            "ListAccountsForParent",
            &json!({ "ParentId": parent }),
            "Accounts",
            "Id",
        )
    }

    fn described(&mut self, account: &str) -> Value {
        let answer = self.ok("DescribeAccount", &json!({ "AccountId": account }));
        answer["Account"].clone()
    }

    fn pass(&mut self, time: Duration) {
        let now = self.world.now() + time;
        self.world.settle(now);
    }

    /// What arrived at any bus since somebody last asked.
    fn events(&mut self) -> Vec<Delivery> {
        let now = self.world.now();
        self.world.settle(now);
        self.world.take_deliveries()
    }
}

fn member() -> AccountId {
    account(MEMBER)
}
