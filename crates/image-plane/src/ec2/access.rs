//! What a call to EC2 is about, as policies judge it: the resources it names, their tags, the tags it would set.
//!
//! Reading calls have no resources in EC2's permissions; policies for them must say `*`.

use super::launch_templates::{self, Peeked};
use super::tags::Tags;
use super::{alias, image_references};
use crate::ids::{
    FleetId, ImageId, InstanceId, LaunchTemplateId, SnapshotId, SpotFleetId, SpotRequestId, UsageReportId,
};
use crate::ssm;
use crate::sts::{Access, Resource};
use crate::wire::query::Params;
use crate::world::{Caller, World};

/// What the caller of this must be allowed: the action, and what the action implies.
pub(super) fn needs(
    world: &World,
    caller: &Caller,
    action: &str,
    mutates: bool,
    params: &Params,
) -> Vec<(String, Access)> {
    let templates = templates(world, caller, action, params);
    let asked = of_call(world, caller, action, mutates, params, &templates);
    let mut needs = vec![(format!("ec2:{action}"), asked.clone())];
    // Tagging what a call creates is a permission of its own, the tags of a launch template included.
    if mutates && !asked.request_tags.is_empty() && !matches!(action, "CreateTags" | "DeleteTags") {
        let tagging = Access {
            create_action: Some(action.to_owned()),
            ..asked
        };
        needs.push((String::from("ec2:CreateTags"), tagging));
    }
    if action == "DescribeImageReferences" {
        needs.extend(image_references::implied());
    }
    // EC2 reads a parameter with its caller's permission.
    let aliases: Vec<&str> = match action {
        "RunInstances" => image_of(params, &templates)
            .and_then(alias::parameter)
            .into_iter()
            .collect(),
        "DescribeLaunchTemplateVersions" | "CreateLaunchTemplateVersion"
            if params.peek("ResolveAlias") == Some("true") =>
        {
            launch_templates::peek_aliases(world, caller.target, params)
        }
        _ => Vec::new(),
    };
    if !aliases.is_empty() {
        let mut access = Access::unknown();
        access.resources = aliases
            .iter()
            .map(|alias| ssm::resource(world, caller.target, alias))
            .collect();
        needs.push((String::from("ssm:GetParameters"), access));
    }
    needs
}

/// The launch templates that a call names.
fn templates<'a>(world: &'a World, caller: &Caller, action: &str, params: &Params) -> Vec<Peeked<'a>> {
    let parts: Vec<&Params> = match action {
        "RunInstances" => params.peek_structure("LaunchTemplate").into_iter().collect(),
        "CreateFleet" => configured(params),
        "RequestSpotFleet" => params
            .peek_structure("SpotFleetRequestConfig")
            .into_iter()
            .flat_map(configured)
            .collect(),
        _ => vec![params],
    };
    let templates = parts.into_iter();
    templates
        .filter_map(|part| launch_templates::peek(world, caller.target, part))
        .collect()
}

/// The templates of a fleet's configuration.
fn configured(params: &Params) -> Vec<&Params> {
    let configs = params.peek_members("LaunchTemplateConfigs");
    configs
        .filter_map(|config| config.peek_structure("LaunchTemplateSpecification"))
        .collect()
}

