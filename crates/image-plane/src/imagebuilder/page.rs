//! Lists: pages, the tokens between them, and filters.

use std::fmt::Write;
use std::time::Duration;

use serde::Deserialize;

use super::arn::{Place, Version};
use super::check;
use super::errors::{invalid, page_token};
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::world::World;

/// Items of a page when the caller does not say, and at the most.
const USUAL: usize = 25;
const MOST: usize = 100;

/// The members every list request has.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Common {
    filters: Option<Vec<Filter>>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Filter {
    name: String,
    values: Vec<String>,
}

impl Filter {
    /// Values are alternatives. Only the name knows a wildcard: `web*` and `*web*`.
    fn holds(&self, text: &str) -> bool {
        self.values.iter().any(|wanted| {
            let open = (self.name == "name").then(|| wanted.strip_suffix('*')).flatten();
            match open {
                Some(start) => match start.strip_prefix('*') {
                    Some(part) => text.contains(part),
                    None => text.starts_with(start),
                },
                None => text == wanted,
            }
        })
    }
}

/// Which page of a list is asked for, and of which items.
#[derive(Debug)]
pub(crate) struct Paging {
    filters: Vec<Filter>,
    most: usize,
    token: Option<String>,
    scope: u64,
}

/// A page, and how to ask for the next.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next: Option<String>,
}

impl Paging {
    /// Refuses filters the operation does not know. A token is good only for the request it came from.
    pub(crate) fn new(common: Common, known: &[&str], scope: &str) -> Result<Self, ApiError> {
        let Common {
            filters,
            max_results,
            next_token,
        } = common;
        let filters = filters.map_or_else(
            || Ok(Vec::new()),
            |filters| check::count("filters", filters.len(), 1..=10).map(|()| filters),
        )?;
        for Filter { name, values } in &filters {
            if !known.contains(&name.as_str()) {
                return Err(invalid(
                    "filters",
                    format_args!("The filter {name} is not one of {}.", known.join(", ")),
                ));
            }
            check::count("filters.values", values.len(), 1..=10)?;
        }
        let most = max_results.unwrap_or(USUAL);
        if !(1..=MOST).contains(&most) {
            return Err(invalid("maxResults", format_args!("It must be between 1 and {MOST}.")));
        }
        Ok(Self {
            filters,
            most,
            token: next_token,
            scope: hash(scope),
        })
    }

    /// Whether the caller filters by this.
    pub(crate) fn filters_by(&self, name: &str) -> bool {
        self.filters.iter().any(|filter| filter.name == name)
    }

    /// Refuses more than one filter, and more than one value of it: some operations take no more.
    pub(crate) fn one_filter(&self) -> Result<(), ApiError> {
        if self.filters.len() > 1 || self.filters.iter().any(|filter| filter.values.len() > 1) {
            return Err(invalid("filters", "There can be one filter with one value."));
        }
        Ok(())
    }

    /// Cuts the page out of items that keep their order and their number while they are read.
    pub(crate) fn cut_list<T>(&self, world: &World, items: impl IntoIterator<Item = T>) -> Result<Page<T>, ApiError> {
        let numbered = (1_u32..).zip(items);
        let placed = numbered.map(|(number, item)| ((String::new(), Version::default(), number), item));
        self.cut(world, placed, |_, _| Vec::new())
    }

    /// Cuts the page out of all items, which come in the order of their places. `field` gives the values of an item that
    /// a filter of that name looks at.
    ///
    /// In a sparse world the page is cut before it is filtered, and may come back short or empty with a token.
    pub(crate) fn cut<T>(
        &self,
        world: &World,
        items: impl IntoIterator<Item = (Place, T)>,
        field: impl Fn(&T, &str) -> Vec<String>,
    ) -> Result<Page<T>, ApiError> {
        let after = self
            .token
            .as_deref()
            .map(|token| self.read_token(token, world.now, world.settings.token_lifetime))
            .transpose()?;
        let holds = |item: &T| {
            self.filters
                .iter()
                .all(|filter| field(item, &filter.name).iter().any(|text| filter.holds(text)))
        };
        let mut page = Page {
            items: Vec::new(),
            next: None,
        };
        let (mut counted, mut last) = (0, None);
        for (place, item) in items
            .into_iter()
            .filter(|(place, _)| after.as_ref().is_none_or(|after| place > after))
        {
            let fits = holds(&item);
            if !fits && !world.settings.sparse_pages {
                continue;
            }
            if counted == self.most {
                page.next = last.map(|last| self.token(&last, world.now));
                break;
            }
            counted += 1;
            last = Some(place);
            if fits {
                page.items.push(item);
            }
        }
        Ok(page)
    }

    fn token(&self, (name, version, build): &Place, now: Time) -> String {
        let text = format!("{}|{:x}|{name}|{version}|{build}", now.millis(), self.scope);
        text.bytes().fold(String::new(), |mut token, byte| {
            // Writing to a String cannot fail.
            let _ = write!(token, "{byte:02x}");
            token
        })
    }

