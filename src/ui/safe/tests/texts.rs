//! What somebody says: the known tricks, and the scripts that must stay whole.

use super::*;

#[test]
fn control_characters_become_visible() {
    assert_eq!(text("\u{1b}[31mred\u{7}"), "^[[31mred^G");
    assert_eq!(text("\0\u{7f}\u{80}\u{9b}1m\u{9f}"), "^@^?<80><9b>1m<9f>");
    assert_eq!(text("50 %\r100 %"), "50 %^M100 %");
    assert_eq!(text("a\tb\t\tc"), "a b  c");
    assert_eq!(name("\u{1b}]0;x\u{7}\t\r\n\u{85}\u{9b}"), "?]0;x??????");
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
