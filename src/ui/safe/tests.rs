//! Every character by itself, the known tricks, the scripts that must stay whole, and random text.

use proptest::prelude::*;

use super::*;

fn text(said: &str) -> String {
    Safe::text(said).to_string()
}

fn name(name: &str) -> String {
    Safe::name(name, "7f3a").to_string()
}

fn every_char() -> impl Iterator<Item = char> {
    '\0'..=char::MAX
}

/// All that are shown as unknown are alike: one of them is enough, and takes a fraction of the time.
fn every_known_char_and_one_unknown() -> impl Iterator<Item = char> {
    every_char().filter(|c| Sort::of(*c) != Sort::Unknown).chain(['\u{e000}'])
}

/// Written down apart from [`is_invisible`], so that one that is forgotten there shows.
fn steers_or_hides(c: char) -> bool {
    let control = c.is_control();
    let separator = matches!(c, '\u{2028}' | '\u{2029}');
    let direction =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let zero_width = matches!(c, '\u{ad}' | '\u{34f}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
    let filler = matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}' | '\u{16fe4}');
    let annotation = matches!(c, '\u{fff9}'..='\u{fffb}');
    let selector = matches!(c, '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0d}' | '\u{e0100}'..='\u{e01ef}');
    let tag = matches!(c, '\u{e0000}'..='\u{e007f}');
    control || separator || direction || zero_width || filler || annotation || selector || tag
}

fn is_private_or_noncharacter(c: char) -> bool {
    let code = u32::from(c);
    matches!(code, 0xe000..=0xf8ff | 0xf_0000.. | 0xfdd0..=0xfdef) || code & 0xfffe == 0xfffe
}

fn bad_in_text(c: char) -> bool {
    c != '\n' && (steers_or_hides(c) || is_private_or_noncharacter(c))
}

fn bad_in_name(c: char) -> bool {
    let joiner_or_selector = matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}');
    let gap = c.is_whitespace() && c != ' ';
    steers_or_hides(c) || is_private_or_noncharacter(c) || joiner_or_selector || gap
}

#[test]
fn no_character_steers_or_hides_in_a_text() {
    for c in every_char() {
        let shown = text(&format!("a{c}b"));
        assert!(!shown.contains(bad_in_text), "{c:?} is shown as {shown:?}");
    }
    for c in every_known_char_and_one_unknown() {
        let shown = text(&format!("{c}中{c}文{c}{c} 👩\u{200d}{c}"));
        assert!(!shown.contains(bad_in_text), "{c:?} is shown as {shown:?}");
    }
}

#[test]
fn no_character_steers_or_hides_in_a_name() {
    for c in every_known_char_and_one_unknown() {
        let (alone, among) = (c.to_string(), format!("a{c}b 中{c}文"));
        for raw in [alone, among] {
            let shown = name(&raw);
            assert!(!shown.is_empty() && !shown.contains(bad_in_name), "{c:?} is shown as {shown:?}");
            assert!(shown == raw || name(&shown) == shown, "{c:?} is shown as {shown:?}");
        }
    }
}

