//! DescribeImageUsageReportEntries: what the reports say that are ready.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound;

use super::super::Ctx;
use super::super::filters::Filters;
use super::super::page::{Page, collect};
use super::super::referrer::Referrer;
use super::{Sought, State, UsageReport};
use crate::ids::{AccountId, UsageReportId};
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::World;

pub(super) const FILTERS: &[&str] = &["account-id", "creation-time", "resource-type"];

/// How often an account uses the image of a report in resources of one type.
struct Entry<'a> {
    id: UsageReportId,
    report: &'a UsageReport,
    account: AccountId,
    referrer: Referrer,
    count: u64,
}

impl Entry<'_> {
    fn value(&self, filter: &str) -> Option<Cow<'static, str>> {
        match filter {
            "account-id" => Some(self.account.to_string().into()),
            "creation-time" => Some(self.report.created.to_string().into()),
            "resource-type" => Some(self.referrer.as_str().into()),
            _ => None,
        }
    }

    fn write(&self, xml: &mut Xml) {
        xml.text("resourceType", self.referrer);
        xml.text("reportId", self.id);
        xml.text("usageCount", self.count);
        xml.text("accountId", self.account);
        xml.text("imageId", self.report.image);
        xml.text("reportCreationTime", self.report.created);
    }
}

pub(in crate::ec2) fn describe(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let target = ctx.target();
    let sought = Sought::read(&mut params)?;
    let filters = Filters::read(&mut params, FILTERS, &[])?;
    let scope = format!("DescribeImageUsageReportEntries {sought:?} {filters:?}");
    // AWS states the lower bound alone.
    let page = Page::read(world, target, &mut params, (1, 1000), &scope)?;
    params.finish()?;
    let as_of = world.read_as_of();
    let reports = sought.find(world, target, as_of)?;
    ctx.commit()?;
    let mut entries = BTreeMap::new();
    for (id, report) in reports {
        // One that is pending or failed has nothing to show, and is no error.
        let uses = report.uses.iter().filter(|_| report.state == State::Available);
        for (&(account, referrer), &count) in uses {
            let entry = Entry {
                id,
                report,
                account,
                referrer,
                count,
            };
            entries.insert(format!("{id} {account} {referrer}"), entry);
        }
    }
    let (found, last) = collect(
        &page,
        world.settings.sparse_pages,
        page.after.as_deref(),
        |after, most| {
            let from = after.map_or(Bound::Unbounded, Bound::Excluded);
            let keys = entries.range::<str, _>((from, Bound::Unbounded));
            keys.map(|(key, _)| key.as_str()).take(most).collect()
        },
        |key| {
            let entry = entries.get(key)?;
            filters
                .match_all(&[], |name| entry.value(name).into_iter().collect())
                .then_some(entry)
        },
    );
    xml.items("imageUsageReportEntrySet", found, |xml, entry| entry.write(xml));
    xml.optional("nextToken", last.map(|key| page.next(key)));
    Ok(())
}
