//! docs/security.md ends with who may do what, as the templates say it.

use std::fmt::Write;

use crate::policy::{Place, Statement, statements};
use crate::source::{TEMPLATES, root, text};

const PAGE: &str = "docs/security.md";
const START: &str = "<!-- From here on the tests write this page: IMAGE_STEWARD_BLESS=1 cargo nextest run --workspace -E 'binary(template)' -->";

fn tables() -> String {
    let statements = statements();
    let mut page = String::from(START);
    for template in TEMPLATES {
        for (title, places) in [
            ("what its roles may do", [Place::Permission, Place::Permission]),
            ("who is let in", [Place::Trust, Place::Resource]),
        ] {
            let rows: Vec<_> = statements
                .iter()
                .filter(|statement| statement.template == template && places.contains(&statement.place))
                .map(Statement::row)
                .collect();
            if rows.is_empty() {
                continue;
            }
            write!(
                page,
                "\n\n### `{template}`: {title}\n\n| who | may | on | if | why |\n|---|---|---|---|---|\n"
            )
            .unwrap();
            page.push_str(&rows.join("\n"));
        }
    }
    page.push('\n');
    page
}

#[test]
fn the_security_page_says_who_may_do_what() {
    let page = text(PAGE);
    let (prose, written) = page.split_at(page.find(START).expect("the page says where the tables start"));
    let tables = tables();
    if std::env::var_os("IMAGE_STEWARD_BLESS").is_some() {
        std::fs::write(root().join(PAGE), format!("{prose}{tables}")).unwrap();
        return;
    }
    for (written, true_line) in written.lines().zip(tables.lines()) {
        assert_eq!(
            written, true_line,
            "run it with IMAGE_STEWARD_BLESS=1 and read the difference"
        );
    }
    assert_eq!(
        written.lines().count(),
        tables.lines().count(),
        "run it with IMAGE_STEWARD_BLESS=1"
    );
}
