//! Where a local cloud lives: its folder, and its two ports.

use std::net::TcpListener;
use std::ops::Range;
use std::path::PathBuf;

use crate::failure::Failure;
use crate::workshop::Workshop;

/// The account and Region that the hub is deployed into.
pub(crate) const HUB: &str = "111122223333";
pub(crate) const REGION: &str = "eu-west-1";
/// The accounts that are members of its organization.
pub(crate) const MEMBERS: [&str; 2] = ["222233334444", "333344445555"];
/// Where tests look for two that are free.
const TEST_PORTS: Range<u16> = 24_566..24_666;
/// As the local cloud names it.
pub(crate) const ORGANIZATION: &str = "o-localcloud0";

/// One local cloud among those there may be.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    /// Everything it writes: logs, what was built, what it stores.
    pub(crate) folder: PathBuf,
    /// Where AWS answers.
    pub(crate) port: u16,
}

impl Ground {
    /// The one that people start.
    pub(crate) fn of_people(workshop: &Workshop, port: u16) -> Self {
        Self {
            folder: workshop.cache.join("cloud"),
            port,
        }
    }

    /// The one that tests start, beside it, on ports that are free.
    pub(crate) fn of_tests(workshop: &Workshop) -> Result<Self, Failure> {
        let folder = workshop.cache.join("cloud-of-tests");
        let free = |port: &u16| {
            [*port, *port + 1]
                .iter()
                .all(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        };
        let port = TEST_PORTS
            .step_by(2)
            .find(free)
            .ok_or(Failure::PortTaken { port: TEST_PORTS.start })?;
        Ok(Self { folder, port })
    }

    /// Where the image plane answers.
    pub(crate) const fn plane_port(&self) -> u16 {
        self.port + 1
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn plane_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.plane_port())
    }

    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.log"))
    }

    /// What a tool needs to talk to this cloud as an account's administrator, and to no other.
    pub(crate) fn environment(&self, account: &str) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ACCESS_KEY_ID", account.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", String::from("test")),
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ENDPOINT_URL", self.url()),
            ("AWS_ENDPOINT_URL_EC2", self.plane_url()),
            ("AWS_ENDPOINT_URL_IMAGEBUILDER", self.plane_url()),
            ("AWS_ENDPOINT_URL_KMS", self.plane_url()),
            ("AWS_PAGER", String::new()),
            ("AWS_CONFIG_FILE", String::from("/dev/null")),
            ("AWS_SHARED_CREDENTIALS_FILE", String::from("/dev/null")),
            ("SAM_CLI_TELEMETRY", String::from("0")),
            ("NO_PROXY", String::from("127.0.0.1,localhost")),
        ]
    }
}
