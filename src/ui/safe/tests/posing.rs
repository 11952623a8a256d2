//! Lines of the chat, as somebody reads them who knows how the program writes: whatever others choose for a nick and
//! say, there is one way to read it.

use cooee::node::{Arrival, Departure, HeardLine, LinkId, Peer};
use cooee::time::UnixMillis;
use cooee::wire::{Nick, Seq, Text};
use proptest::prelude::*;

use super::*;
use crate::ui::look::Look;
use crate::ui::sample::{peer, run};
use crate::ui::settings::LookSettings;

/// What a reader takes a line for.
#[derive(Debug, PartialEq, Eq)]
enum Reading {
    Said { by: String, text: String },
    Done { by: String, text: String },
    Told(String),
}

const LOOK: Look = Look { colored: false, settings: LookSettings::DEFAULT };
const NOW: UnixMillis = UnixMillis(1_795_442_580_000);

/// Reads as a person does, from the left: the time, with what the program marks it with; then one of the program's
/// marks and a blank, or a nick, which is one word.
fn read(line: &str) -> Reading {
    let rest = ["late ", "earlier "].into_iter().find_map(|mark| line.strip_prefix(mark)).unwrap_or(line);
    let (time, rest) = rest.split_once(' ').unwrap();
    assert!(time.len() == 5 && time.bytes().all(|c| matches!(c, b'0'..=b'9' | b':')), "{line}");
    let word_and_rest = |words: &str| {
        let (by, rest) = words.split_once(' ').unwrap_or((words, ""));
        (by.to_owned(), rest.to_owned())
    };
    let (mark, words) = word_and_rest(rest);
    if ["→", "←", "!"].contains(&&*mark) {
        return Reading::Told(words);
    }
    let (by, text) = word_and_rest(if mark == "*" { &words } else { rest });
    if mark == "*" {
        Reading::Done { by, text }
    } else {
        Reading::Said { by, text: text.trim_start_matches(' ').to_owned() }
    }
}

fn line(nick: &str, text: &str, action: bool, arrival: Arrival) -> String {
    let line = HeardLine {
        author: run(0xb0b),
        signer: None,
        nick: Nick::new(nick.to_owned()).unwrap(),
        seq: Seq::FIRST,
        action,
        text: Text::new(text.to_owned()).unwrap(),
        said: NOW,
        arrival,
        link: LinkId(1),
        from: ([192, 0, 2, 7], 26634).into(),
    };
    LOOK.line(&line, &Safe::nick(nick, "?"), NOW)
}

fn said(nick: &str, text: &str) -> String {
    line(nick, text, false, Arrival::InTime)[6..].to_owned()
}

fn named(nick: &str) -> Peer {
    let mut peer = peer(0xb0b, "x");
    peer.profile.nick = Nick::new(nick.to_owned()).unwrap();
    peer
}

#[test]
fn what_the_program_writes_is_read_as_it_is_meant() {
    let told = |line: &str| matches!(read(line), Reading::Told(_));
    assert!(told(&LOOK.joined(&named("dave"), &Safe::nick("dave", "?"), NOW)));
    assert!(told(&LOOK.left(&Safe::nick("dave", "?"), Departure::Goodbye, NOW)));
    assert!(told(&LOOK.warning("3 lines were lost", NOW)));
    let by_bob = |text: &str| (String::from("bob"), String::from(text));
    let (by, text) = by_bob("waves");
    assert_eq!(read(&line("bob", "waves", true, Arrival::Late)), Reading::Done { by, text });
    let (by, text) = by_bob("lunch at noon?");
    assert_eq!(read(&line("bob", "lunch at noon?", false, Arrival::InTime)), Reading::Said { by, text });
}

#[test]
fn no_nick_poses_as_words_of_the_program() {
    assert_eq!(said("santiago yes:", "no"), "santiago_yes: no");
    assert_eq!(said("→ dave is here (laptop, 192.0.2.7)", "hi"), "__dave_is_here_(laptop,… hi");
    assert_eq!(said("← dave", "left"), "__dave   left");
    assert_eq!(said("!", "3 lines were lost"), "_        3 lines were lost");
    assert_eq!(said("! 3 lines", "were lost"), "__3_lines were lost");
    assert_eq!(said("*", "bob waves"), "_        bob waves");
    assert_eq!(said("＊ bob", "waves"), "__bob    waves");
    assert_eq!(said("[alice]", "rm -rf"), "_alice]  rm -rf");
    assert_eq!(said("?alice", "it is me"), "_alice   it is me");
    assert_eq!(said("alice#7f3a", "it is me"), "alice_7f3a it is me");
    assert_eq!(said("➜\u{a0}dave", "is here"), "__dave   is here");
    assert_eq!(
        LOOK.joined(&named("x"), &Safe::nick("dave is here → eve", "?"), NOW)[6..],
        *"→ dave_is_here_→_eve is here (192.0.2.7)"
    );
}

