//! A calm world with two accounts in one Region, called through its door by Query requests written by hand.

use std::fmt::Write;
use std::time::Duration;

use super::image::Image;
use super::place::NewImage;
use super::snapshot::Snapshot;
use crate::sts::tests::{HUB, Key, MEMBER, TRUSTS_HUB, account, assume, field, region, request, root, world};
use crate::world::{Target, World};

/// The parameters of a request.
pub(crate) type Pairs<'a> = &'a [(&'a str, &'a str)];

pub(crate) struct Bench {
    pub(crate) world: World,
    pub(crate) hub: Target,
    pub(crate) member: Target,
    roles: usize,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let target = |digits| Target {
            account: account(digits),
            region: region("eu-west-1"),
        };
        Self {
            world: world(),
            hub: target(HUB),
            member: target(MEMBER),
            roles: 0,
        }
    }

    /// Puts an image of the hub's there.
    pub(crate) fn image(&mut self, new: NewImage) -> String {
        self.world.place_image(self.hub, new).to_string()
    }

    /// Calls EC2, and gives back the XML, or the code and the message of the error.
    pub(crate) fn call_as(
        &mut self,
        caller: Target,
        action: &str,
        pairs: Pairs<'_>,
    ) -> Result<String, (String, String)> {
        let key = root(&caller.account.to_string());
        self.call_with(&key, caller, action, pairs)
    }

    /// As [`Bench::call_as`], by somebody who is not root.
    pub(crate) fn call_with(
        &mut self,
        key: &Key,
        caller: Target,
        action: &str,
        pairs: Pairs<'_>,
    ) -> Result<String, (String, String)> {
        let mut body = format!("Action={action}&Version=2016-11-15");
        for (name, value) in pairs {
            write!(body, "&{name}=").unwrap();
            for byte in value.bytes() {
                write!(body, "%{byte:02X}").unwrap();
            }
        }
        let now = self.world.now();
        let response = self.world.call(now, request(key, caller.region.name(), "ec2", &body));
        let text = String::from_utf8(response.body().to_vec()).unwrap();
        if response.status() == 200 {
            return Ok(text);
        }
        let decode = |text: String| text.replace("&apos;", "'").replace("&quot;", "\"");
        Err((field(&text, "Code"), decode(field(&text, "Message"))))
    }

    /// The key of a role of the member's with these statements.
    pub(crate) fn role(&mut self, statements: &str) -> Key {
        let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        self.roles += 1;
        let name = format!("limited-{}", self.roles);
        let role = self
            .world
            .create_role(account(MEMBER), &name, TRUSTS_HUB, &[policy.as_str()])
            .unwrap();
        assume(&mut self.world, &root(HUB), &role).unwrap()
    }

    /// A call of the hub's that is answered.
    pub(crate) fn ok(&mut self, action: &str, pairs: Pairs<'_>) -> String {
        self.call_as(self.hub, action, pairs).unwrap()
    }

    /// The code and the message that a call of the hub's is refused with.
    pub(crate) fn refused(&mut self, action: &str, pairs: Pairs<'_>) -> (String, String) {
        self.call_as(self.hub, action, pairs).unwrap_err()
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        let now = self.world.now() + time;
        self.world.settle(now);
    }

    /// What a listing of the hub's finds by this filter: the texts of the elements of a name, in order.
    pub(crate) fn found(&mut self, action: &str, (filter, value): (&str, &str), element: &str) -> Vec<String> {
        let pairs = [("Filter.1.Name", filter), ("Filter.1.Value.1", value)];
        let mut found = fields(&self.ok(action, &pairs), element);
        found.sort_unstable();
        found
    }

    /// Changes what a placed image is like.
    pub(crate) fn edit_image(&mut self, id: &str, edit: impl FnOnce(&mut Image)) {
        let now = self.world.now();
        let plane = self.world.ec2.plane(self.hub.region);
        edit(plane.edit_image(id.parse().unwrap(), now, Duration::ZERO).unwrap());
    }

    /// Changes what a snapshot is like.
    pub(crate) fn edit_snapshot(&mut self, id: &str, edit: impl FnOnce(&mut Snapshot)) {
        let now = self.world.now();
        let plane = self.world.ec2.plane(self.hub.region);
        edit(plane.edit_snapshot(id.parse().unwrap(), now, Duration::ZERO).unwrap());
    }

    /// The snapshot of an image's one volume.
    pub(crate) fn snapshot_of(&mut self, image: &str) -> String {
        field(&self.ok("DescribeImages", &[("ImageId.1", image)]), "snapshotId")
    }

    /// Launches one instance of an image and lets it run.
    pub(crate) fn launch(&mut self, image: &str, further: Pairs<'_>) -> String {
        let mut pairs = vec![("ImageId", image), ("MinCount", "1"), ("MaxCount", "1")];
        pairs.extend_from_slice(further);
        let instance = field(&self.ok("RunInstances", &pairs), "instanceId");
        self.pass(Duration::from_mins(1));
        instance
    }
}

/// The texts of every element of this name.
pub(crate) fn fields(xml: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let parts = xml.split(&open).skip(1);
    parts
        .filter_map(|part| part.split_once(&close).map(|(text, _)| text.to_owned()))
        .collect()
}

/// That the first columns of a table of filters are these names, each of them once.
pub(crate) fn assert_each_once<'a>(tested: impl Iterator<Item = &'a str>, known: &[&'a str]) {
    let mut tested: Vec<&str> = tested.collect();
    tested.sort_unstable();
    assert_eq!(tested, known);
}
