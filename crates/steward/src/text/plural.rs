/// The ending of a regular noun after this count: messages are read by people.
pub const fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
