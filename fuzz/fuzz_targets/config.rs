//! Whatever stands in the file of settings, it is read or refused, and what is told of it is one line, points into the
//! text, and steers no terminal. Nor does a time that is written as somebody chose.
#![no_main]

use std::collections::BTreeSet;

use cooee::time::UnixMillis;
use libfuzzer_sys::fuzz_target;

use self::ui::config::document::{Document, Entry, Mistake};
use self::ui::safe::Safe;
use self::ui::settings::notices::{Highlight, Notify};
use self::ui::time_format::TimeFormat;

/// What reads the file, as it is in the program. The rest of what it is part of is not needed.
#[path = "../../src/ui"]
#[allow(dead_code, reason = "the program uses more of it")]
mod ui {
    pub(crate) mod config {
        pub(crate) mod document;
        pub(crate) mod key;
    }
    pub(crate) mod settings {
        pub(crate) mod notices;
    }
    pub(crate) mod safe;
    pub(crate) mod time_format;
    pub(crate) mod timestamp;
}

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    check_time_format(text.lines().next().unwrap_or_default());
    match Document::parse(&text) {
        Err(mistake) => check_mistake(&mistake),
        Ok(document) => check_document(&document, &text),
    }
});

fn check_document(document: &Document<'_>, text: &str) {
    let keys: BTreeSet<_> = document.entries.iter().map(|entry| entry.key).collect();
    assert_eq!(keys.len(), document.entries.len(), "none of them twice");
    assert!(document.unknown.len() <= 9);
    document.unknown.iter().for_each(check_mistake);
    document.entries.iter().for_each(|entry| check_entry(entry, text));
}

fn check_entry(entry: &Entry<'_>, text: &str) {
    let line = text.split('\n').nth(entry.position.line - 1).expect("a line of the text");
    assert!((1..=line.chars().count()).contains(&entry.position.column), "{:?} of {line:?}", entry.position);
    let (boolean, number) = (entry.boolean(), entry.integer::<u16>("a number"));
    let (string, strings) = (entry.string(), entry.strings());
    let is_read = [boolean.is_ok(), number.is_ok(), string.is_ok(), strings.is_ok()];
    assert!(is_read.into_iter().filter(|is_ok| *is_ok).count() <= 1, "{is_read:?}");
    if let Ok(string) = string {
        check_time_format(string);
    }
    if let Ok(strings) = &strings {
        let _ = (Highlight::new(strings.clone()), Notify::command(strings.clone()));
    }
    let problems = [boolean.err(), number.err(), string.err(), strings.err()];
    problems.iter().flatten().for_each(check_mistake);
}

fn check_mistake(mistake: &Mistake) {
    check_shown(&mistake.to_string());
}

fn check_time_format(format: &str) {
    let Ok(taken) = TimeFormat::new(format) else { return };
    for moment in [0, 951_868_799_999, 1_795_442_520_123, u64::MAX] {
        let (moment, now) = (UnixMillis(moment), UnixMillis(1_795_442_520_123));
        assert!(!taken.time(moment).trim().is_empty(), "{format:?}");
        check_shown(&taken.time(moment));
        check_shown(&taken.day_and_time(moment, now));
    }
}

fn check_shown(shown: &str) {
    assert_eq!(Safe::text(shown).as_str(), shown);
    assert!(!shown.contains('\n') && shown.len() < 4096, "{shown:?}");
}