#[test]
fn a_time_or_a_mark_of_time_is_harmless_as_a_nick() {
    // The program's own stand in front of it, where there is nothing that a stranger chooses.
    let time = &LOOK.warning("", NOW)[..5];
    let shown = |nick: &str, arrival| line(nick, "bob      hi", false, arrival);
    assert_eq!(shown("13:37", Arrival::InTime), format!("{time} 13:37    bob      hi"));
    assert_eq!(shown("late", Arrival::InTime), format!("{time} late     bob      hi"));
    assert_eq!(shown("earlier 13:37", Arrival::InTime), format!("{time} earlier_13:37 bob      hi"));
    assert_eq!(shown("late", Arrival::Late), format!("late {time} late     bob      hi"));
    assert_eq!(shown("bob", Arrival::History), format!("earlier {time} bob      bob      hi"));
    for nick in ["13:37", "late", "earlier 13:37"] {
        let by = Safe::nick(nick, "").to_string();
        assert_eq!(read(&shown(nick, Arrival::InTime)), Reading::Said { by, text: "bob      hi".to_owned() });
    }
}

#[test]
fn no_further_line_begins_where_a_line_of_the_chat_does() {
    for line_end in ["\n", "\r\n", "\u{85}", "\u{2028}", "\u{2029}", "\n\u{200b}\n", "\r\u{85}"] {
        for fake in ["13:37 carol    yes", "→ dave is here", "late 13:37 carol    yes", "[alice] yes", "! lost"] {
            let shown = line("bob", &format!("hi{line_end}{fake}"), false, Arrival::InTime);
            assert!(shown.lines().skip(1).all(|line| line.starts_with("    ")), "{shown}");
            assert_eq!(shown.lines().last(), Some(&*format!("    {fake}")), "{line_end:?}");
        }
    }
    // These end no line, but are seen.
    for (no_line_end, seen) in [("\r", "^M"), ("\u{b}", "^K"), ("\u{c}", "^L"), ("\u{1c}", "^\\"), ("\u{84}", "<84>")] {
        assert_eq!(
            said("bob", &format!("hi{no_line_end}13:37 carol    yes")),
            format!("bob      hi{seen}13:37 carol    yes")
        );
    }
}

/// Words of the program, and what stands between them, put together at random.
fn posing() -> impl Strategy<Value = String> {
    let words = "→|←|!|*|?|#|[|]|_|(|: |, | |  |\u{a0}|\u{3000}|\u{200b}|\u{202e}|，|＊|？|bob|dave|is here|left|\
        was lost|14:02|late |earlier |alice#7f3a|?alice|santiago|\u{301}|田中|🦊|א";
    let word = proptest::sample::select(words.split('|').collect::<Vec<_>>());
    proptest::collection::vec(word, 1..8).prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn there_is_one_way_to_read_a_line(nick in posing(), text in posing(), late in any::<bool>()) {
        prop_assume!(nick.len() <= Nick::MAX);
        let (by, arrival) = (Safe::nick(&nick, "?").to_string(), if late { Arrival::Late } else { Arrival::InTime });
        let shown = Safe::text(&text).to_string();
        let text_read = shown.trim_start_matches(' ').to_owned();
        prop_assert_eq!(read(&line(&nick, &text, false, arrival)), Reading::Said { by: by.clone(), text: text_read });
        prop_assert_eq!(read(&line(&nick, &text, true, arrival)), Reading::Done { by: by.clone(), text: shown });
        let here = format!("{by} is here (192.0.2.7)");
        prop_assert_eq!(read(&LOOK.joined(&named(&nick), &Safe::nick(&nick, "?"), NOW)), Reading::Told(here));
        let left = format!("{by} left");
        prop_assert_eq!(read(&LOOK.left(&Safe::nick(&nick, "?"), Departure::Goodbye, NOW)), Reading::Told(left));
    }
}
