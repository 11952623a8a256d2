//! The log is read as it was written; and whatever else stands in its files does no harm.

use std::fs;
use std::net::Ipv4Addr;

use chrono::NaiveDate;
use cooee::node::{Gap, HeardLine, LinkId};
use cooee::trust::PublicKey;
use cooee::wire::{Nick, RoomName, Seq, SeqRange, Text};
use proptest::prelude::*;
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::ui::json::{GapObject, LineObject};
use crate::ui::log::{Logged, Speakers};
use crate::ui::look::Look;
use crate::ui::people::names::Standing;
use crate::ui::safe::{Safe, caseless};
use crate::ui::sample;
use crate::ui::settings::LookSettings;
use crate::ui::timestamp::by_local_clock;

const DAY: u64 = 86_400_000;
const PLAIN: Look = Look { colored: false, settings: LookSettings::DEFAULT };

/// The moment that lies so many milliseconds behind the noon of a day in November 2026.
fn moment(day: u32, millis: u64) -> UnixMillis {
    let noon = NaiveDate::from_ymd_opt(2026, 11, day).unwrap().and_hms_opt(12, 0, 0).unwrap();
    UnixMillis(by_local_clock(noon).0 + millis)
}

/// A line that comes at the noon of a day, from a run of that number.
fn line(day: u32, author: u8, seq: u32, text: &str) -> HeardLine {
    HeardLine {
        author: sample::run(author.into()),
        signer: Some(PublicKey([author; 32])),
        nick: Nick::new(format!("nick{author}")).unwrap(),
        seq: Seq::new(seq).unwrap(),
        action: false,
        text: Text::new(text.to_owned()).unwrap(),
        said: moment(day, u64::from(seq)),
        arrival: Arrival::InTime,
        link: LinkId(0),
        from: (Ipv4Addr::LOCALHOST, 26634).into(),
    }
}

fn object(line: &HeardLine, private: bool, time: UnixMillis) -> LineObject {
    let fingerprint = line.signer.map(|key| key.fingerprint());
    let (room, lo) = (RoomName::new("lobby").unwrap(), Safe::literal("lo"));
    LineObject::new(line, private, Standing { fingerprint, ..Standing::default() }, &room, &lo, time)
}

/// As it is logged when it comes in time.
fn logged(line: &HeardLine) -> String {
    format!("{}\n", json!(object(line, false, line.said)))
}

/// A log with these files.
fn log(files: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (day, bytes) in files {
        fs::write(folder.path().join(format!("2026-11-{day}.jsonl")), bytes).unwrap();
    }
    folder
}

/// The texts that are read; of what is lost, none.
fn texts(folder: &TempDir, query: Query) -> (Vec<String>, u64) {
    let mut reader = Reader::open(folder.path(), query).unwrap();
    let mut texts = Vec::new();
    reader
        .read(&mut |logged, _| {
            texts.push(if let Logged::Line(line) = logged { line.text.to_string() } else { String::new() });
            Ok(())
        })
        .unwrap();
    assert_eq!(reader.problems, [""; 0]);
    (texts, reader.passed_over)
}

/// What is shown of it all, without the times.
fn shown(folder: &TempDir) -> Vec<String> {
    let (mut speakers, mut shown) = (Speakers::default(), Vec::new());
    let mut reader = Reader::open(folder.path(), Query::default()).unwrap();
    reader
        .read(&mut |logged, _| {
            shown.push(PLAIN.logged(logged, &mut speakers));
            Ok(())
        })
        .unwrap();
    shown
}

