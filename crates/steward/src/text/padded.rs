use std::fmt;

/// Writes a word that is assembled from parts, and still honours `{:<20}`: the command line prints tables.
pub(crate) fn padded(f: &mut fmt::Formatter<'_>, word: fmt::Arguments<'_>) -> fmt::Result {
    if f.width().is_none() && f.precision().is_none() {
        f.write_fmt(word)
    } else {
        f.pad(&word.to_string())
    }
}
