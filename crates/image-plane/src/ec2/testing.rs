//! A calm world with one account, called through its door by Query requests written by hand.

use std::fmt::Write;
use std::time::Duration;

use super::place::NewImage;
use crate::sts::tests::{HUB, account, field, region, request, root, world};
use crate::world::{Target, World};

/// The parameters of a request.
pub(crate) type Pairs<'a> = &'a [(&'a str, &'a str)];

pub(crate) struct Bench {
    pub(crate) world: World,
    pub(crate) hub: Target,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self {
            world: world(),
            hub: Target {
                account: account(HUB),
                region: region("eu-west-1"),
            },
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
        let mut body = format!("Action={action}&Version=2016-11-15");
        for (name, value) in pairs {
            write!(body, "&{name}=").unwrap();
            for byte in value.bytes() {
                write!(body, "%{byte:02X}").unwrap();
            }
        }
        let key = root(&caller.account.to_string());
        let now = self.world.now();
        let response = self.world.call(now, request(&key, caller.region.name(), "ec2", &body));
        let text = String::from_utf8(response.body().to_vec()).unwrap();
        if response.status() == 200 {
            return Ok(text);
        }
        let decode = |text: String| text.replace("&apos;", "'").replace("&quot;", "\"");
        Err((field(&text, "Code"), decode(field(&text, "Message"))))
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

    /// Launches one instance of an image and lets it run.
    pub(crate) fn launch(&mut self, image: &str, further: Pairs<'_>) -> String {
        let mut pairs = vec![("ImageId", image), ("MinCount", "1"), ("MaxCount", "1")];
        pairs.extend_from_slice(further);
        let instance = field(&self.ok("RunInstances", &pairs), "instanceId");
        self.pass(Duration::from_mins(1));
        instance
    }
}