#[test]
fn what_is_logged_is_shown_as_when_it_came() {
    let mut all = String::new();
    let mut expected = Vec::new();
    let mut add = |object: serde_json::Value, shown: String| {
        all += &format!("{object}\n");
        expected.push(shown);
    };
    let (said, now) = (moment(23, 0), moment(23, 120_000));
    let bob = Safe::literal("nick1");
    for (action, arrival) in [(false, Arrival::InTime), (true, Arrival::Late), (false, Arrival::History)] {
        for (seq, days) in [(1, 0), (2, 3)] {
            let said = UnixMillis(said.0 - days * DAY);
            let line = HeardLine { said, action, arrival, ..line(23, 1, seq, "see\n\u{1b}[2J you") };
            let line =
                HeardLine { seq: Seq::new(seq + 10 * u32::from(action) + arrival as u32 * 100).unwrap(), ..line };
            add(json!(object(&line, false, now)), PLAIN.line(&line, &bob, now));
        }
    }
    let private = line(23, 1, 1, "the key");
    add(json!(object(&private, true, now)), PLAIN.private(&private, &bob, now));
    let (reader, name) = (sample::peer(2, "carol"), Safe::literal("?carol"));
    add(
        json!(object(&private, true, now).said_here(Some(&reader))),
        PLAIN.said_privately(&reader, &name, &private.text, now),
    );
    let range = SeqRange::new(Seq::new(8).unwrap(), Seq::new(9).unwrap()).unwrap();
    let gap = Gap { author: sample::run(1), signer: private.signer, nick: Some(private.nick.clone()), range };
    let standing = Standing { fingerprint: private.signer.map(|key| key.fingerprint()), ..Standing::default() };
    add(json!(GapObject::new(&gap, standing, &RoomName::new("lobby").unwrap(), now)), PLAIN.gap(&gap, &bob, now));
    let gap = Gap { nick: None, signer: None, ..gap };
    let name = Safe::literal("0000000000000001");
    let object = GapObject::new(&gap, Standing::default(), &RoomName::new("lobby").unwrap(), now);
    add(json!(object), PLAIN.gap(&gap, &name, now));
    // The same range of the same run is told once.
    expected.pop();
    assert_eq!(shown(&log(&[("23", all.as_bytes())])), expected);
}

#[test]
fn those_of_one_nick_are_told_apart() {
    let unsigned = HeardLine { signer: None, ..line(23, 3, 1, "c") };
    let lines = [line(23, 1, 1, "a"), line(23, 2, 1, "b"), line(23, 1, 2, "a"), unsigned, line(23, 4, 1, "d")];
    let called = |line: HeardLine| HeardLine {
        nick: Nick::new(if line.text.as_str() == "b" { "BOB" } else { "bob" }).unwrap(),
        ..line
    };
    let mut bytes = String::new();
    lines.into_iter().map(called).for_each(|line| bytes += &logged(&line));
    let group = |key: u8| PublicKey([key; 32]).fingerprint().to_string()[..4].to_owned();
    let names: Vec<_> = shown(&log(&[("23", bytes.as_bytes())]))
        .iter()
        .map(|row| row.split_whitespace().nth(1).unwrap().to_owned())
        .collect();
    let expected = [
        "bob".into(),
        format!("BOB#{}", group(2)),
        format!("bob#{}", group(1)),
        "?bob".into(),
        format!("bob#{}", group(4)),
    ];
    assert_eq!(names, expected);
}

#[test]
fn what_is_no_object_of_ours_is_passed_over_and_counted() {
    let whole = logged(&line(23, 1, 1, "whole"));
    let with = |from: &str, to: &str| {
        assert!(whole.contains(from), "{from}");
        whole.replacen(from, to, 1)
    };
    let strange = [
        " \n".to_owned(),
        "{}\n".to_owned(),
        "null\n".to_owned(),
        "[".repeat(100_000) + "\n",
        whole[..whole.len() / 2].to_owned() + "\n",
        whole.trim_end().to_owned() + "x\n",
        with("\"line\"", "\"peer\""),
        with("2026-11-23T", "2026-13-23T"),
        with("2026-11-23T", "1926-11-23T"),
        with("0000000000000001", "1"),
        with("0000000000000001", "+000000000000001"),
        with("\"seq\":1", "\"seq\":0"),
        with("\"seq\":1", "\"seq\":4294967296"),
        with("-", "_"),
        with("\"action\":false", "\"action\":null"),
        with("whole", &"x".repeat(LINE_MAX)),
    ];
    let mut bytes = (strange.concat() + "\n\n").into_bytes();
    bytes.extend(whole.replacen("whole", "\u{0}", 1).replace('\0', "not UTF-8").into_bytes());
    let at = bytes.windows(3).position(|part| part == b"not").unwrap();
    bytes[at] = 0xff;
    bytes.extend(with("\"self\":false", "\"self\":false,\"later\":[1,{}]").into_bytes());
    let (texts, passed_over) = texts(&log(&[("23", &bytes)]), Query::default());
    assert_eq!((texts, passed_over), (vec!["whole".to_owned()], strange.len() as u64 + 1));
}

