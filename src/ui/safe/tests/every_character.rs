//! Each of Unicode's 1,112,064 characters, by itself and among others.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{is_combining_mark, is_public_assigned};
use unicode_width::UnicodeWidthChar;

use super::*;

/// What kind of character it is, as far as can be told without asking the gate: by Unicode's general category, and for
/// what draws nothing by the lists above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    /// Cc.
    Control,
    /// Zl, Zp.
    LineEnd,
    /// Zs.
    Space,
    /// Most of Cf, and what else draws nothing.
    Unseen,
    /// Cn, Co.
    Unknown,
    /// M, and the letters that are written above, below or into the one before.
    Mark,
    /// L, N.
    Letter,
    /// P, S, and the few of Cf that are drawn.
    Sign,
}

fn group(c: char) -> Group {
    match c {
        _ if c.is_control() => Group::Control,
        '\u{2028}' | '\u{2029}' => Group::LineEnd,
        _ if c.is_whitespace() => Group::Space,
        _ if is_default_ignorable(c) || is_blank(c) => Group::Unseen,
        _ if !is_public_assigned(c) => Group::Unknown,
        _ if is_combining_mark(c) || c.width() == Some(0) => Group::Mark,
        _ if c.is_alphanumeric() => Group::Letter,
        _ => Group::Sign,
    }
}

fn every_char() -> impl Iterator<Item = char> {
    '\0'..=char::MAX
}

/// All of a group.
fn every(wanted: Group) -> impl Iterator<Item = char> {
    static GROUPED: LazyLock<[Vec<char>; 8]> = LazyLock::new(|| {
        let mut groups = <[Vec<char>; 8]>::default();
        every_char().for_each(|c| groups[group(c) as usize].push(c));
        groups
    });
    GROUPED[wanted as usize].iter().copied()
}

/// All but letters and what nobody knows; of those, which are a million and alike, one in a hundred.
fn one_of_each() -> impl Iterator<Item = char> {
    let few = [Group::Control, Group::LineEnd, Group::Space, Group::Unseen, Group::Mark, Group::Sign];
    let many = [Group::Letter, Group::Unknown];
    few.into_iter().flat_map(every).chain(many.into_iter().flat_map(|group| every(group).step_by(97)))
}

fn nfc(text: &str) -> String {
    text.nfc().collect()
}

#[test]
fn each_is_in_a_group_of_which_none_steers_or_hides_that_stays() {
    use Group::{Control, Letter, LineEnd, Mark, Sign, Space, Unknown, Unseen};
    let counts = [Control, LineEnd, Space, Unseen, Unknown, Mark, Letter, Sign].map(|group| every(group).count());
    for group in [Space, Mark, Letter, Sign] {
        assert_eq!(every(group).find(|c| steers_or_hides(*c)), None, "of {group:?}");
    }
    assert_eq!(counts.iter().sum::<usize>(), 1_112_064);
    let least = [65, 2, 17, 4_000, 800_000, 2_500, 140_000, 7_000];
    assert!(counts.iter().zip(least).all(|(count, least)| *count >= least), "{counts:?}");
}

#[test]
fn none_steers_or_hides_among_others() {
    for c in one_of_each() {
        let shown = text(&format!("{c}中{c}文{c}{c} 👩\u{200d}{c}"));
        assert!(!shown.contains(bad_in_text), "{c:?} is shown as {shown:?}");
        let raw = format!("{c}a{c}b {c}{c}中{c}文");
        let [name, nick] = [name(&raw), nick(&raw)];
        assert!(!name.contains(bad_in_name), "{c:?} is shown as {name:?}");
        assert!(!nick.contains(bad_in_nick), "{c:?} is shown as {nick:?}");
    }
}

#[test]
fn what_is_shown_of_a_name_is_shown_as_it_is() {
    for c in one_of_each() {
        let raw = format!("#{c}a{c}b {c}क{c}ع{c}가{c}か{c}😀{c}");
        let [as_name, as_nick] = [name(&raw), nick(&raw)];
        assert_eq!([name(&as_name), nick(&as_nick)], [as_name, as_nick.clone()], "{c:?}");
        assert!(same_name(&raw, &as_nick), "{c:?} is shown as {as_nick:?}");
    }
}

#[test]
fn controls_become_visible() {
    for c in every(Group::Control).filter(|c| !matches!(c, '\t' | '\n' | '\u{85}')) {
        let shown = text(&c.to_string());
        assert!(shown.len() >= 2 && shown.chars().all(|c| c.is_ascii_graphic()), "{c:?} is shown as {shown:?}");
        assert_eq!(text(&format!("a{c}b")), format!("a{shown}b"));
    }
    for c in every(Group::Control) {
        assert_eq!([name(&c.to_string()), nick(&c.to_string())], ["?", "_"], "{c:?}");
        assert_eq!([name(&format!("a{c}b")), nick(&format!("a{c}b"))], ["a?b", "a?b"], "{c:?}");
    }
}

