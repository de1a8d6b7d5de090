use crate::manifest::document::word;

word! {
    /// A time zone by its name in the IANA's list.
    TimeZone: "time zone", "Europe/Berlin", |text| {
        let shaped = text == "UTC" || text.contains('/');
        if shaped && known().any(|name| name == text) {
            return Ok(());
        }
        let near = known().find(|name| name.eq_ignore_ascii_case(text));
        Err(match near {
            Some(name) => format!("must be written {name}"),
            None => String::from("is no time zone, must be a name of the IANA's list, as in Europe/Berlin, or UTC"),
        })
    }
}

impl TimeZone {
    /// The one that stands still.
    pub fn utc() -> Self {
        Self("UTC".into())
    }
}

/// The names that this program brings with it: those of the machine it runs on may be older.
fn known() -> impl Iterator<Item = String> {
    jiff::tz::TimeZoneDatabase::bundled()
        .available()
        .map(|name| name.to_string())
        .collect::<Vec<_>>()
        .into_iter()
}