#[test]
fn the_largest_line_is_read() {
    let line = line(23, 1, 1, &"\u{1}".repeat(Text::MAX));
    let (texts, passed_over) = texts(&log(&[("23", logged(&line).as_bytes())]), Query::default());
    assert_eq!((texts.len(), texts[0].len(), passed_over), (1, Text::MAX, 0));
}

#[test]
fn what_is_asked_for_is_given() {
    let files: Vec<(String, String)> = (20..=25_u32)
        .map(|day| {
            (
                day.to_string(),
                (1..=3).map(|seq| logged(&line(day, 1, day * 10 + seq, &format!("Text {day}-{seq}")))).collect(),
            )
        })
        .collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(day, text)| (day.as_str(), text.as_bytes())).collect();
    let folder = log(&files);
    let asked = |since, word: Option<&str>, count| {
        texts(&folder, Query { since, word: word.map(caseless), count }).0.join(" ").replace("Text ", "")
    };
    assert_eq!(texts(&folder, Query::default()).0.len(), 18);
    assert_eq!(asked(Some(moment(25, 0)), None, None), "25-1 25-2 25-3");
    assert_eq!(asked(Some(moment(25, 252)), None, None), "25-2 25-3");
    assert_eq!(asked(None, Some("TEXT 22"), None), "22-1 22-2 22-3");
    assert_eq!(asked(None, Some("NICK1"), Some(2)), "25-2 25-3");
    assert_eq!(asked(None, Some("-1"), Some(3)), "23-1 24-1 25-1");
    assert_eq!(asked(None, None, Some(4)), "24-3 25-1 25-2 25-3");
    assert_eq!(asked(Some(moment(25, 0)), None, Some(100)), "25-1 25-2 25-3");
    assert_eq!(asked(Some(moment(26, 0)), None, Some(1)), "");
}

#[test]
fn what_two_runs_have_logged_is_shown_once() {
    let (one, two) = (line(23, 1, 1, "one"), line(23, 1, 2, "two"));
    let again = HeardLine { arrival: Arrival::History, ..line(22, 1, 1, "one") };
    let history = |line: &HeardLine| format!("{}\n", json!(object(line, false, moment(24, 0))));
    let never_logged = HeardLine { arrival: Arrival::History, ..line(22, 1, 9, "before") };
    let first = logged(&one) + &logged(&one) + &logged(&two);
    let second =
        history(&again) + &history(&never_logged) + &history(&never_logged) + &logged(&line(24, 1, 3, "three"));
    let folder = log(&[("23", first.as_bytes()), ("24", second.as_bytes())]);
    assert_eq!(texts(&folder, Query::default()).0, ["one", "two", "before", "three"]);
    let last = |count| texts(&folder, Query { count: Some(count), ..Query::default() }).0;
    assert_eq!(last(2), ["before", "three"]);
    assert_eq!(last(3), ["two", "before", "three"], "for what came as history, older files are looked into");
    let since = Query { since: Some(moment(24, 0)), ..Query::default() };
    assert_eq!(texts(&folder, since).0, ["three"], "it is of the day on which it was said");

    // An unsigned author can be anybody: another text is another line.
    let other = HeardLine { text: Text::new("not one").unwrap(), ..one.clone() };
    assert_eq!(texts(&log(&[("23", (first + &logged(&other)).as_bytes())]), Query::default()).0.len(), 3);
}

#[test]
fn private_lines_of_one_number_may_be_two() {
    let private = |millis| format!("{}\n", json!(object(&line(23, 1, 1, "psst"), true, moment(23, millis))));
    let to_all = logged(&line(23, 1, 1, "psst"));
    let count = |bytes: String| texts(&log(&[("23", bytes.as_bytes())]), Query::default()).0.len();
    assert_eq!(count(private(10) + &private(4_000)), 1, "said to two runs of this user at once");
    assert_eq!(count(private(10) + &private(60_000)), 2, "said again, to a later run");
    assert_eq!(count(private(10) + &to_all), 2);
}