#[test]
fn line_ends_indent_what_follows_and_spaces_stay_in_texts_alone() {
    for c in every(Group::LineEnd).chain(['\n', '\u{85}']) {
        assert_eq!([text(&c.to_string()), text(&format!("a{c}b"))], ["", "a\n    b"], "{c:?}");
    }
    for c in every(Group::Space) {
        assert_eq!([text(&c.to_string()), text(&format!("a{c}b"))], [c.to_string(), format!("a{c}b")], "{c:?}");
    }
    for c in every(Group::LineEnd).chain(every(Group::Space)) {
        assert_eq!([name(&c.to_string()), name(&format!("a{c}b"))], ["7f3a", "a b"], "{c:?}");
        assert_eq!([nick(&c.to_string()), nick(&format!("a{c}b"))], ["7f3a", "a_b"], "{c:?}");
    }
}

#[test]
fn what_draws_nothing_goes() {
    for c in every(Group::Unseen) {
        let between = format!("a{c}b");
        assert_eq!([text(&c.to_string()), name(&c.to_string()), nick(&c.to_string())], ["", "7f3a", "7f3a"], "{c:?}");
        assert_eq!([text(&between), name(&between), nick(&between)], ["ab"; 3], "{c:?}");
    }
}

#[test]
fn what_nobody_knows_is_shown_as_unknown() {
    // Ten at a time, as there are so many.
    let unknown: Vec<char> = every(Group::Unknown).collect();
    for ten in unknown.chunks(10) {
        let raw: String = ten.iter().flat_map(|c| ['a', *c]).collect();
        assert_eq!([text(&raw), nick(&raw)], [(); 2].map(|()| "a\u{fffd}".repeat(ten.len())), "{ten:?}");
    }
    assert_eq!([text("\u{e000}"), name("\u{e000}"), nick("\u{e000}")], ["\u{fffd}", "\u{fffd}", "_"]);
}

#[test]
fn marks_stay_where_they_have_a_base() {
    for c in every(Group::Mark) {
        let between = format!("a{c}b");
        assert_eq!([text(&c.to_string()), text(&between)], ["", &between], "{c:?}");
        assert_eq!([name(&c.to_string()), nick(&c.to_string())], ["7f3a", "7f3a"], "{c:?}");
        let [name, nick] = [name(&between), nick(&between)];
        assert!(name == nfc(&between) || name == "ab", "{c:?} is shown as {name:?}");
        assert_eq!(nick, name, "{c:?}");
    }
}

#[test]
fn letters_and_digits_stay() {
    for c in every(Group::Letter) {
        for raw in [c.to_string(), format!("a{c}b")] {
            assert_eq!([text(&raw), name(&raw), nick(&raw)], [raw.clone(), nfc(&raw), nfc(&raw)], "{c:?}");
        }
    }
}

#[test]
fn signs_stay_but_not_in_front_of_a_nick() {
    for c in every(Group::Sign) {
        let (alone, between) = (c.to_string(), format!("a{c}b"));
        assert_eq!([text(&alone), text(&between)], [alone.clone(), between.clone()], "{c:?}");
        assert_eq!([name(&alone), name(&between)], [nfc(&alone), nfc(&between)], "{c:?}");
        let shown = nick(&alone);
        assert!(shown == "_" || shown == alone && u32::from(c) >= 0x1f000, "{c:?} is shown as {shown:?}");
        let shown = nick(&between);
        let narrow = shown.len() == 3 && shown == between.nfkc().collect::<String>();
        assert!(shown == nfc(&between) || narrow || shown == "a_b", "{c:?} is shown as {shown:?}");
    }
}

#[test]
fn none_makes_two_nicks_that_look_alike() {
    // Accents and the like are small, but can be seen.
    let is_accent = |c: char| {
        matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20ff}' | '\u{2cef}'..='\u{2cf1}' | '\u{2de0}'..='\u{2dff}' | '\u{302a}'..='\u{302f}'
            | '\u{3099}'..='\u{309a}' | '\u{a66f}'..='\u{a69f}' | '\u{fe20}'..='\u{fe2f}')
    };
    for (before, behind) in [("al", "ice"), ("", "Алиса"), ("Алиса", ""), ("田", "中"), ("🦊", "")] {
        let plain = Safe::nick(&format!("{before}{behind}"), "");
        for c in one_of_each() {
            let shown = Safe::nick(&format!("{before}{c}{behind}"), "");
            let is_seen = shown.width() > plain.width() || shown.as_str().nfd().any(is_accent);
            assert!(shown == plain || is_seen, "{c:?} is not seen in {shown:?}");
        }
    }
}

#[test]
fn what_std_would_escape_and_takes_no_column_is_a_mark_or_a_sign() {
    // They stand above the digits behind them, or above the word.
    let is_sign = |c| matches!(c, '\u{605}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}');
    for c in every_char().filter(|c| c.escape_unicode().eq(c.escape_debug()) && c.width() == Some(0)) {
        let shown = text(&format!("a{c}b"));
        assert!(is_combining_mark(c) || is_sign(c) || !shown.contains(c), "{c:?} is shown as {shown:?}");
    }
}
