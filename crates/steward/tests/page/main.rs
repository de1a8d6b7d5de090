//! The page of a lineage, as a browser gets it.
//!
//! `IMAGE_STEWARD_BLESS=1` writes the small one anew; read the difference. `IMAGE_STEWARD_PAGES=FOLDER` writes every sample
//! there, to be looked at.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails right there")]

mod samples;

use std::fs;
use std::path::PathBuf;

#[test]
fn a_small_lineage_is_this_page() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap());
    let file = root.join("tests/page/small.html");
    let page = format!("{}\n", samples::small().page());
    if std::env::var_os("IMAGE_STEWARD_BLESS").is_some() {
        fs::write(&file, &page).unwrap();
    }
    for (n, (written, line)) in fs::read_to_string(&file).unwrap().lines().zip(page.lines()).enumerate() {
        assert_eq!(
            written,
            line,
            "line {}: run it with IMAGE_STEWARD_BLESS=1 and read the difference",
            n + 1
        );
    }
    assert!(
        fs::read_to_string(&file).unwrap() == page,
        "run it with IMAGE_STEWARD_BLESS=1"
    );
}

#[test]
fn every_sample_is_one_file_that_loads_nothing() {
    for sample in samples::all() {
        let page = sample.page();
        if let Some(folder) = std::env::var_os("IMAGE_STEWARD_PAGES") {
            fs::write(PathBuf::from(folder).join(format!("{}.html", sample.name)), &page).unwrap();
        }
        for loads in [
            "http:", "https:", "src=", "@import", "<link", "<iframe", "<img", "style=\"", " onclick",
        ] {
            assert!(!page.contains(loads), "{}: {loads}", sample.name);
        }
        // Whatever an address leads to is in the page itself.
        for address in page.split("href=\"").skip(1) {
            let address = address.split('"').next().unwrap();
            let id = address.strip_prefix('#').unwrap();
            assert!(page.contains(&format!("id=\"{id}\"")), "{}: {address}", sample.name);
        }
    }
}

#[test]
fn of_more_than_three_hundred_releases_there_is_a_table() {
    let drawn = samples::many(300).page();
    assert!(drawn.contains("<div class=\"stage\">"));
    assert!(drawn.contains(">+287 more</a>"), "of 299 children 12 are drawn");
    assert_eq!(drawn.matches("<tr id=").count(), 287);
    let listed = samples::many(301).page();
    assert!(!listed.contains("<div class=\"stage\">"));
    assert_eq!(listed.matches("<tr id=").count(), 301);
}
