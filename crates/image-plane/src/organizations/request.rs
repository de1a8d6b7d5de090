//! Reading what the requests have: ids of a certain shape, and pages.

use serde::de::DeserializeOwned;

use super::errors::{Reason, invalid};
use crate::ec2::page::Page;
use crate::ids::AccountId;
use crate::wire::error::ApiError;
use crate::wire::json;
use crate::world::{Target, World};

/// The most a page of any list holds, which is also what it holds where nobody says; AWS does not say the latter.
const MOST: i64 = 20;

/// The members of a request.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    json::read(body).map_err(|error| {
        if error.code == "InvalidRequestException" {
            invalid(Reason::InputRequired)
        } else {
            error
        }
    })
}

/// Refuses an id that is not of the shape it must have.
pub(super) fn shaped(fits: bool) -> Result<(), ApiError> {
    fits.then_some(()).ok_or_else(|| invalid(Reason::InvalidPattern))
}

/// The account a request names.
pub(super) fn account(id: &str) -> Result<AccountId, ApiError> {
    id.parse().map_err(|_| invalid(Reason::InvalidPattern))
}

/// The page a request asks for. `scope` is what its token must have come from.
pub(super) fn page(
    world: &World,
    target: Target,
    (size, token): (Option<i64>, Option<&str>),
    scope: &str,
) -> Result<Page, ApiError> {
    let size = size.unwrap_or(MOST);
    if size < 1 {
        return Err(invalid(Reason::MinValueExceeded));
    }
    if size > MOST {
        return Err(invalid(Reason::MaxValueExceeded));
    }
    Page::at(world, target, usize::try_from(size).ok(), token, scope)
        .ok_or_else(|| invalid(Reason::InvalidPaginationToken))
}

/// Cuts a page out of all ids there are, which come in order: its ids, and the token of what follows.
///
/// "These operations can occasionally return an empty set of results even when more results are available": where pages
/// are sparse, one in four is empty and one in four is short, and the last may be empty too. `empty` asks for one.
pub(super) fn cut(world: &mut World, page: &Page, empty: bool, mut ids: Vec<String>) -> (Vec<String>, Option<String>) {
    if let Some(after) = page.after.as_deref() {
        ids.retain(|id| id.as_str() > after);
    }
    let full = page.most.unwrap_or(usize::MAX);
    let most = if empty {
        0
    } else if world.settings.sparse_pages {
        let short = world.random.below(u64::try_from(full).unwrap_or(u64::MAX));
        match world.random.below(4) {
            0 => 0,
            1 => usize::try_from(short).unwrap_or(full),
            _ => full,
        }
    } else {
        full
    };
    let may_end_empty = empty || world.settings.sparse_pages;
    if ids.len() < most || (ids.len() == most && !may_end_empty) {
        return (ids, None);
    }
    ids.truncate(most);
    let last = ids.last().cloned().unwrap_or_else(|| {
        // No token comes twice: the SDK would take the list for one that never ends. A blank stands before every id.
        page.after.clone().unwrap_or_default() + " "
    });
    let token = page.next(&last);
    (ids, Some(token))
}
