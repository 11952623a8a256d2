//! The table that all of it comes to.

use std::fmt;

/// What stands in a field.
#[derive(Clone, Debug, Default)]
pub(crate) enum Cell {
    /// There is nothing to measure.
    #[default]
    Nothing,
    /// What was measured.
    Figure(String),
    /// What should have been measured, and why it was not.
    NotMeasured(String),
}

impl From<Result<String, String>> for Cell {
    fn from(measured: Result<String, String>) -> Self {
        measured.map_or_else(Self::NotMeasured, Self::Figure)
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("–"),
            Self::Figure(words) => f.write_str(words),
            // A bar would end the field.
            Self::NotMeasured(why) => write!(f, "not measured: {}", why.replace('|', "/")),
        }
    }
}

/// One thing, measured of several programs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    /// What.
    pub(crate) what: String,
    /// Of cooee.
    pub(crate) cooee: Cell,
    /// Of raw sockets: so much of it is the machine and the measuring.
    pub(crate) raw: Cell,
    /// How many times the raw figure cooee's is.
    pub(crate) ratio: Option<String>,
    /// Of Serf.
    pub(crate) serf: Cell,
    /// Of mdns-sd.
    pub(crate) mdns: Cell,
}

/// All rows so far.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
}

impl Table {
    /// One more. Whoever waits sees it at once.
    pub(crate) fn push(&mut self, row: Row) {
        eprintln!("    {}: cooee {}; raw {}; Serf {}; mdns-sd {}", row.what, row.cooee, row.raw, row.serf, row.mdns);
        self.rows.push(row);
    }

    /// Prints it in Markdown; programs that have no figure in it have no column.
    pub(crate) fn print(&self) {
        type Column = (&'static str, fn(&Row) -> String);
        const COLUMNS: [Column; 6] = [
            ("", |row| row.what.clone()),
            ("cooee", |row| row.cooee.to_string()),
            ("raw UDP", |row| row.raw.to_string()),
            ("ratio", |row| row.ratio.clone().unwrap_or_else(|| "–".to_owned())),
            ("Serf", |row| row.serf.to_string()),
            ("mdns-sd", |row| row.mdns.to_string()),
        ];
        let is_told = |(_, field): &&Column| self.rows.iter().any(|row| field(row) != "–");
        let columns: Vec<&Column> = COLUMNS.iter().filter(is_told).collect();
        let line = |fields: Vec<String>| println!("| {} |", fields.join(" | "));
        line(columns.iter().map(|(name, _)| (*name).to_owned()).collect());
        println!("|{}", "---|".repeat(columns.len()));
        self.rows.iter().for_each(|row| line(columns.iter().map(|(_, field)| field(row)).collect()));
    }
}
