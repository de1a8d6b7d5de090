//! DescribeAutoScalingGroups.

use std::ops::Bound;

use super::errors::validation;
use super::group::Group;
use super::request::{flag, members, page, required, texts};
use crate::ec2::page::collect;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

/// How many groups a call may name, unless it asks for more records.
const MOST_NAMES: usize = 50;

/// A filter by tags. AWS knows no others, and no wildcards in them.
#[derive(Debug)]
enum Filter {
    Key(Vec<String>),
    Value(Vec<String>),
    Tag(String, Vec<String>),
}

/// A name that no group has is no error: it is just not among the answers.
pub(super) fn describe(world: &mut World, target: Target, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let names = texts(&mut params, "AutoScalingGroupNames")?;
    let with_instances = flag(&mut params, "IncludeInstances")?.unwrap_or(true);
    let filters = members(&mut params, "Filters")?
        .into_iter()
        .map(Filter::read)
        .collect::<Result<Vec<_>, _>>()?;
    let scope = format!("DescribeAutoScalingGroups {names:?} {with_instances} {filters:?}");
    let page = page(world, target, &mut params, (50, 100), &scope)?;
    params.finish()?;
    let most = page.most.unwrap_or(MOST_NAMES).max(MOST_NAMES);
    if names.len() > most {
        return Err(validation(format!(
            "At most {most} AutoScalingGroup names can be specified"
        )));
    }
    let as_of = world.read_as_of();
    let sparse = world.settings.sparse_pages && !filters.is_empty();
    let holdings = world.scaling.of(target);
    let (found, last) = collect(
        &page,
        sparse,
        page.after.as_deref(),
        |after: Option<&str>, most| {
            let beyond = after.map_or(Bound::Unbounded, Bound::Excluded);
            let known = holdings.groups.range::<str, _>((beyond, Bound::Unbounded));
            let known = known.map(|(name, _)| name.as_str());
            let asked = |name: &&str| names.is_empty() || names.iter().any(|asked| asked == name);
            known.filter(asked).take(most).collect()
        },
        |name| {
            let group = holdings.groups.get(name)?.seen(as_of)?;
            filters
                .iter()
                .all(|filter| filter.finds(group))
                .then_some((name, group))
        },
    );
    xml.members("AutoScalingGroups", found, |xml, (name, group)| {
        write(name, group, target, with_instances, xml);
    });
    xml.optional("NextToken", last.map(|name| page.next(name)));
    Ok(())
}

impl Filter {
    fn read(mut params: Params) -> Result<Self, ApiError> {
        let name = required(&mut params, "Name")?;
        let values = texts(&mut params, "Values")?;
        params.finish()?;
        match (name.as_str(), name.strip_prefix("tag:")) {
            ("tag-key", _) => Ok(Self::Key(values)),
            ("tag-value", _) => Ok(Self::Value(values)),
            (_, Some(key)) if !key.is_empty() => Ok(Self::Tag(key.to_owned(), values)),
            _ => Err(validation(format!("Filter type {name} is not correct"))),
        }
    }

    fn finds(&self, group: &Group) -> bool {
        group.tags.iter().any(|tag| match self {
            Self::Key(keys) => keys.contains(&tag.key),
            Self::Value(values) => values.contains(&tag.value),
            Self::Tag(key, values) => tag.key == *key && values.contains(&tag.value),
        })
    }
}

fn write(name: &str, group: &Group, target: Target, with_instances: bool, xml: &mut Xml) {
    let Target { account, region } = target;
    let nothing = [(); 0];
    xml.text("AutoScalingGroupName", name);
    xml.text("AutoScalingGroupARN", &group.arn);
    group.source.write(xml);
    xml.text("MinSize", group.sizes.min);
    xml.text("MaxSize", group.sizes.max);
    xml.text("DesiredCapacity", group.sizes.desired);
    group.settings.write(xml);
    for empty in [
        "LoadBalancerNames",
        "TargetGroupARNs",
        "TrafficSources",
        "SuspendedProcesses",
        "EnabledMetrics",
    ] {
        xml.members(empty, nothing, |_, ()| {});
    }
    if with_instances {
        // Those of the warm pool are DescribeWarmPool's to list.
        let members = group.members.iter().filter(|member| !member.state.pooled());
        xml.members("Instances", members, |xml, member| member.write(target, xml));
    }
    xml.text("CreatedTime", group.created);
    xml.optional("Status", group.going.then_some("Delete in progress"));
    xml.members("Tags", &group.tags, |xml, tag| {
        xml.text("ResourceId", name);
        xml.text("ResourceType", "auto-scaling-group");
        xml.text("Key", &tag.key);
        xml.text("Value", &tag.value);
        xml.text("PropagateAtLaunch", tag.propagate);
    });
    xml.members("TerminationPolicies", ["Default"], Xml::value);
    let role = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
    let partition = region.partition();
    xml.text("ServiceLinkedRoleARN", format!("arn:{partition}:iam::{account}:{role}"));
    if let Some(pool) = &group.pool {
        pool.write(xml);
        xml.text("WarmPoolSize", group.pooled().count());
    }
}
