//! A group, its instances and its warm pool.

use super::launch::Launching;
use super::settings::{GroupSettings, Sizes};
use super::source::LaunchSource;
use crate::ids::InstanceId;
use crate::time::Time;
use crate::wire::xml::Xml;
use crate::world::Target;

/// An Auto Scaling group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Group {
    pub(super) arn: String,
    pub(super) created: Time,
    pub(super) source: LaunchSource,
    pub(super) sizes: Sizes,
    pub(super) settings: GroupSettings,
    pub(super) tags: Vec<GroupTag>,
    /// In the order they were launched in, those of the warm pool too.
    pub(super) members: Vec<Member>,
    pub(super) pool: Option<WarmPool>,
    /// It was deleted by force, and waits for its instances to end.
    pub(super) going: bool,
    /// When somebody last set its capacity.
    pub(super) scaled: Option<Time>,
    /// It is about to look whether it has what it should have.
    pub(super) looks: bool,
    /// A launch failed, and the next attempt is planned.
    pub(super) tries_again: bool,
}

/// A tag, and whether instances get it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct GroupTag {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) propagate: bool,
}

/// An instance of a group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Member {
    pub(super) instance: InstanceId,
    pub(super) launching: Launching,
    pub(super) state: MemberState,
    pub(super) protected: bool,
    pub(super) launched: Time,
}

/// Where an instance stands in the life of its group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum MemberState {
    Pending,
    InService,
    Terminating,
    /// On its way into the warm pool.
    Warming,
    WarmRunning,
    WarmStopped,
    /// On its way out of the warm pool.
    Cooling,
}

impl MemberState {
    /// Whether it counts as capacity.
    pub(super) const fn serves(self) -> bool {
        matches!(self, Self::Pending | Self::InService)
    }

    /// Whether it waits in the warm pool to be taken.
    pub(super) const fn waits(self) -> bool {
        matches!(self, Self::WarmRunning | Self::WarmStopped)
    }

    /// Whether it is the warm pool's.
    pub(super) const fn pooled(self) -> bool {
        self.waits() || matches!(self, Self::Warming | Self::Cooling)
    }

    /// Whether it is on its way out.
    pub(super) const fn ends(self) -> bool {
        matches!(self, Self::Terminating | Self::Cooling)
    }
}

/// How a warm pool is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct WarmPool {
    pub(super) min: u32,
    /// How many instances the group and the pool have together at most; without it the group's maximum.
    pub(super) most_prepared: Option<u32>,
    pub(super) running: bool,
    /// Whether instances return to it when the group shrinks; `None` where nobody said.
    pub(super) reuse: Option<bool>,
    /// Deleted by force; it waits for its instances to end.
    pub(super) going: bool,
}

impl Group {
    /// What serves or is about to, in units of capacity.
    pub(super) fn capacity(&self) -> u32 {
        let serving = self.members.iter().filter(|member| member.state.serves());
        serving.map(|member| member.launching.weight).sum()
    }

    pub(super) fn pooled(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.state.pooled())
    }

    /// How large the warm pool should be.
    pub(super) fn pool_wanted(&self) -> u32 {
        let Some(pool) = self.pool.as_ref().filter(|pool| !pool.going) else {
            return 0;
        };
        let prepared = pool.most_prepared.unwrap_or(self.sizes.max);
        prepared.saturating_sub(self.sizes.desired).max(pool.min)
    }
}

impl Member {
    pub(super) fn write(&self, target: Target, xml: &mut Xml) {
        xml.text("InstanceId", self.instance);
        xml.text("InstanceType", &self.launching.instance_type);
        // EC2 puts every instance here, whatever Zones a group names.
        xml.text("AvailabilityZone", format!("{}a", target.region));
        let state = match self.state {
            MemberState::Pending => "Pending",
            MemberState::InService => "InService",
            MemberState::Terminating => "Terminating",
            MemberState::Warming => "Warmed:Pending",
            MemberState::WarmRunning => "Warmed:Running",
            MemberState::WarmStopped => "Warmed:Stopped",
            MemberState::Cooling => "Warmed:Terminating",
        };
        xml.text("LifecycleState", state);
        xml.text("HealthStatus", "Healthy");
        self.launching.write(xml);
        xml.text("ProtectedFromScaleIn", self.protected);
    }
}

impl WarmPool {
    pub(super) fn write(&self, xml: &mut Xml) {
        xml.element("WarmPoolConfiguration", |xml| {
            xml.optional("MaxGroupPreparedCapacity", self.most_prepared);
            xml.text("MinSize", self.min);
            xml.text("PoolState", if self.running { "Running" } else { "Stopped" });
            xml.optional("Status", self.going.then_some("PendingDelete"));
            if let Some(reuse) = self.reuse {
                xml.element("InstanceReusePolicy", |xml| xml.text("ReuseOnScaleIn", reuse));
            }
        });
    }
}
