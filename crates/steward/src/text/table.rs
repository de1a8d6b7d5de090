use std::fmt::Write as _;

use super::steers;

/// A table under its head; none where it has no rows.
pub fn headed<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> Option<String> {
    let rows: Vec<_> = std::iter::once(head.map(str::to_owned)).chain(rows).collect();
    (rows.len() > 1).then(|| table(&rows))
}

/// Columns as wide as their widest, the last one as it is.
pub fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let mut text = String::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            // Names and messages are other people's: nothing of them may make a row of its own, or move the cursor.
            let cell: String = cell.chars().map(|c| if steers(c) { ' ' } else { c }).collect();
            if column + 1 == N {
                let _ = write!(text, "{cell}");
            } else {
                let _ = write!(text, "{cell:<0$}  ", widths[column]);
            }
        }
        text.push('\n');
    }
    text.trim_end().to_owned()
}