/// What may stand in a log: a line of ours, changed here and there; or anything.
fn hostile_line() -> impl Strategy<Value = Vec<u8>> {
    let text = "[\\PC\u{1b}\u{7f}\u{9b}\u{202e}\u{200b}\n\r\t]{1,40}";
    let ours = (1..4_u8, 1..4_u32, text, any::<bool>(), any::<bool>(), any::<u64>(), text).prop_map(
        |(author, seq, text, private, is_own, said, nick)| {
            let said = UnixMillis(said % (1 << 48));
            let reader = sample::peer(2, "carol");
            let line = HeardLine { said, ..line(23, author, seq, &text) };
            let object = object(&line, private, said);
            let mut object = json!(if is_own { object.said_here(private.then_some(&reader)) } else { object });
            object["nick"] = json!(nick);
            object.to_string().into_bytes()
        },
    );
    let changed = (ours.clone(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut line, at, byte)| {
        let at = at.index(line.len());
        line[at] = byte;
        line
    });
    prop_oneof![4 => ours, 2 => changed, 1 => proptest::collection::vec(any::<u8>(), 0..60)]
}

proptest! {
    #[test]
    fn no_log_can_steer_the_terminal(lines in proptest::collection::vec(hostile_line(), 0..20)) {
        let folder = log(&[("23", &lines.join(&b'\n'))]);
        for row in shown(&folder) {
            prop_assert!(row.chars().all(|c| c == '\n' || !c.is_control()), "{row:?}");
            prop_assert!(!row.contains(['\u{202e}', '\u{200b}', '\u{2028}']), "{row:?}");
            prop_assert!(row.split('\n').skip(1).all(|further| further.starts_with("    ")), "{row:?}");
        }
    }

    #[test]
    fn a_torn_line_costs_nothing_but_itself(cut in any::<prop::sample::Index>()) {
        let lines: Vec<String> = (1..=4).map(|seq| logged(&line(23, 1, seq, &format!("text {seq}")))).collect();
        let (before, after) = (lines[..3].concat(), &lines[3]);
        let cut = cut.index(before.len() + 1);
        let is_torn = cut > 0 && !before[..cut].ends_with('\n');
        let bytes = before[..cut].to_owned() + if is_torn { "\n" } else { "" } + after;
        let (found, passed_over) = texts(&log(&[("23", bytes.as_bytes())]), Query::default());
        // Where only the line's end is torn off, the line is whole.
        let whole = bytes.lines().filter(|row| lines.iter().any(|line| line.trim_end() == *row)).count();
        prop_assert_eq!((found.len(), found.last().unwrap().as_str()), (whole, "text 4"));
        prop_assert_eq!(passed_over, bytes.lines().count() as u64 - whole as u64);
    }

    /// However the last lines are looked for, they are the last of all lines.
    #[test]
    fn the_last_lines_are_those_at_the_end(
        said in proptest::collection::vec((20..26_u32, 1..6_u32, 0..4_u32, any::<bool>()), 1..60),
        count in 1..20_usize,
    ) {
        // Each is logged on its day, or as history some days later.
        let mut files = vec![String::new(); 31];
        for (day, seq, later, is_even) in said {
            let first = line(day, 1, day * 10 + seq, if is_even { "even" } else { "odd" });
            let at = if later == 0 { first.said } else { moment(day + later, 0) };
            let arrival = if later == 0 { Arrival::InTime } else { Arrival::History };
            let line = HeardLine { arrival, ..first };
            files[(day + later) as usize] += &format!("{}\n", json!(object(&line, false, at)));
        }
        let days: Vec<String> = (0..31).map(|day| day.to_string()).collect();
        let files: Vec<(&str, &[u8])> =
            days.iter().zip(&files).filter(|(_, text)| !text.is_empty()).map(|(day, text)| (&**day, text.as_bytes())).collect();
        let folder = log(&files);
        for word in [None, Some("odd".to_owned())] {
            let rows = |count| {
                let query = Query { word: word.clone(), count, ..Query::default() };
                let (mut reader, mut rows) = (Reader::open(folder.path(), query).unwrap(), Vec::new());
                reader.read(&mut |_, line| { rows.push(line.to_owned()); Ok(()) }).unwrap();
                rows
            };
            let (all, last) = (rows(None), rows(Some(count)));
            prop_assert_eq!(&all[all.len().saturating_sub(count)..], &last[..]);
        }
    }
}
