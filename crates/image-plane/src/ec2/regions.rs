//! DescribeRegions: which Regions there are, and which the account may use.

use super::filters::Filters;
use super::{Ctx, errors};
use crate::region::Region;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::World;

pub(crate) fn describe(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let target = ctx.target();
    let names = params.texts("RegionName")?;
    let all = params.flag("AllRegions")?;
    let filters = Filters::read(&mut params, &["endpoint", "opt-in-status", "region-name"], &[])?;
    params.finish()?;
    let wanted = names
        .iter()
        .map(|name| name.parse::<Region>().map_err(|_| errors::invalid("regionName", name)))
        .collect::<Result<Vec<_>, _>>()?;
    ctx.commit()?;
    let status = |region: Region| match (region.needs_opt_in(), world.accounts.enabled(target.account, region)) {
        (false, true) => "opt-in-not-required",
        (true, true) => "opted-in",
        (_, false) => "not-opted-in",
    };
    let shown = Region::all().filter(|region| {
        let values = |name: &str| {
            let value = match name {
                "endpoint" => region.endpoint("ec2"),
                "opt-in-status" => status(*region).to_owned(),
                _ => region.name().to_owned(),
            };
            vec![value.into()]
        };
        region.partition() == target.region.partition()
            && (all || world.accounts.enabled(target.account, *region))
            && (wanted.is_empty() || wanted.contains(region))
            && (filters.is_empty() || filters.match_all(&[], values))
    });
    xml.items("regionInfo", shown, |xml, region| {
        xml.text("regionName", region);
        xml.text("regionEndpoint", region.endpoint("ec2"));
        xml.text("optInStatus", status(region));
    });
    Ok(())
}
