//! Where the log of a room lies: a folder for the room, and in it a file for each day.

use std::path::{Path, PathBuf};
use std::{fs, io, iter};

use chrono::NaiveDate;
use cooee::wire::RoomName;
use unicode_normalization::{IsNormalized, is_nfc_quick};

use crate::ui::folders;
use crate::ui::safe::{Safe, caseless};

/// What a day's file is called behind the day.
const EXTENSION: &str = ".jsonl";
/// Behind the name of a sealed room. A room's own name never brings a dot along, so that an open room has none.
const SEALED: &str = ".sealed";

/// The folder for the log of a room; `None` where the system does not tell where the user's home is.
pub(crate) fn folder(room: &RoomName<'_>, is_sealed: bool) -> Option<PathBuf> {
    let sealed = if is_sealed { SEALED } else { "" };
    folders::state().map(|state| state.join("log").join(file_name(room.as_str()) + sealed))
}

/// A room's name as it can be a file's on every system: other names are other files, also where capitals do not
/// matter there, and where accents are written apart.
///
/// Small letters and digits of any script, `-` and `_` stay. Each byte of everything else is written as `%2f`: so
/// there is no `/`, no `.`, nothing that cannot be seen, and at most three bytes for each of the name.
fn file_name(room: &str) -> String {
    let mut name = String::with_capacity(room.len());
    for c in room.chars() {
        if stays(c) {
            name.push(c);
        } else {
            c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| name += &format!("%{byte:02x}"));
        }
    }
    name
}

fn stays(c: char) -> bool {
    let mut bytes = [0; 4];
    let alone = &*c.encode_utf8(&mut bytes);
    // By way of `caseless` go capitals, and what is not in NFC; by the gate, what cannot be seen.
    let is_plain = || caseless(alone) == alone && Safe::text(alone).as_str() == alone;
    matches!(c, '-' | '_') || c.is_alphanumeric() && !joins(c) && is_plain()
}

/// Whether it may become one with the letter before it, for a file system that writes names in NFC.
fn joins(c: char) -> bool {
    is_nfc_quick(iter::once(c)) != IsNormalized::Yes
}

/// The file of a day.
pub(super) fn file_of(folder: &Path, day: NaiveDate) -> PathBuf {
    folder.join(format!("{day}{EXTENSION}"))
}

/// A day of which something was logged.
#[derive(Clone, Debug)]
pub(super) struct Day {
    pub(super) day: NaiveDate,
    pub(super) path: PathBuf,
    /// As much of the file, in bytes, as is read: what is written meanwhile comes too late.
    pub(super) len: u64,
}

/// The days of a log, oldest first; none where there is no folder. What else lies in the folder is passed over.
pub(super) fn days(folder: &Path) -> io::Result<Vec<Day>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut days = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let Some(day) = path.file_name().and_then(|name| day_of(name.to_str()?)) else { continue };
        // To open a pipe would be to wait for somebody to write to it.
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => days.push(Day { day, path, len: metadata.len() }),
            _ => {}
        }
    }
    days.sort_by_key(|day| day.day);
    Ok(days)
}

fn day_of(name: &str) -> Option<NaiveDate> {
    let day: NaiveDate = name.strip_suffix(EXTENSION)?.parse().ok()?;
    // One day, one name.
    (file_of(Path::new(""), day) == Path::new(name)).then_some(day)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    #[test]
    fn names_stay_readable_and_harmless() {
        for (room, name) in [
            ("lobby", "lobby"),
            ("build-2_x", "build-2_x"),
            ("Lobby", "%4cobby"),
            ("..", "%2e%2e"),
            (".hidden", "%2ehidden"),
            ("a/b", "a%2fb"),
            ("../../etc/passwd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd"),
            ("100%", "100%25"),
            ("%2f", "%252f"),
            ("tea room", "tea%20room"),
            ("田中の部屋", "田中の部屋"),
            ("café", "café"),
            ("cafe\u{301}", "cafe%cc%81"),
            ("straße", "stra%c3%9fe"),
            ("lobby.sealed", "lobby%2esealed"),
            ("a\u{200b}b", "a%e2%80%8bb"),
            ("\u{3164}", "%e3%85%a4"),
        ] {
            assert_eq!(file_name(room), name);
            assert_eq!(room_of(name).as_deref(), Some(room));
        }
    }

    /// The room of a folder.
    fn room_of(name: &str) -> Option<String> {
        let mut parts = name.split('%');
        let mut bytes = parts.next()?.as_bytes().to_vec();
        for part in parts {
            bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
            bytes.extend(&part.as_bytes()[2..]);
        }
        String::from_utf8(bytes).ok()
    }

    /// What the most careless of file systems takes for the same name.
    fn taken_for_the_same(name: &str) -> String {
        caseless(&name.nfd().collect::<String>()).nfd().collect()
    }

    fn rooms() -> impl Strategy<Value = String> {
        let tricks = "./\\%:*?\"<>| -_aAkK\u{212a}sSſßéÉe\u{301}ςσΣİıi\u{307}ǆ\u{3164}\u{200d}\u{1161}\u{1100}가\u{9c7}\u{9be}\u{9cb}\
            \u{915}\u{93c}\u{958}\u{16d63}\u{16d67}\u{16d69}1٣中\u{1f600}";
        let trick = proptest::sample::select(tricks.chars().collect::<Vec<_>>());
        let letter = prop_oneof![3 => trick, 1 => any::<char>().prop_filter("no control", |c| !c.is_control())];
        proptest::collection::vec(letter, 1..16).prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn any_room_has_a_file_name_of_its_own(room in rooms()) {
            let mut taken = BTreeMap::new();
            let alike = [
                room.nfc().collect(),
                room.nfd().collect(),
                room.to_lowercase(),
                room.to_uppercase(),
                caseless(&room),
                file_name(&room),
                room,
            ];
            for room in alike.into_iter().filter(|room| RoomName::new(room.as_str()).is_ok()) {
                let name = file_name(&room);
                prop_assert!(!name.is_empty() && name.len() + SEALED.len() <= 255, "{name}");
                prop_assert!(name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '%')), "{name}");
                prop_assert_eq!(Safe::text(&name).to_string(), name.clone());
                prop_assert_eq!(room_of(&name), Some(room.clone()));
                let other = taken.insert(taken_for_the_same(&name), room.clone());
                prop_assert!(other.is_none_or(|other| other == room), "{name}");
            }
        }

        #[test]
        fn what_is_no_day_is_none(name in "[-+0-9]{4,12}(\\.jsonl)?|\\PC{0,20}") {
            let path = day_of(&name).map(|day| file_of(Path::new(""), day));
            prop_assert!(path.is_none_or(|path| path == Path::new(&name)));
        }
    }

    #[test]
    fn a_log_has_its_days_in_order() {
        let folder = tempfile::TempDir::new().unwrap();
        assert_eq!(days(&folder.path().join("none")).unwrap().len(), 0);
        for name in
            ["2026-11-23.jsonl", "2025-12-31.jsonl", "2026-1-2.jsonl", "2026-02-30.jsonl", "2026-11-22", "x.jsonl"]
        {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        fs::create_dir(folder.path().join("2026-11-24.jsonl")).unwrap();
        let found: Vec<_> = days(folder.path()).unwrap().iter().map(|day| (day.day.to_string(), day.len)).collect();
        assert_eq!(found, [("2025-12-31".to_owned(), 1), ("2026-11-23".to_owned(), 1)]);
    }
}
