//! What the keyboard sends, key by key. A pure parser: it may be fed in pieces of any size, and needs no time.

use cooee::wire::Text;

/// Most bytes that are taken of a paste; twice what can be said, so that it can be told how much too long it is.
pub(super) const PASTE_MAX: usize = 2 * Text::MAX;
/// A sequence longer than this is none that we know; its rest is swallowed.
const SEQUENCE_MAX: usize = 32;
const PASTE_END: &[u8] = b"\x1b[201~";

/// A key, or something else that a terminal sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// Characters that are typed; no control characters among them.
    Text(String),
    Enter,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    WordLeft,
    WordRight,
    /// With a small letter.
    Ctrl(char),
    /// With a small letter, or whatever else the key types.
    Alt(char),
    AltBackspace,
    /// What was pasted, where the terminal marks that: its lines end in `\n`.
    Paste(Pasted),
    /// Whether the terminal has the focus.
    Focus(bool),
    /// An answer: where the cursor is, from 1.
    Cursor {
        column: usize,
    },
}

/// What was pasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pasted {
    pub(super) text: String,
    /// There was more than [`PASTE_MAX`].
    pub(super) is_cut: bool,
}

/// What has come so far of the next key.
#[derive(Debug, Default)]
pub(super) struct Keys {
    state: State,
    keys: Vec<Key>,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Between,
    /// The first bytes of a character that takes several, behind ESC or not.
    Character { bytes: Vec<u8>, len: usize, is_alt: bool },
    /// ESC.
    Escape,
    /// `ESC O`.
    Ss3,
    /// `ESC [`, and what has come behind it.
    Csi(Vec<u8>),
    /// `ESC [ [`, as the Linux console begins its function keys.
    Console,
    /// Between the two marks of a paste. So many bytes at its end may be those of the second mark.
    Paste { bytes: Vec<u8>, matched: usize, is_cut: bool },
}

impl Keys {
    /// Takes what the terminal has sent; gives the keys that are whole by now.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<Key> {
        bytes.iter().for_each(|byte| self.push(*byte));
        std::mem::take(&mut self.keys)
    }

    fn push(&mut self, byte: u8) {
        self.state = match std::mem::take(&mut self.state) {
            State::Between => self.begin(byte, false),
            State::Escape => match byte {
                b'[' => State::Csi(Vec::new()),
                b'O' => State::Ss3,
                0x1b => State::Escape,
                _ => self.begin(byte, true),
            },
            State::Character { bytes, len, is_alt } => self.go_on(bytes, len, is_alt, byte),
            State::Ss3 => match byte {
                0x1b => State::Escape,
                _ => self.emit(ss3(byte)),
            },
            State::Csi(bytes) => self.sequence(bytes, byte),
            // Whatever key it is, there is nothing that it does.
            State::Console => State::Between,
            State::Paste { bytes, matched, is_cut } => self.paste(bytes, matched, is_cut, byte),
        }
    }

    /// The first byte of a key, behind ESC or not.
    fn begin(&mut self, byte: u8, is_alt: bool) -> State {
        let len = match byte {
            0x1b => return State::Escape,
            b'\r' | b'\n' => return self.emit(Some(Key::Enter)),
            b'\t' => return self.emit(Some(Key::Tab)),
            0x08 | 0x7f if is_alt => return self.emit(Some(Key::AltBackspace)),
            0x7f => return self.emit(Some(Key::Backspace)),
            // Ctrl takes 64 off a capital letter.
            0x01..=0x1a => return self.emit(Some(Key::Ctrl(char::from(byte + 96)))),
            0x00..0x20 => return self.emit(Some(Key::Ctrl(char::from(byte + 64)))),
            0x20..0x80 => return self.character(char::from(byte), is_alt),
            0xc0..0xe0 => 2,
            0xe0..0xf0 => 3,
            0xf0..0xf8 => 4,
            _ => return self.character(char::REPLACEMENT_CHARACTER, is_alt),
        };
        State::Character { bytes: vec![byte], len, is_alt }
    }

    fn go_on(&mut self, mut bytes: Vec<u8>, len: usize, is_alt: bool, byte: u8) -> State {
        if byte & 0xc0 != 0x80 {
            self.character(char::REPLACEMENT_CHARACTER, is_alt);
            return self.begin(byte, false);
        }
        bytes.push(byte);
        if bytes.len() < len {
            return State::Character { bytes, len, is_alt };
        }
        let c = str::from_utf8(&bytes).ok().and_then(|text| text.chars().next());
        self.character(c.unwrap_or(char::REPLACEMENT_CHARACTER), is_alt)
    }

    fn character(&mut self, c: char, is_alt: bool) -> State {
        match self.keys.last_mut() {
            // C1: no key types it.
            _ if c.is_control() => {}
            _ if is_alt => self.keys.push(Key::Alt(c.to_ascii_lowercase())),
            Some(Key::Text(text)) => text.push(c),
            _ => self.keys.push(Key::Text(c.to_string())),
        }
        State::Between
    }

    fn sequence(&mut self, mut bytes: Vec<u8>, byte: u8) -> State {
        match byte {
            0x1b => State::Escape,
            b'[' if bytes.is_empty() => State::Console,
            b'~' if bytes == b"200" => State::Paste { bytes: Vec::new(), matched: 0, is_cut: false },
            0x40..=0x7e => self.emit(csi(&bytes, byte)),
            0x20..0x40 => {
                if bytes.len() < SEQUENCE_MAX {
                    bytes.push(byte);
                }
                State::Csi(bytes)
            }
            // It was broken off.
            _ => self.begin(byte, false),
        }
    }

    fn paste(&mut self, mut bytes: Vec<u8>, matched: usize, mut is_cut: bool, byte: u8) -> State {
        let matched = match byte {
            byte if PASTE_END.get(matched) == Some(&byte) => matched + 1,
            0x1b => 1,
            _ => 0,
        };
        if bytes.len() < PASTE_MAX + PASTE_END.len() {
            bytes.push(byte);
        } else {
            is_cut = true;
        }
        if matched < PASTE_END.len() {
            return State::Paste { bytes, matched, is_cut };
        }
        if !is_cut {
            bytes.truncate(bytes.len() - PASTE_END.len());
        }
        is_cut |= bytes.len() > PASTE_MAX;
        bytes.truncate(PASTE_MAX);
        let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n").replace('\r', "\n");
        self.emit(Some(Key::Paste(Pasted { text, is_cut })))
    }

    fn emit(&mut self, key: Option<Key>) -> State {
        self.keys.extend(key);
        State::Between
    }
}

