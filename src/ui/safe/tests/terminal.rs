//! What a terminal makes of what the gate lets through: letters, in their place, and nothing else.

use proptest::prelude::*;
use unicode_width::UnicodeWidthChar;

use super::*;

/// Counts what a terminal is asked for beside letters: bells, titles, the clipboard, another size, what it does not
/// know.
#[derive(Default)]
struct Requests(Vec<&'static str>);

impl vt100::Callbacks for Requests {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.0.push("a bell");
    }
    fn visual_bell(&mut self, _: &mut vt100::Screen) {
        self.0.push("a bell to be seen");
    }
    fn resize(&mut self, _: &mut vt100::Screen, _: (u16, u16)) {
        self.0.push("another size");
    }
    fn set_window_icon_name(&mut self, _: &mut vt100::Screen, _: &[u8]) {
        self.0.push("an icon's name");
    }
    fn set_window_title(&mut self, _: &mut vt100::Screen, _: &[u8]) {
        self.0.push("a title");
    }
    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], _: &[u8]) {
        self.0.push("to copy");
    }
    fn paste_from_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8]) {
        self.0.push("to paste");
    }
    fn unhandled_char(&mut self, _: &mut vt100::Screen, _: char) {
        self.0.push("an unknown character");
    }
    fn unhandled_control(&mut self, _: &mut vt100::Screen, _: u8) {
        self.0.push("an unknown control");
    }
    fn unhandled_escape(&mut self, _: &mut vt100::Screen, _: Option<u8>, _: Option<u8>, _: u8) {
        self.0.push("an unknown escape");
    }
    fn unhandled_csi(&mut self, _: &mut vt100::Screen, _: Option<u8>, _: Option<u8>, _: &[&[u16]], _: char) {
        self.0.push("an unknown CSI");
    }
    fn unhandled_osc(&mut self, _: &mut vt100::Screen, _: &[&[u8]]) {
        self.0.push("an unknown OSC");
    }
}

/// Shows a text on a terminal that stands otherwise than it does at first, so that a reset would be seen too; gives
/// what the text changed, where it is not the letters and the cursor behind them.
fn changed(shown: &str) -> Result<vt100::Screen, String> {
    let width = |line: &str| line.chars().filter_map(UnicodeWidthChar::width).sum();
    let widths: Vec<usize> = shown.split('\n').map(width).collect();
    let (row, size) = (1 + shown.matches('\n').count(), |count: usize| u16::try_from(count).unwrap());
    let (rows, columns) = (size(row + 3), size(widths.iter().max().unwrap_or(&0) + 4));
    let mut terminal = vt100::Parser::new_with_callbacks(rows, columns, 0, Requests::default());
    terminal.process(b"\x1b[1;4;32;45m\x1b[?2004h\x1b[?1h\x1b[?25l\x1b[2;3H");
    let before = terminal.screen().clone();
    // A terminal is given the ends of lines so, and the emulator takes what is shown as unknown for an error of its own.
    terminal.process(shown.replace('\n', "\r\n").replace('\u{fffd}', "?").as_bytes());
    let requests = &terminal.callbacks().0;
    let after = terminal.screen();
    let begin = if shown.contains('\n') { 0 } else { 2 };
    let place = (size(row), size(begin + widths.last().unwrap_or(&0)));
    let checks = [
        (requests.is_empty(), format!("asks for {requests:?}")),
        (after.attributes_formatted() == before.attributes_formatted(), "colours".to_owned()),
        (after.input_mode_formatted() == before.input_mode_formatted(), "modes".to_owned()),
        (after.hide_cursor() && !after.alternate_screen() && after.size() == (rows, columns), "the screen".to_owned()),
        (after.cursor_position() == place, format!("the cursor is at {:?}, not {place:?}", after.cursor_position())),
    ];
    match checks.into_iter().find(|(holds, _)| !holds) {
        Some((_, what)) => Err(what),
        None => Ok(after.clone()),
    }
}

