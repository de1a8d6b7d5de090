//! Lists, page by page.

/// Every page of a list, at this pace. One that begins again would pass for complete: it is an error.
macro_rules! each_page {
    ($at:expr, $pace:ident, $doing:expr, $list:expr, |$page:ident| $body:block) => {
        let mut pages = $list.into_paginator().send();
        loop {
            $at.$pace.wait().await;
            let Some(answer) = Box::pin(pages.next()).await else {
                return Err($crate::Problem::not_understood($doing, $at.target, "the list does not end"));
            };
            let $page = answer.map_err(|error| $crate::Problem::of($doing, $at.target, &error))?;
            $body
            if $page.next_token().is_none_or(str::is_empty) {
                break;
            }
        }
    };
}
pub(crate) use each_page;
