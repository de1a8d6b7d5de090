use super::Rules;
use crate::manifest::diagnostic::Level;
use crate::manifest::document::Path;
use crate::manifest::words::{InstanceType, Platform, Tenancy};
use crate::manifest::{Build, Manifest};

impl Rules {
    pub(super) fn infrastructure(&mut self, build: &Build, manifest: &Manifest) {
        let here = &build.infrastructure;
        let at = |key: &'static str| ["build", "infrastructure", key];
        if here.subnet.is_some() == here.security_groups.is_empty() {
            let (there, missing) = if here.subnet.is_some() {
                ("subnet", "security_groups")
            } else {
                ("security_groups", "subnet")
            };
            self.error(
                &at(there),
                format!("`{there}` needs `{missing}`"),
                "add it, or leave both out for the default network",
            );
        }
        for architecture in &manifest.architectures {
            if !here
                .instance_types
                .iter()
                .any(|kind| kind.architecture() == *architecture)
            {
                let what = format!("none of these instance types is for {architecture}: Image Builder will choose one");
                self.say(
                    Level::Warning,
                    Path::of(&at("instance_types")),
                    what,
                    format!("add one, such as {}", InstanceType::small(*architecture)),
                );
            }
        }
        for (item, kind) in here.instance_types.iter().enumerate() {
            if !manifest.architectures.contains(&kind.architecture()) {
                let what = format!("{kind} is for {}, which this family is not", kind.architecture());
                let path = Path::of(&at("instance_types")).item(item);
                self.say(
                    Level::Error,
                    path,
                    what,
                    "leave it out, or add its architecture to the family",
                );
            }
            let mac = kind.as_str().starts_with("mac");
            if mac != (manifest.platform == Platform::MacOs) {
                let what = format!("{kind} {} macOS", if mac { "runs only" } else { "does not run" });
                let path = Path::of(&at("instance_types")).item(item);
                self.say(Level::Error, path, what, "name an instance type that fits `platform`");
            }
        }
        let host = here
            .placement
            .as_ref()
            .is_some_and(|placement| placement.tenancy == Tenancy::Host);
        if manifest.platform == Platform::MacOs && !host {
            self.error(
                &at("instance_types"),
                "macOS runs on dedicated hosts only",
                "add `placement: { tenancy: host, … }`",
            );
        }
        if let Some(placement) = &here.placement {
            let named = placement.host.is_some() || placement.host_resource_group.is_some();
            if placement.host.is_some() && placement.host_resource_group.is_some() {
                self.error(
                    &at("placement"),
                    "`host` and `host_resource_group` exclude each other",
                    "keep one of them",
                );
            } else if named != host {
                let (what, right) = if host {
                    ("the tenancy host needs a host", "add `host` or `host_resource_group`")
                } else {
                    (
                        "a host is used by the tenancy host only",
                        "add `tenancy: host`, or leave the host out",
                    )
                };
                self.error(&at("placement"), what, right);
            }
        }
    }
}
