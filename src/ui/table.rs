//! Tables on a terminal: columns that line up whatever is in them.

use crate::ui::safe::Safe;

/// A table of so many columns.
pub(crate) struct Table<const COLUMNS: usize> {
    rows: Vec<[Safe; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// A table with its headings.
    pub(crate) fn new(headings: [&'static str; COLUMNS]) -> Self {
        Self { rows: vec![headings.map(Safe::literal)] }
    }

    pub(crate) fn row(&mut self, cells: [Safe; COLUMNS]) {
        self.rows.push(cells);
    }

    /// The lines of the table, the headings first.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        let widths: [usize; COLUMNS] =
            std::array::from_fn(|column| self.rows.iter().map(|row| row[column].width()).max().unwrap_or(0));
        self.rows.iter().map(move |row| {
            let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| cell.padded(width)).collect();
            cells.join("  ").trim_end().to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_behind_wide_characters() {
        let mut table = Table::new(["NICK", "HOST"]);
        table.row([Safe::name("田中", "?"), Safe::name("pi", "?")]);
        table.row([Safe::name("alexandra", "?"), Safe::literal("")]);
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines, ["NICK       HOST", "田中       pi", "alexandra"]);
    }
}
