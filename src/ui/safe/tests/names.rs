//! Names of anything: what is cut, what is joined, what is shown instead.

use super::*;

#[test]
fn a_name_of_which_nothing_can_be_seen_is_the_fallback() {
    for unseen in
        ["", " ", "\u{200b}\u{200d}\u{2060}\u{feff}", "\u{3164}", "\u{2800} \u{ad}", "\u{301}\u{3000}\u{fe0f}"]
    {
        assert_eq!(name(unseen), "7f3a", "{unseen:?}");
    }
    assert_eq!(Safe::name("\u{200b}", "\u{1b}[7m").as_str(), "?[7m");
    assert_eq!(Safe::name("\u{200b}", "\u{ad}").as_str(), "?");
}

#[test]
fn white_space_in_a_name_is_single_spaces_inside() {
    assert_eq!(name("  a \u{a0}\u{3000}\u{2028} b\u{200b} \u{2800} c  "), "a b c");
}

#[test]
fn a_name_is_normalised_after_what_is_invisible_is_gone() {
    assert_eq!(name("e\u{200b}\u{301}"), "é");
    assert_eq!(name("e\u{17d2}\u{301}"), "é");
    assert_eq!(name("\u{212b}ke"), "\u{c5}ke");
}

#[test]
fn a_long_name_is_cut_with_a_sign_of_it() {
    assert_eq!(name(&"x".repeat(24)), "x".repeat(24));
    assert_eq!(name(&"x".repeat(200)), "x".repeat(23) + "…");
    assert_eq!(name(&"中".repeat(21)), "中".repeat(21));
    assert_eq!(name(&"中".repeat(200)), "中".repeat(20) + "…");
    assert_eq!(name(&("x".repeat(22) + " yz")), "x".repeat(22) + "…");
    assert_eq!(name(&"🇨🇭".repeat(9)), "🇨🇭".repeat(7) + "…");
    // One grapheme of 66 bytes: nothing of it can be kept.
    assert_eq!(name(&"\u{1100}".repeat(22)), "7f3a");
}

#[test]
fn columns_are_counted_as_a_terminal_does() {
    assert_eq!(Safe::literal("bob").padded(6), "bob   ");
    assert_eq!(Safe::name("田中", "").width(), 4);
    assert_eq!(Safe::name("田中", "").padded(6), "田中  ");
    assert_eq!(Safe::name("田中", "").padded(3), "田中");
    assert_eq!(Safe::text("one\nthree").width(), 9);
    assert_eq!(Safe::text("").width(), 0);
}