/// The key that sends `ESC O` and this.
fn ss3(byte: u8) -> Option<Key> {
    match byte {
        // As rxvt has them with Ctrl.
        b'c' => Some(Key::WordRight),
        b'd' => Some(Key::WordLeft),
        b'M' => Some(Key::Enter),
        _ => csi(b"", byte).filter(|key| !matches!(key, Key::Focus(_) | Key::BackTab)),
    }
}

/// The key that sends `ESC [`, these parameters, and this; `None` for one that does nothing.
fn csi(parameters: &[u8], last: u8) -> Option<Key> {
    let mut numbers = parameters.split(|byte| *byte == b';').map(|number| str::from_utf8(number).ok()?.parse().ok());
    let (first, second): (Option<usize>, Option<usize>) = (numbers.next().flatten(), numbers.next().flatten());
    // 1 and the bits: 1 Shift, 2 Alt, 4 Ctrl.
    let is_by_word = second.is_some_and(|modifiers| modifiers.saturating_sub(1) & 6 != 0);
    Some(match (last, first) {
        (b'A', _) => Key::Up,
        (b'B', _) => Key::Down,
        (b'C', _) if is_by_word => Key::WordRight,
        (b'D', _) if is_by_word => Key::WordLeft,
        (b'C', _) => Key::Right,
        (b'D', _) => Key::Left,
        (b'H', _) | (b'~', Some(1 | 7)) => Key::Home,
        (b'F', _) | (b'~', Some(4 | 8)) => Key::End,
        (b'~', Some(3)) => Key::Delete,
        (b'Z', _) => Key::BackTab,
        (b'I', None) => Key::Focus(true),
        (b'O', None) => Key::Focus(false),
        (b'R', Some(_)) => Key::Cursor { column: second? },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys(bytes: &[u8]) -> Vec<Key> {
        Keys::default().feed(bytes)
    }

    fn text(text: &str) -> Key {
        Key::Text(text.to_owned())
    }

    fn paste(text: &str) -> Key {
        Key::Paste(Pasted { text: text.to_owned(), is_cut: false })
    }

    #[test]
    fn what_keys_send() {
        assert_eq!(keys("hé田\r".as_bytes()), [text("hé田"), Key::Enter]);
        assert_eq!(keys(b"\x01\x1f\x7f\x08\t"), {
            [Key::Ctrl('a'), Key::Ctrl('_'), Key::Backspace, Key::Ctrl('h'), Key::Tab]
        });
        assert_eq!(keys(b"\x1b[A\x1bOB\x1b[1;5C\x1b[1;3D\x1b[D"), {
            [Key::Up, Key::Down, Key::WordRight, Key::WordLeft, Key::Left]
        });
        assert_eq!(
            keys(b"\x1b[3~\x1b[H\x1b[4~\x1bOF\x1b[Z"),
            [Key::Delete, Key::Home, Key::End, Key::End, Key::BackTab]
        );
        assert_eq!(keys("\x1bb\x1bB\x1bé\x1b\x7f\x1b\x1bf".as_bytes()), {
            [Key::Alt('b'), Key::Alt('b'), Key::Alt('é'), Key::AltBackspace, Key::Alt('f')]
        });
        assert_eq!(keys(b"\x1b[I\x1b[O\x1b[5;17R"), [Key::Focus(true), Key::Focus(false), Key::Cursor { column: 17 }]);
    }

    #[test]
    fn what_is_not_known_is_swallowed_whole() {
        assert_eq!(keys(b"a\x1b[?1;2cb\x1b[[Ac\x1b[15~d\x1bOPe"), [text("abcde")]);
        let long = [b"\x1b[".to_vec(), b"1;".repeat(500), b"ux".to_vec()].concat();
        assert_eq!(keys(&long), [text("x")]);
        assert_eq!(keys(b"\x1b[1\rx"), [Key::Enter, text("x")], "it was broken off");
        assert_eq!(keys(b"\xff\xc3(\xe7\x94 \xc2\x9b"), [text("\u{fffd}\u{fffd}(\u{fffd} ")]);
    }

    #[test]
    fn a_paste_is_one_key() {
        assert_eq!(keys(b"\x1b[200~one\rtwo\r\n\x1b[A\x03\x1b[201~x"), [paste("one\ntwo\n\u{1b}[A\u{3}"), text("x")]);
        assert_eq!(keys(b"\x1b[200~\x1b[20\x1b[201~"), [paste("\u{1b}[20")]);
        let pasted = |len: usize| match &keys(&[b"\x1b[200~", &b"x".repeat(len)[..], b"\x1b[201~y"].concat())[..] {
            [Key::Paste(pasted), Key::Text(after)] => (pasted.text.len(), pasted.is_cut, after.clone()),
            other => panic!("{} keys", other.len()),
        };
        assert_eq!(pasted(PASTE_MAX), (PASTE_MAX, false, "y".to_owned()));
        assert_eq!(pasted(PASTE_MAX + 1), (PASTE_MAX, true, "y".to_owned()));
        assert_eq!(pasted(10 * PASTE_MAX), (PASTE_MAX, true, "y".to_owned()));
    }

    /// The same, with text that is in pieces joined.
    fn joined(keys: Vec<Key>) -> Vec<Key> {
        keys.into_iter().fold(Vec::new(), |mut joined, key| {
            match (joined.last_mut(), key) {
                (Some(Key::Text(text)), Key::Text(more)) => text.push_str(&more),
                (_, key) => joined.push(key),
            }
            joined
        })
    }

    proptest! {
        #[test]
        fn it_does_not_matter_in_what_pieces_they_come(
            parts in proptest::collection::vec(prop_oneof![
                "[ -~é田]{0,3}".prop_map(String::into_bytes),
                "\u{1b}[\\[O]?[0-9;]{0,4}[~A-Za-z]".prop_map(String::into_bytes),
                "\u{1b}\\[200~[a-z\r\n\u{1b}\\[]{0,9}\u{1b}\\[201~".prop_map(String::into_bytes),
                proptest::collection::vec(any::<u8>(), 0..6),
            ], 0..12),
        ) {
            let bytes = parts.concat();
            let whole = joined(keys(&bytes));
            let mut one_by_one = Keys::default();
            prop_assert_eq!(&joined(bytes.iter().flat_map(|byte| one_by_one.feed(&[*byte])).collect()), &whole);
            for at in 0..=bytes.len() {
                let mut halves = Keys::default();
                let split = [halves.feed(&bytes[..at]), halves.feed(&bytes[at..])].concat();
                prop_assert_eq!(&joined(split), &whole, "split at {}", at);
            }
        }
    }
}