/// The image a launch names, itself or through its template.
fn image_of<'a>(params: &'a Params, templates: &[Peeked<'a>]) -> Option<&'a str> {
    params
        .peek("ImageId")
        .or_else(|| templates.iter().find_map(|template| template.image))
}

/// The resources of a call, from its parameters as they were sent.
fn of_call(
    world: &World,
    caller: &Caller,
    action: &str,
    mutates: bool,
    params: &Params,
    templates: &[Peeked<'_>],
) -> Access {
    let mut access = Access::unknown();
    if !mutates {
        return access;
    }
    let runs = action == "RunInstances";
    // Whatever a launch's image is called, it is the image that is judged.
    let launched = image_of(params, templates)
        .filter(|_| runs)
        .and_then(|image| alias::resolve(world, caller.target, image).ok());
    let named = ["ImageId", "SnapshotId", "InstanceId", "ReportId"]
        .iter()
        .filter(|name| !(runs && **name == "ImageId"))
        .filter_map(|name| params.peek(name));
    let image = launched.map(|image| image.to_string());
    for id in image
        .as_deref()
        .into_iter()
        .chain(named)
        .chain(params.peek_list("ResourceId"))
        .chain(params.peek_list("InstanceId"))
        .chain(params.peek_list("FleetId"))
        .chain(params.peek_list("SpotFleetRequestId"))
        .chain(params.peek_list("SpotInstanceRequestId"))
    {
        access.resources.push(resource(world, caller, id));
    }
    for template in templates {
        access.resources.push(resource(world, caller, &template.id.to_string()));
        if runs {
            for (key, value) in &template.instance_tags {
                access.request_tags.insert((*key).to_owned(), Some((*value).to_owned()));
            }
        }
    }
    access.resources.extend(created(caller, action));
    for (key, value) in params.peek_pairs("Tag").into_iter().chain(params.peek_specified_tags()) {
        access.request_tags.insert(key.to_owned(), value.map(str::to_owned));
    }
    access
}

/// What a creating call makes, before it has an id. A copy's source takes no tags in conditions, so it is not among them.
fn created(caller: &Caller, action: &str) -> Vec<Resource> {
    let kinds: &[&str] = match action {
        "CopyImage" | "CreateImage" => &["image", "snapshot"],
        "CreateImageUsageReport" => &["image-usage-report"],
        "RegisterImage" => &["image"],
        "CopySnapshot" | "CreateSnapshot" => &["snapshot"],
        "RunInstances" => &["instance"],
        "CreateLaunchTemplate" => &["launch-template"],
        "CreateFleet" => &["fleet"],
        "RequestSpotFleet" => &["spot-fleet-request"],
        "RequestSpotInstances" => &["spot-instances-request"],
        _ => &[],
    };
    kinds
        .iter()
        .map(|kind| Resource {
            arn: arn(caller, kind, "*"),
            owner: None,
            ..Resource::default()
        })
        .collect()
}

/// An image or a snapshot has no account in its ARN; what belongs to one account alone has.
fn arn(caller: &Caller, kind: &str, id: &str) -> String {
    let region = caller.target.region;
    let account = match kind {
        "image" | "snapshot" => String::new(),
        _ => caller.target.account.to_string(),
    };
    format!("arn:{}:ec2:{region}:{account}:{kind}/{id}", region.partition())
}

/// A resource that exists, with the tags the caller sees on it. One that does not is judged by its ARN alone.
pub(super) fn resource(world: &World, caller: &Caller, id: &str) -> Resource {
    let plane = world.ec2.get(caller.target.region);
    let (kind, found) = if let Ok(image) = id.parse::<ImageId>() {
        let image = plane.and_then(|plane| plane.image(image));
        ("image", image.map(|image| (image.owner, &image.tags)))
    } else if let Ok(snapshot) = id.parse::<SnapshotId>() {
        let snapshot = plane.and_then(|plane| plane.snapshot(snapshot));
        ("snapshot", snapshot.map(|snapshot| (snapshot.owner, &snapshot.tags)))
    } else if let Ok(template) = id.parse::<LaunchTemplateId>() {
        let template = plane.and_then(|plane| plane.launch_templates.get(&template)?.now());
        let found = template.map(|template| (template.owner, &template.tags));
        ("launch-template", found)
    } else if let Ok(fleet) = id.parse::<FleetId>() {
        let fleet = plane.and_then(|plane| plane.fleets.get(&fleet));
        ("fleet", fleet.map(|fleet| (fleet.owner, &fleet.tags)))
    } else if let Ok(fleet) = id.parse::<SpotFleetId>() {
        let fleet = plane.and_then(|plane| plane.spot_fleets.get(&fleet));
        ("spot-fleet-request", fleet.map(|fleet| (fleet.owner, &fleet.tags)))
    } else if let Ok(report) = id.parse::<UsageReportId>() {
        let report = plane.and_then(|plane| plane.usage_reports.get(&report)?.now());
        let found = report.map(|report| (report.owner, &report.tags));
        ("image-usage-report", found)
    } else if let Ok(request) = id.parse::<SpotRequestId>() {
        let request = plane.and_then(|plane| plane.spot_requests.get(&request));
        (
            "spot-instances-request",
            request.map(|request| (request.owner, &request.tags)),
        )
    } else {
        let instance = plane.and_then(|plane| plane.instances.get(&id.parse::<InstanceId>().ok()?)?.now());
        ("instance", instance.map(|instance| (instance.owner, &instance.tags)))
    };
    let seen = found
        .filter(|(owner, _)| *owner == caller.target.account)
        .map(|(_, tags)| tags);
    Resource {
        arn: arn(caller, kind, id),
        tags: seen
            .into_iter()
            .flat_map(Tags::iter)
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect(),
        owner: found.map(|(owner, _)| owner.to_string()),
    }
}
