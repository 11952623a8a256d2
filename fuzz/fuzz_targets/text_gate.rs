//! Whatever others say and are called, what the gate shows of it steers no terminal, hides nothing and has an end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use unicode_normalization::is_nfc;
use unicode_segmentation::UnicodeSegmentation;

use self::ui::safe::{Safe, same_name};

/// The gate itself, as it is in the program. The rest of what it is part of is not needed.
#[path = "../../src/ui"]
mod ui {
    #[allow(dead_code, reason = "the program uses more of it")]
    pub(crate) mod safe;
}

fuzz_target!(|bytes: &[u8]| {
    let said = String::from_utf8_lossy(bytes);
    check_text(&said);
    check_name(&said);
    check_nick(&said);
    let (one, other) = said.split_at(said.floor_char_boundary(said.len() / 2));
    assert_eq!(same_name(one, other), same_name(other, one));
});

fn check_text(said: &str) {
    let shown = Safe::text(said);
    let text = shown.as_str();
    assert!(text.len() <= 5 * said.len(), "{} bytes of {}", text.len(), said.len());
    assert!(!text.chars().any(|c| c != '\n' && steers_or_hides(c)), "{text:?}");
    assert!(text.split('\n').skip(1).all(|line| line.starts_with("    ")), "{text:?}");
    assert!(!text.ends_with('\n'), "{text:?}");
    for columns in [1, 10, 40] {
        let excerpt = Safe::excerpt(said, columns);
        assert!(excerpt.width() <= columns && !excerpt.as_str().contains('\n'), "{excerpt:?}");
        assert!(!excerpt.as_str().chars().any(steers_or_hides), "{excerpt:?}");
    }
}

fn check_name(name: &str) {
    let shown = Safe::name(name, "7f3a");
    check_short(&shown);
    assert!(!shown.as_str().chars().any(|c| c.is_whitespace() && c != ' '), "{shown:?}");
    assert!(shown.as_str().trim() == shown.as_str() && !shown.as_str().contains("  "), "{shown:?}");
    assert_eq!(Safe::name(shown.as_str(), "7f3a"), shown);
}

fn check_nick(nick: &str) {
    let shown = Safe::nick(nick, "7f3a");
    check_short(&shown);
    assert!(!shown.as_str().chars().any(|c| c.is_whitespace() || c == '#'), "{shown:?}");
    let begins = |c: char| c == '_' || c.is_alphanumeric() || c >= '\u{1f000}';
    assert!(shown.as_str().starts_with(begins), "{shown:?}");
    assert_eq!(Safe::nick(shown.as_str(), "7f3a"), shown);
    assert!(same_name(nick, shown.as_str()) || shown.as_str() == "7f3a", "{shown:?}");
}

fn check_short(shown: &Safe) {
    let name = shown.as_str();
    assert!(!name.is_empty() && name.len() <= 64 && shown.width() <= 48, "{name:?}");
    assert!(name.graphemes(true).count() <= 24, "{name:?}");
    assert!(!name.chars().any(|c| steers_or_hides(c) || is_joiner_or_selector(c)), "{name:?}");
    assert!(is_nfc(name), "{name:?}");
}

/// Controls, separators, and Unicode's Default_Ignorable_Code_Point but for what may stay in a text. The controls of
/// direction are among these.
fn steers_or_hides(c: char) -> bool {
    let is_ignorable = matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}');
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') || is_ignorable && !is_joiner_or_selector(c)
}

fn is_joiner_or_selector(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}')
}
