//! DescribeImageUsageReports: which reports there are, and how far they are.

use std::borrow::Cow;

use super::super::Ctx;
use super::super::filters::Filters;
use super::super::page::{Page, collect};
use super::super::snapshots::ids_after;
use super::{KEPT, Sought, State, UsageReport};
use crate::ids::UsageReportId;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::World;

pub(super) const FILTERS: &[&str] = &["creation-time", "state", "tag-key"];

pub(in crate::ec2) fn describe(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let target = ctx.target();
    let sought = Sought::read(&mut params)?;
    let filters = Filters::read(&mut params, FILTERS, &[])?;
    let scope = format!("DescribeImageUsageReports {sought:?} {filters:?}");
    // AWS states the lower bound alone.
    let page = Page::read(world, target, &mut params, (1, 1000), &scope)?;
    params.finish()?;
    let as_of = world.read_as_of();
    let reports = sought.find(world, target, as_of)?;
    ctx.commit()?;
    let (found, last) = collect(
        &page,
        world.settings.sparse_pages,
        page.after(),
        |after, most| ids_after(&reports, after, most),
        |id| {
            let report = *reports.get(&id)?;
            let tags: Vec<_> = report.tags.iter().collect();
            filters
                .match_all(&tags, |name| report.value(name).into_iter().collect())
                .then_some((id, report))
        },
    );
    xml.items("imageUsageReportSet", found, |xml, (id, report)| report.write(xml, id));
    xml.optional("nextToken", last.map(|id| page.next(&id.to_string())));
    Ok(())
}

impl UsageReport {
    fn value(&self, filter: &str) -> Option<Cow<'static, str>> {
        match filter {
            "creation-time" => Some(self.created.to_string().into()),
            "state" => Some(self.state.as_str().into()),
            _ => None,
        }
    }

    fn write(&self, xml: &mut Xml, id: UsageReportId) {
        xml.text("imageId", self.image);
        xml.text("reportId", id);
        xml.items("resourceTypeSet", &self.types, |xml, asked| {
            xml.text("resourceType", asked.referrer);
            if !asked.options.is_empty() {
                xml.items("resourceTypeOptionSet", &asked.options, |xml, (name, values)| {
                    xml.text("optionName", name);
                    xml.items("optionValueSet", values, Xml::value);
                });
            }
        });
        if !self.accounts.is_empty() {
            xml.items("accountIdSet", &self.accounts, Xml::value);
        }
        xml.text("state", self.state.as_str());
        if let State::Error(reason) = self.state {
            xml.text("stateReason", reason);
        }
        xml.text("creationTime", self.created);
        xml.text("expirationTime", self.created + KEPT);
        if !self.tags.is_empty() {
            xml.items("tagSet", self.tags.iter(), |xml, (key, value)| {
                xml.text("key", key);
                xml.text("value", value);
            });
        }
    }
}