#[test]
fn no_character_between_letters_is_lost_that_std_would_print() {
    // Blanks, and what Unicode says is to be ignored, though it is a mark or a letter.
    let is_removed = |c| {
        matches!(c, '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2800}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{fffc}' | '\u{13440}'..='\u{13442}' | '\u{16fe4}'
            | '\u{1d159}' | '\u{e0100}'..='\u{e01ef}')
    };
    for c in every_char().filter(|c| !is_removed(*c)) {
        let printed = c.escape_debug().count() <= 2 && !c.is_control();
        if printed || is_combining_mark(c) {
            assert_eq!(text(&format!("a{c}b")), format!("a{c}b"), "{c:?}");
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

#[test]
fn control_characters_become_visible() {
    assert_eq!(text("\u{1b}[31mred\u{7}"), "^[[31mred^G");
    assert_eq!(text("\0\u{7f}\u{80}\u{9b}1m\u{9f}"), "^@^?<80><9b>1m<9f>");
    assert_eq!(text("50 %\r100 %"), "50 %^M100 %");
    assert_eq!(text("a\tb\t\tc"), "a b  c");
    assert_eq!(name("\u{1b}]0;x\u{7}\t\r\n\u{85}\u{9b}"), "?]0;x??????");
}

#[test]
fn an_escape_that_removal_would_put_together_is_none() {
    assert_eq!(text("\u{1b}\u{200b}[2J"), "^[[2J");
    assert_eq!(text("\u{1b}\u{1b}[[2J2J\u{1b}]0;\u{1b}\\"), "^[^[[[2J2J^[]0;^[\\");
    assert_eq!(text("\u{202e}\u{1b}\u{2066}]52;c;\u{9c}"), "^[]52;c;<9c>");
}

#[test]
fn a_further_line_cannot_pose_as_another_speaker() {
    for line_end in ["\n", "\r\n", "\u{85}", "\u{2028}", "\u{2029}"] {
        let said = format!("hi{line_end}14:02 bob  hi{line_end}{line_end}");
        assert_eq!(text(&said), "hi\n    14:02 bob  hi", "{line_end:?}");
    }
    assert_eq!(text("a\n\n\u{301}b"), "a\n    \n    b");
    assert_eq!(text("a\n\u{200b}\n\u{301}"), "a");
}

#[test]
fn direction_controls_go_and_right_to_left_letters_stay() {
    let hebrew = "שָׁלוֹם עולם";
    let arabic = "مَرْحَبًا ۝ ١٢٣";
    let persian = "می\u{200c}خواهم";
    for said in [hebrew, arabic, persian] {
        assert_eq!(text(said), said);
    }
    assert_eq!(text(&format!("\u{202b}{hebrew}\u{202c}\u{200f}")), hebrew);
    assert_eq!(text("a\u{202e}b\u{2067}c\u{200e}d\u{61c}e"), "abcde");
    assert_eq!(name("\u{202e}נועה"), "נועה");
    assert_eq!(name("محمد"), "محمد");
}

#[test]
fn emoji_stay_whole_in_a_text() {
    for said in
        ["👩\u{200d}👩\u{200d}👧\u{200d}👦", "🏳\u{fe0f}\u{200d}🌈", "👁\u{fe0f}\u{200d}🗨\u{fe0f}", "🏃🏽\u{200d}♀\u{fe0f}"]
    {
        assert_eq!(text(said), said);
        assert_eq!(Safe::text(said).as_str().graphemes(true).count(), 1, "{said}");
    }
    for said in ["🇨🇭🇯🇵", "1\u{fe0f}\u{20e3} #\u{fe0f}\u{20e3} *\u{fe0f}\u{20e3}", "❤\u{fe0f} ❤\u{fe0e}"]
    {
        assert_eq!(text(said), said);
    }
    assert_eq!(text("🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}"), "🏴");
    assert_eq!(name("👩\u{200d}👧 ❤\u{fe0f} 🇨🇭"), "👩👧 ❤ 🇨🇭");
}

#[test]
fn joiners_and_selectors_stay_only_where_they_do_something() {
    assert_eq!(text("a\u{200d}b a\u{200c}中 中\u{200d}a"), "ab a中 中a");
    assert_eq!(text("\u{200d}中\u{200d}"), "中");
    assert_eq!(text("中\u{200d}\u{200d}\u{200c}文"), "中\u{200c}文");
    assert_eq!(text("中\u{200d}\n文"), "中\n    文");
    assert_eq!(text("a\u{fe0f} \u{fe0f}\u{fe0e}"), "a ");
    assert_eq!(text("☺\u{fe0f}\u{fe0e}\u{fe0f}"), "☺\u{fe0f}");
    assert_eq!(text("中\u{200d}\u{fe0f}文"), "中\u{200d}文");
}

#[test]
fn scripts_stay_whole_in_texts_and_names() {
    for said in ["田中", "漢字かな交じり文", "한국어", "हिन्दी", "श्री\u{a0}राम", "ภาษาไทย น้ำ", "Việt Nam", "தமிழ்"]
    {
        assert_eq!(text(said), said);
    }
    for said in ["क्\u{200d}ष", "র\u{200d}্য", "ශ්\u{200d}රී", "全\u{3000}角", "\u{1112}\u{1161}\u{11ab}"]
    {
        assert_eq!(text(said), said);
    }
    for raw in ["田中", "한국어", "हिन्दी", "ภาษาไทย น้ำ", "Việt Nam", "தமிழ்", "Ω", "Zoë"]
    {
        assert_eq!(name(raw), raw);
    }
    assert_eq!(name("क्\u{200d}ष"), "क्ष");
}

#[test]
fn a_tower_of_marks_is_cut_down() {
    let tower = "\u{302}".repeat(1000);
    assert_eq!(text(&format!("o{tower}k")), format!("o{}k", "\u{302}".repeat(8)));
    assert_eq!(name(&format!("o{tower}k")), "ô\u{302}\u{302}k");
    assert_eq!(text(&format!("o{}", "\u{302}\u{200b}".repeat(1000))), format!("o{}", "\u{302}".repeat(8)));
    assert_eq!(text(&format!("é{}", "\u{302}\u{200d}\u{fe0f}".repeat(1000))).matches('\u{302}').count(), 8);
    assert_eq!(text(&format!("{tower}k")), "k");
    assert_eq!(name(&format!("x {tower}k")), "x k");
    assert_eq!(text(&format!("가{}", "\u{1161}".repeat(1000))).chars().count(), 9);
}

#[test]
fn what_nobody_has_assigned_is_shown_as_unknown() {
    assert_eq!(text("\u{e000}\u{f8ff}\u{fdd0}\u{ffff}\u{378}\u{10ffff}"), "\u{fffd}".repeat(6));
    assert_eq!(name("a\u{e000}\u{378}"), "a\u{fffd}\u{fffd}");
}

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
fn names_are_the_same_but_for_case() {
    for (a, b) in [
        ("Alice", "aLICE"),
        ("Zoe\u{308}", "ZOË"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("straße", "STRASSE"),
        ("ǰ", "J\u{30c}"),
        ("\u{390}", "\u{3aa}\u{301}"),
    ] {
        assert!(same_name(a, b), "{a} {b}");
    }
    assert!(same_name("al\u{200b}ice", " alice\u{fe0f} "));
    assert!(same_name(&("x".repeat(30) + "y"), &"X".repeat(31)));
    assert!(!same_name("alice", "alicia"));
    assert!(!same_name("\u{200b}", "\u{200b}"));
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

/// Text in which the characters that matter here stand close to each other.
fn nasty() -> impl Strategy<Value = String> {
    let tricks = "\0\t\n\r\u{1b}\u{7f}\u{85}\u{9b}\u{ad} \u{a0}\u{301}\u{308}\u{323}\u{345}\u{600}\u{93f}\u{94d}\
        \u{915}\u{1100}\u{1161}\u{11a8}\u{1160}\u{200b}\u{200c}\u{200d}\u{200e}\u{202e}\u{2028}\u{2067}\u{20e3}\
        \u{2800}\u{3000}\u{3164}\u{e000}\u{fe0e}\u{fe0f}\u{feff}\u{1f1e8}\u{1f3fd}\u{1f469}\u{e0067}\u{16d63}\
        \u{16d67}a1#eKé中";
    let trick = proptest::sample::select(tricks.chars().collect::<Vec<_>>());
    proptest::collection::vec(prop_oneof![4 => trick, 1 => any::<char>()], 0..120).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn a_text_is_harmless_and_bounded(said in nasty()) {
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
    fn a_name_is_harmless_bounded_and_stays_as_it_is(raw in nasty()) {
        let shown = name(&raw);
        prop_assert!(!shown.is_empty() && !shown.contains(bad_in_name), "{:?}", shown);
        prop_assert!(shown.len() <= 64 && shown.graphemes(true).count() <= 24, "{:?}", shown);
        prop_assert_eq!(shown.trim(), &shown);
        prop_assert!(!shown.contains("  "), "{:?}", shown);
        prop_assert_eq!(name(&shown), shown.clone());
        prop_assert!(unicode_normalization::is_nfc(&shown), "{:?}", shown);
    }

    #[test]
    fn a_name_is_the_same_in_any_case(raw in nasty()) {
        let shown = name(&raw);
        prop_assert!(same_name(&shown, &shown));
        prop_assert!(same_name(&shown, &raw) || shown == "7f3a");
        prop_assert_eq!(same_name(&raw, "alice"), same_name("ALICE", &raw));
    }

    #[test]
    fn plain_words_are_left_alone(words in "[a-zA-Z0-9 .,!?'\"äöüéñß中文かな]{0,200}") {
        prop_assert_eq!(text(&words), words);
    }
}

#[test]
fn an_excerpt_is_one_short_line() {
    let excerpt = |said: &str| Safe::excerpt(said, 8).to_string();
    assert_eq!(excerpt("12345678"), "12345678");
    assert_eq!(excerpt("123456789"), "1234567…");
    assert_eq!(excerpt("田中さんへ"), "田中さ…");
    assert_eq!(excerpt("first\n14:02 bob"), "first…");
    assert_eq!(excerpt("\n first"), "first");
    assert_eq!(excerpt("\u{1b}[2Jabcdefgh"), "^[[2Jab…");
    assert_eq!(excerpt(&"x".repeat(65_536)), "xxxxxxx…");
    assert_eq!(excerpt(""), "");
}

proptest! {
    #[test]
    fn an_excerpt_of_whatever_is_said_fits(said in any::<String>(), columns in 1_usize..40) {
        let shown = Safe::excerpt(&said, columns);
        prop_assert!(shown.width() <= columns && shown.as_str().lines().count() <= 1, "{shown:?}");
        prop_assert!(!shown.as_str().contains(bad_in_text), "{shown:?}");
    }
}
