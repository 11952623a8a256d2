//! The counts that are expected: those that were recorded.

use std::fmt::Write;
use std::fs;

use toml::de::{DeTable, DeValue};

use crate::conditions::Conditions;
use crate::counting::Counts;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions/expected.toml");

const HEAD: &str = "# Instructions that one turn takes, as callgrind counts them.
# Written by: cargo run --profile test --example instructions -- --record
";

/// How many percent more are too many, and how many fewer are told.
const PERCENT: f64 = 5.0;

/// Counts, and with what was counted.
pub(crate) struct Expected {
    pub(crate) conditions: Conditions,
    pub(crate) counts: Counts,
}

/// How a count is, beside the recorded one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Same,
    Better,
    /// Too high, or not to be compared with anything.
    Worse,
}

impl Expected {
    /// What was recorded.
    pub(crate) fn read() -> Result<Self, String> {
        let text = fs::read_to_string(FILE).map_err(|error| format!("cannot read {FILE}: {error}"))?;
        Self::parse(&text).ok_or_else(|| format!("{FILE} is not as it was written; record it anew"))
    }

    fn parse(text: &str) -> Option<Self> {
        let document = DeTable::parse(text).ok()?;
        let table = document.get_ref();
        let word = |name: &'static str| Some((name, table.get(name)?.get_ref().as_str()?.to_owned()));
        let conditions = Conditions([word("compiler")?, word("libc")?, word("valgrind")?, word("processor")?]);
        let DeValue::Table(counts) = table.get("instructions")?.get_ref() else { return None };
        let count = |value: &DeValue<'_>| value.as_integer()?.as_str().parse().ok();
        let counts = counts.iter().map(|(name, value)| Some((name.get_ref().to_string(), count(value.get_ref())?)));
        Some(Self { conditions, counts: counts.collect::<Option<_>>()? })
    }

    /// Records them.
    pub(crate) fn write(&self) -> Result<(), String> {
        let mut text = HEAD.to_owned();
        let _ = self.conditions.0.iter().try_for_each(|(name, value)| writeln!(text, "{name} = {value:?}"));
        text += "\n[instructions]\n";
        let _ = self.counts.iter().try_for_each(|(name, count)| writeln!(text, "{name:?} = {count}"));
        fs::write(FILE, &text).map_err(|error| format!("cannot write {FILE}: {error}"))?;
        println!("{text}");
        Ok(())
    }

    /// What was counted now beside what was recorded, a line for each; also for what is not counted any more.
    pub(crate) fn against(&self, now: &Self) -> Vec<(String, Verdict)> {
        let find =
            |counts: &Counts, name: &str| counts.iter().find(|(known, _)| known == name).map(|(_, count)| *count);
        let counted = now.counts.iter().map(|(name, now)| line(name, find(&self.counts, name), *now));
        let gone = self.counts.iter().filter(|(name, _)| find(&now.counts, name).is_none());
        let gone = gone.map(|(name, _)| (format!("{name:<32} is recorded, but not counted any more"), Verdict::Worse));
        counted.chain(gone).collect()
    }
}

fn line(name: &str, before: Option<u64>, now: u64) -> (String, Verdict) {
    let Some(before) = before else { return (format!("{name:<32} {now:>9}, but not recorded"), Verdict::Worse) };
    let percent = (now as f64 / before as f64 - 1.0) * 100.0;
    let verdict = match percent {
        _ if percent > PERCENT => Verdict::Worse,
        _ if percent < -PERCENT => Verdict::Better,
        _ => Verdict::Same,
    };
    (format!("{name:<32} {before:>9} {now:>9} {percent:>+8.1} %"), verdict)
}
