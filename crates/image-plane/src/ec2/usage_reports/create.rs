//! CreateImageUsageReport.

use std::collections::BTreeSet;

use super::super::referrer::{self, AskedType, Referrer};
use super::super::state::Made;
use super::super::tokens::Asked;
use super::super::{Ctx, Due, errors, lookup, tag_api};
use super::uses::{Scope, uses};
use super::{KEPT, State, UsageReport};
use crate::ids::{AccountId, ImageId, UsageReportId};
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::versioned::Versioned;
use crate::world::{self, Target, World};

const LONGEST_TOKEN: usize = 128;
const MOST_ACCOUNTS: usize = 200;
/// Versions of a launch template that are looked at, where nobody says how many.
const DEPTH: usize = 20;
/// Reports of an account in a Region that may be pending at once. Of an image it is one.
const MOST_PENDING: usize = 2000;

/// The types a report is about, and how deep it looks into launch templates.
fn read_types(params: &mut Params) -> Result<(Vec<AskedType>, usize), ApiError> {
    let types = referrer::read(params)?;
    let mut depth = DEPTH;
    for AskedType { referrer, options } in &types {
        match referrer {
            Referrer::Instance | Referrer::LaunchTemplate => {}
            Referrer::Parameter => return Err(errors::invalid("resourceType", referrer.as_str())),
            // The newest pages name them, the SDK's do not yet.
            Referrer::ImageRecipe | Referrer::ContainerRecipe => {
                return Err(ApiError::not_modelled(format!("usage reports about {referrer}")));
            }
        }
        for (option, values) in options {
            match (referrer, option.as_str()) {
                (Referrer::LaunchTemplate, "version-depth") => depth = referrer::depth(values)?,
                _ => return Err(referrer::no_option(*referrer, option)),
            }
        }
    }
    if types.is_empty() {
        return Err(ApiError::client(
            "MissingParameter",
            "The request must contain the parameter ResourceType",
        ));
    }
    Ok((types, depth))
}

fn read_accounts(params: &mut Params) -> Result<Vec<AccountId>, ApiError> {
    let accounts = params.texts("AccountId")?;
    if accounts.len() > MOST_ACCOUNTS {
        return Err(errors::invalid("accountId", &accounts.len().to_string()));
    }
    let account = |text: &String| text.parse().map_err(|_| errors::invalid("accountId", text));
    accounts.iter().map(account).collect()
}

pub(in crate::ec2) fn create(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let target = ctx.target();
    let asked = Asked::read(&mut params, LONGEST_TOKEN)?;
    let image = lookup::image_id(&params.required("ImageId")?)?;
    let (types, depth) = read_types(&mut params)?;
    let accounts = read_accounts(&mut params)?;
    let tags = tag_api::read_specifications(&mut params, &["image-usage-report"])?.own;
    params.finish()?;
    let made = asked.made(world, target, |made| match made {
        Made::UsageReport(id) => Some(*id),
        _ => None,
    })?;
    if let Some(id) = made {
        ctx.commit()?;
        xml.text("reportId", id);
        return Ok(());
    }
    lookup::own_image(world, ctx, image)?;
    check_quotas(world, target, image)?;
    ctx.commit()?;
    let scope = Scope {
        image,
        types: types.iter().map(|asked| asked.referrer).collect(),
        accounts: accounts.iter().copied().collect::<BTreeSet<_>>(),
        depth,
    };
    let report = UsageReport {
        owner: target.account,
        image,
        types,
        accounts,
        created: world.now,
        state: State::Pending,
        uses: uses(world, target.region, &scope),
        tags,
    };
    let id = UsageReportId::draw(&mut world.random);
    let (now, lag, pending) = (world.now, world.settings.read_lag, world.settings.usage_report);
    let reports = &mut world.ec2.plane(target.region).usage_reports;
    reports.insert(id, Versioned::created(report, now, lag));
    world.plan(pending, world::Due::Ec2(Due::UsageReportIsReady { target, id }));
    world.plan(KEPT, world::Due::Ec2(Due::UsageReportExpires { target, id }));
    asked.note(world, target, Made::UsageReport(id));
    xml.text("reportId", id);
    Ok(())
}

/// The quotas are documented, the code is not: it is that of EC2's other quotas.
fn check_quotas(world: &World, target: Target, image: ImageId) -> Result<(), ApiError> {
    let plane = world.ec2.get(target.region).into_iter();
    let reports = plane.flat_map(|plane| plane.usage_reports.values());
    let pending: Vec<ImageId> = reports
        .filter_map(Versioned::now)
        .filter(|report| report.owner == target.account && report.state == State::Pending)
        .map(|report| report.image)
        .collect();
    let limit = |message: String| Err(ApiError::client("ResourceLimitExceeded", message));
    if pending.contains(&image) {
        return limit(format!("A usage report of the image {image} is pending already"));
    }
    if pending.len() >= MOST_PENDING {
        return limit(format!(
            "You have reached your quota of {MOST_PENDING} pending usage reports in this Region"
        ));
    }
    Ok(())
}
