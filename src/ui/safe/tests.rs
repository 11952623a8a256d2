//! The gate under attack: every character by itself, the known tricks, the scripts that must stay whole, random text,
//! and what a terminal makes of all that.

mod every_character;
mod names;
mod nicks;
mod posing;
mod random;
mod terminal;
mod texts;

use super::*;

fn text(said: &str) -> String {
    Safe::text(said).to_string()
}

fn name(name: &str) -> String {
    Safe::name(name, "7f3a").to_string()
}

fn nick(nick: &str) -> String {
    Safe::nick(nick, "7f3a").to_string()
}

/// Unicode's Default_Ignorable_Code_Point, line by line of DerivedCoreProperties.txt. Written down apart from the gate,
/// so that one that is forgotten there shows.
fn is_default_ignorable(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// What is assigned, is not white space, is not to be ignored, and still draws nothing: braille and a note without
/// dots, what lays out hieroglyphs, marks for annotations and objects, a Khitan filler.
fn is_blank(c: char) -> bool {
    matches!(c, '\u{2800}' | '\u{fff9}'..='\u{fffc}' | '\u{13430}'..='\u{13442}' | '\u{16fe4}' | '\u{1d159}')
}

/// Unicode's Bidi_Control, of PropList.txt.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_private_or_noncharacter(c: char) -> bool {
    let code = u32::from(c);
    matches!(code, 0xe000..=0xf8ff | 0xf_0000.. | 0xfdd0..=0xfdef) || code & 0xfffe == 0xfffe
}

fn is_joiner_or_selector(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}')
}

fn steers_or_hides(c: char) -> bool {
    let hides = is_default_ignorable(c) && !is_joiner_or_selector(c) || is_blank(c) || is_private_or_noncharacter(c);
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') || turns_direction(c) || hides
}

fn bad_in_text(c: char) -> bool {
    c != '\n' && steers_or_hides(c)
}

fn bad_in_name(c: char) -> bool {
    steers_or_hides(c) || is_joiner_or_selector(c) || c.is_whitespace() && c != ' '
}

fn bad_in_nick(c: char) -> bool {
    bad_in_name(c) || matches!(c, ' ' | '#')
}
