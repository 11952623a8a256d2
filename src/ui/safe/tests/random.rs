//! Random text, in which what matters here stands close together.

use proptest::prelude::*;
use unicode_normalization::char::is_combining_mark;
use unicode_normalization::is_nfc;

use super::*;
use crate::ui::safe::sort::Sort;
use crate::ui::safe::spoken::TEXT_MARKS;

fn nasty() -> impl Strategy<Value = String> {
    let tricks = "\0\t\n\r\u{1b}\u{7f}\u{85}\u{9b}\u{ad} \u{a0}\u{301}\u{308}\u{323}\u{338}\u{345}\u{600}\u{93f}\u{94d}\
        \u{915}\u{1100}\u{1161}\u{11a8}\u{1160}\u{17d2}\u{17d8}\u{200b}\u{200c}\u{200d}\u{200e}\u{202e}\u{2028}\u{2067}\
        \u{20e3}\u{2800}\u{3000}\u{3164}\u{e000}\u{fe0e}\u{fe0f}\u{feff}\u{1f1e8}\u{1f3fd}\u{1f469}\u{e0067}\u{16d63}\
        \u{16d67}\u{ff03}\u{ff1d}\u{d4e}[]…→?*_a1#<eKé中";
    let trick = proptest::sample::select(tricks.chars().collect::<Vec<_>>());
    proptest::collection::vec(prop_oneof![4 => trick, 1 => any::<char>()], 0..120).prop_map(String::from_iter)
}

/// Of each kind of character, by Unicode's general category.
fn mixed() -> impl Strategy<Value = String> {
    "[\\p{Cc}\\p{Cf}\\p{Co}\\p{Cn}\\p{Zs}\\p{Zl}\\p{Zp}\\p{Mn}\\p{Mc}\\p{Me}\\p{L}\\p{N}\\p{P}\\p{S}]{0,80}"
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![nasty(), mixed()]
}

proptest! {
    #[test]
    fn a_text_is_harmless_and_bounded(said in any_text()) {
        let shown = text(&said);
        prop_assert!(!shown.contains(bad_in_text), "{:?}", shown);
        prop_assert!(shown.len() <= 5 * said.len());
        prop_assert!(shown.split('\n').skip(1).all(|line| line.starts_with("    ")), "{:?}", shown);
        prop_assert!(!shown.ends_with('\n'));
        let towers = shown.split(|c| Sort::of(c) == Sort::Plain);
        let marks = towers.map(|tower| tower.chars().filter(|c| is_combining_mark(*c)).count());
        prop_assert!(marks.max() <= Some(TEXT_MARKS), "{:?}", shown);
    }

    #[test]
    fn a_name_is_harmless_bounded_and_stays_as_it_is(raw in any_text()) {
        let shown = Safe::name(&raw, "7f3a");
        let (columns, shown) = (shown.width(), shown.to_string());
        prop_assert!(!shown.is_empty() && !shown.contains(bad_in_name), "{:?}", shown);
        prop_assert!(shown.len() <= 64 && shown.graphemes(true).count() <= 24 && columns <= 48, "{:?}", shown);
        prop_assert_eq!(shown.trim(), &shown);
        prop_assert!(!shown.contains("  "), "{:?}", shown);
        prop_assert_eq!(name(&shown), shown.clone());
        prop_assert!(is_nfc(&shown), "{:?}", shown);
    }

    #[test]
    fn a_nick_is_harmless_bounded_and_stays_as_it_is(raw in any_text()) {
        let shown = Safe::nick(&raw, "7f3a");
        let (columns, shown) = (shown.width(), shown.to_string());
        prop_assert!(!shown.is_empty() && !shown.contains(bad_in_nick), "{:?}", shown);
        prop_assert!(shown.len() <= 64 && shown.graphemes(true).count() <= 24 && columns <= 48, "{:?}", shown);
        prop_assert!(shown.starts_with(|c: char| c == '_' || c.is_alphanumeric() || u32::from(c) >= 0x1f000), "{:?}", shown);
        prop_assert_eq!(nick(&shown), shown.clone());
        prop_assert!(is_nfc(&shown), "{:?}", shown);
    }

    #[test]
    fn a_nick_is_the_same_in_any_case(raw in any_text()) {
        let shown = nick(&raw);
        prop_assert!(same_name(&shown, &shown));
        prop_assert!(same_name(&shown, &raw) || shown == "7f3a");
        prop_assert_eq!(same_name(&raw, "alice"), same_name("ALICE", &raw));
    }

    #[test]
    fn plain_words_are_left_alone(words in "[a-zA-Z0-9 .,!?'\"äöüéñß中文かな]{0,200}") {
        prop_assert_eq!(text(&words), words);
    }

    #[test]
    fn an_excerpt_of_whatever_is_said_fits(said in any_text(), columns in 1_usize..40) {
        let shown = Safe::excerpt(&said, columns);
        prop_assert!(shown.width() <= columns && shown.as_str().lines().count() <= 1, "{shown:?}");
        prop_assert!(!shown.as_str().contains(bad_in_text), "{shown:?}");
    }
}