/// What steers terminals, of every form: in 7 and in 8 bits, ended and not ended.
const SEQUENCES: [&str; 44] = [
    "\u{1b}[31m",
    "\u{1b}[2J\u{1b}[H",
    "\u{1b}[A\u{1b}[2K",
    "\u{1b}[1;1r",
    "\u{1b}[6n",
    "\u{1b}[c",
    "\u{1b}[?1049h",
    "\u{1b}[?25h",
    "\u{1b}[8;1;1t",
    "\u{1b}[21t",
    "\u{1b}[200~",
    "\u{1b}]0;title\u{7}",
    "\u{1b}]2;title\u{1b}\\",
    "\u{1b}]4;1;rgb:ff/00/00\u{7}",
    "\u{1b}]8;;http://192.0.2.1/\u{1b}\\here\u{1b}]8;;\u{1b}\\",
    "\u{1b}]52;c;Y3VybCBldmls\u{7}",
    "\u{1b}]52;c;?\u{7}",
    "\u{1b}]1337;File=inline=1:AAAA\u{7}",
    "\u{1b}P$q\"p\u{1b}\\",
    "\u{1b}Pq#0;2;0;0;0~\u{1b}\\",
    "\u{1b}_Ga=T;AAAA\u{1b}\\",
    "\u{1b}^private\u{1b}\\",
    "\u{1b}Xstring\u{1b}\\",
    "\u{1b}c",
    "\u{1b}7\u{1b}8",
    "\u{1b}M",
    "\u{1b}D",
    "\u{1b}E",
    "\u{1b}#8",
    "\u{1b}(0",
    "\u{1b}=",
    "\u{1b}g",
    "\u{1b}",
    "\u{1b}[",
    "\u{1b}]0;not ended",
    "\u{9b}31m",
    "\u{9d}0;title\u{9c}",
    "\u{90}$q\"p\u{9c}",
    "\u{9f}Ga=T;AAAA\u{9c}",
    "\u{9e}private\u{9c}",
    "\u{98}string\u{9c}",
    "\u{84}\u{85}\u{8d}",
    "\u{e}lqqk\u{f}",
    "\u{5}\u{7}\u{8}\u{8}\u{b}\u{c}\r\u{18}\u{1a}\u{7f}",
];

#[test]
fn the_emulator_sees_what_steers_it() {
    for raw in
        ["\u{1b}[31m", "\u{1b}[A", "\u{1b}]0;x\u{7}", "\u{1b}c", "\u{7}", "\r", "\u{1b}[?25h", "\u{8}", "\u{1b}g"]
    {
        assert!(changed(&format!("abc{raw}")).is_err(), "{raw:?}");
    }
    assert!(changed("abc\n    déf 田中").is_ok());
}

#[test]
fn no_sequence_steers_a_terminal() {
    for raw in SEQUENCES {
        // Alone, within itself, over two lines, and with what is removed between its characters.
        let within = |middle: &str| raw.chars().map(|c| format!("{c}{middle}")).collect::<String>();
        let forms = [
            raw.to_owned(),
            within(raw),
            within("\n"),
            within("\r\n"),
            within("\u{200b}"),
            within("\u{202e}\u{ad}"),
            within("\u{200d}"),
        ];
        for said in forms {
            let shown = text(&said);
            assert!(!shown.contains(bad_in_text), "{said:?} is shown as {shown:?}");
            assert_eq!(changed(&shown).err(), None, "{said:?} is shown as {shown:?}");
            for shown in [name(&said), nick(&said), Safe::excerpt(&said, 24).to_string()] {
                assert_eq!(changed(&shown).err(), None, "{said:?} is shown as {shown:?}");
            }
        }
    }
}

#[test]
fn an_escape_that_removal_would_put_together_is_none() {
    assert_eq!(text("\u{1b}\u{200b}[2J"), "^[[2J");
    assert_eq!(text("\u{1b}\u{1b}[[2J2J\u{1b}]0;\u{1b}\\"), "^[^[[[2J2J^[]0;^[\\");
    assert_eq!(text("\u{202e}\u{1b}\u{2066}]52;c;\u{9c}"), "^[]52;c;<9c>");
    assert_eq!(text("\u{1b}\n[2J"), "^[\n    [2J");
    assert_eq!(text("\u{1b}\u{9b}31m\u{c2}\u{9b}31m"), "^[<9b>31mÂ<9b>31m");
}

#[test]
fn a_tower_of_marks_takes_one_column() {
    let screen = changed(&text(&format!("o{}k", "\u{302}\u{323}".repeat(500)))).unwrap();
    assert_eq!(screen.cursor_position(), (1, 4));
    assert_eq!(screen.rows(0, 80).filter(|row| !row.is_empty()).count(), 1);
}

fn steering() -> impl Strategy<Value = String> {
    let sequence = proptest::sample::select(SEQUENCES.to_vec()).prop_map(str::to_owned);
    let begun =
        (proptest::sample::select(SEQUENCES.to_vec()), any::<proptest::sample::Index>()).prop_map(|(raw, end)| {
            let end = end.index(raw.chars().count() + 1);
            raw.chars().take(end).collect()
        });
    let other = "[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Mn}\\p{L}a-z0-9;\\[\\]]{0,6}";
    proptest::collection::vec(prop_oneof![sequence, begun, other], 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn whatever_is_said_steers_no_terminal(said in steering()) {
        for shown in [text(&said), name(&said), nick(&said), Safe::excerpt(&said, 40).to_string()] {
            prop_assert_eq!(changed(&shown).err(), None, "{:?} is shown as {:?}", said, shown);
        }
    }
}