    fn read_token(&self, token: &str, now: Time, lifetime: Duration) -> Result<Place, ApiError> {
        let place = || {
            let bytes: Option<Vec<u8>> = token
                .as_bytes()
                .chunks(2)
                .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
                .collect();
            let text = String::from_utf8(bytes?).ok()?;
            let parts: Vec<&str> = text.split('|').collect();
            let [issued, scope, name, version, build] = parts.as_slice() else {
                return None;
            };
            let issued = Time::from_millis(issued.parse().ok()?);
            let good = u64::from_str_radix(scope, 16) == Ok(self.scope) && now.since(issued) <= lifetime;
            good.then_some((
                (*name).to_owned(),
                Version::read("nextToken", version).ok()?,
                build.parse().ok()?,
            ))
        };
        place().ok_or_else(page_token)
    }
}

/// FNV-1a.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::testing::Bench;
    use super::*;
    use crate::world::settings::Settings;

    fn pipelines(count: usize) -> Bench {
        let mut bench = Bench::new();
        bench.infrastructures(count);
        bench
    }

    fn names(answer: &serde_json::Value) -> Vec<String> {
        let list = answer["infrastructureConfigurationSummaryList"].as_array().unwrap();
        list.iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn a_page_holds_25_items_unless_asked_and_never_more_than_100() {
        let mut bench = pipelines(30);
        let first = bench.post("ListInfrastructureConfigurations", json!({}));
        assert_eq!(names(&first).len(), 25);
        let rest = bench.post(
            "ListInfrastructureConfigurations",
            json!({ "nextToken": first["nextToken"] }),
        );
        assert_eq!((names(&rest).len(), rest.get("nextToken")), (5, None));
        for most in [0, 101] {
            assert_eq!(
                bench
                    .refused_post("ListInfrastructureConfigurations", json!({ "maxResults": most }))
                    .1,
                "InvalidParameterValueException"
            );
        }
    }

    #[test]
    fn pages_show_every_item_once_although_items_go_in_between() {
        let mut bench = pipelines(7);
        let first = bench.post("ListInfrastructureConfigurations", json!({ "maxResults": 3 }));
        let gone = bench.arn("infrastructure-configuration/infra-2");
        bench.delete(
            "DeleteInfrastructureConfiguration",
            "infrastructureConfigurationArn",
            &gone,
        );
        let second = bench.post(
            "ListInfrastructureConfigurations",
            json!({ "maxResults": 3, "nextToken": first["nextToken"] }),
        );
        assert_eq!(names(&second), ["infra-3", "infra-4", "infra-5"]);
    }

    #[test]
    fn a_page_token_is_good_for_its_own_request_and_for_a_while() {
        let mut bench = pipelines(30);
        let first = bench.post("ListInfrastructureConfigurations", json!({ "maxResults": 3 }));
        let token = &first["nextToken"];
        let refusal = (400, "InvalidPaginationTokenException".to_owned());
        assert_eq!(
            bench.refused_post(
                "ListInfrastructureConfigurations",
                json!({ "maxResults": 4, "nextToken": token })
            ),
            refusal
        );
        assert_eq!(
            bench.refused_post(
                "ListInfrastructureConfigurations",
                json!({ "maxResults": 3, "nextToken": "abc" })
            ),
            refusal
        );
        bench.pass(Settings::default().token_lifetime + Duration::from_secs(1));
        assert_eq!(
            bench.refused_post(
                "ListInfrastructureConfigurations",
                json!({ "maxResults": 3, "nextToken": token })
            ),
            refusal
        );
    }

    #[test]
    fn a_filter_the_operation_does_not_know_is_refused() {
        let mut bench = pipelines(1);
        let filters = json!({ "filters": [{ "name": "colour", "values": ["red"] }] });
        assert_eq!(
            bench.refused_post("ListInfrastructureConfigurations", filters),
            (400, "InvalidParameterValueException".into())
        );
    }

    #[test]
    fn the_name_filter_alone_knows_a_wildcard() {
        let mut bench = pipelines(12);
        let mut filtered = |value: &str| {
            let answer = bench.post(
                "ListInfrastructureConfigurations",
                json!({ "filters": [{ "name": "name", "values": [value] }] }),
            );
            names(&answer).len()
        };
        assert_eq!(
            [
                filtered("infra-1"),
                filtered("infra-1*"),
                filtered("*fra-1*"),
                filtered("*fra-1"),
                filtered("INFRA-1")
            ],
            [1, 3, 3, 0, 0]
        );
    }

    #[test]
    fn a_filtered_page_may_be_empty_and_still_not_the_last() {
        let mut bench = pipelines(9);
        bench.world.settings_mut().sparse_pages = true;
        let mut request = json!({ "maxResults": 3, "filters": [{ "name": "name", "values": ["infra-8"] }] });
        let mut pages = Vec::new();
        loop {
            let page = bench.post("ListInfrastructureConfigurations", request.clone());
            pages.push(names(&page).len());
            match page.get("nextToken") {
                Some(token) => request["nextToken"] = token.clone(),
                None => break,
            }
        }
        assert_eq!(pages, [0, 0, 1]);
    }

    proptest! {
        #[test]
        fn no_page_token_makes_the_reader_panic(token in "\\PC{0,60}") {
            let common = Common { filters: None, max_results: None, next_token: None };
            let paging = Paging::new(common, &[], "").unwrap();
            let _ = paging.read_token(&token, Time::from_millis(0), Duration::ZERO);
        }
    }
}
