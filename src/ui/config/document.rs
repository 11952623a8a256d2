//! The text of the file: which settings stand in it, and where.

use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::key::Key;
use crate::ui::safe::Safe;

/// So many settings that there are not are told of one by one.
const UNKNOWN_MAX: usize = 8;

/// A place in a text, counted from 1; columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Position {
    /// The place of a byte. What ends inside a character is taken for the beginning of it.
    pub(super) fn of(text: &str, byte: usize) -> Self {
        let before = (0..=byte).rev().find_map(|end| text.get(..end)).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        Self { line: before.matches('\n').count() + 1, column: before[start..].chars().count() + 1 }
    }
}

/// What is wrong with the text, and where: `line 3, column 8, nick: the nick is empty`. One line, safe to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub(super) position: Option<Position>,
    pub(super) key: Option<Key>,
    pub(super) words: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Position { line, column }) = self.position {
            write!(f, "line {line}, column {column}")?;
        }
        if let Some(key) = self.key {
            write!(f, ", {}", key.name())?;
        }
        write!(f, ": {}", self.words)
    }
}

/// The settings of a text.
#[derive(Debug, Default)]
pub(crate) struct Document<'t> {
    /// In the order of the text, none of them twice.
    pub(crate) entries: Vec<Entry<'t>>,
    /// What is passed over; of much, the beginning, and how much more there is.
    pub(crate) unknown: Vec<Mistake>,
}

/// A setting of a text.
#[derive(Debug)]
pub(crate) struct Entry<'t> {
    pub(crate) key: Key,
    /// Where its value begins.
    pub(crate) position: Position,
    text: &'t str,
    value: DeValue<'t>,
}

impl<'t> Document<'t> {
    /// Reads a text.
    ///
    /// # Errors
    /// When it is not TOML, or a passphrase stands in it.
    pub(crate) fn parse(text: &'t str) -> Result<Self, Mistake> {
        let table = DeTable::parse(text).map_err(|error| not_toml(text, error.message(), error.span()))?;
        let mut pairs: Vec<_> = table.into_inner().into_iter().collect();
        pairs.sort_by_key(|(name, _)| name.span().start);
        let mut document = Self::default();
        let mut more = 0;
        for (name, value) in pairs {
            let position = Position::of(text, value.span().start);
            match Key::named(name.get_ref()) {
                Some(key) => document.entries.push(Entry { key, position, text, value: value.into_inner() }),
                // Passed over, it would leave a room open that somebody means to be sealed.
                None if name.get_ref() == "passphrase" => return Err(passphrase(text, &name)),
                None if document.unknown.len() == UNKNOWN_MAX => more += 1,
                None => document.unknown.push(unknown(text, &name, value.get_ref())),
            }
        }
        if more > 0 {
            let words = format!("{more} more settings that there are not are passed over");
            document.unknown.push(Mistake { position: None, key: None, words });
        }
        Ok(document)
    }
}

impl Entry<'_> {
    /// Its value, which has to be true or false.
    pub(crate) fn boolean(&self) -> Result<bool, Mistake> {
        if let DeValue::Boolean(value) = self.value { Ok(value) } else { Err(self.misshapen()) }
    }

    /// Its value, which has to be a whole number that `T` can hold; `range` says which ones are meant.
    pub(crate) fn integer<T: TryFrom<i64>>(&self, range: &str) -> Result<T, Mistake> {
        let DeValue::Integer(number) = &self.value else { return Err(self.misshapen()) };
        let number = i64::from_str_radix(number.as_str(), number.radix()).ok();
        number.and_then(|number| number.try_into().ok()).ok_or_else(|| self.mistake(format!("not {range}")))
    }

    /// Its value, which has to be a string.
    pub(crate) fn string(&self) -> Result<&str, Mistake> {
        let DeValue::String(string) = &self.value else { return Err(self.misshapen()) };
        self.without_nul(string)
    }

    /// Its value, which has to be a list of strings.
    pub(crate) fn strings(&self) -> Result<Vec<String>, Mistake> {
        let DeValue::Array(items) = &self.value else { return Err(self.misshapen()) };
        let string = |item: &Spanned<DeValue<'_>>| match item.get_ref() {
            DeValue::String(string) => self.without_nul(string).map(str::to_owned),
            other => {
                let position = Some(Position::of(self.text, item.span().start));
                let words = format!("{}; an item of it is {}", self.expected(), kind(other));
                Err(Mistake { position, ..self.mistake(words) })
            }
        };
        items.iter().map(string).collect()
    }

    /// Whether it is a list, of whatever.
    pub(crate) const fn is_list(&self) -> bool {
        matches!(self.value, DeValue::Array(_))
    }

    /// Something that is wrong with the value.
    pub(crate) const fn mistake(&self, words: String) -> Mistake {
        Mistake { position: Some(self.position), key: Some(self.key), words }
    }

    fn misshapen(&self) -> Mistake {
        self.mistake(format!("{}; here it is {}", self.expected(), kind(&self.value)))
    }

    fn expected(&self) -> String {
        let key = self.key;
        format!("has to be {}, as in {} = {}", key.shape().words(), key.name(), key.example())
    }

    /// Neither a file nor a program can be told of what holds one.
    fn without_nul<'s>(&self, string: &'s str) -> Result<&'s str, Mistake> {
        if string.contains('\0') { Err(self.mistake("has a NUL character in it".to_owned())) } else { Ok(string) }
    }
}

/// What a value is, in words.
const fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(true) => "true",
        DeValue::Boolean(false) => "false",
        DeValue::Datetime(_) => "a date or a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn unknown(text: &str, name: &Spanned<impl AsRef<str>>, value: &DeValue<'_>) -> Mistake {
    let (typed, position) = (name.get_ref().as_ref(), Some(Position::of(text, name.span().start)));
    let shown = excerpt(typed);
    let words = match (value, Key::near(typed)) {
        (DeValue::Table(_), _) => format!("settings stand in no table; what stands in {shown} is passed over"),
        (_, Some(key)) => format!("there is no setting {shown}, which is passed over; did you mean {}?", key.name()),
        _ => format!("there is no setting {shown}, which is passed over; \"cooee config\" lists all that there are"),
    };
    Mistake { position, key: None, words }
}

fn passphrase(text: &str, name: &Spanned<impl AsRef<str>>) -> Mistake {
    let position = Some(Position::of(text, name.span().start));
    let words = "a passphrase does not stand among the settings, which others get to see; put it into a file of its own, \
                 and the path of that behind passphrase_file";
    Mistake { position, key: None, words: words.to_owned() }
}

fn not_toml(text: &str, message: &str, span: Option<Range<usize>>) -> Mistake {
    let twice = span.clone().filter(|_| message == "duplicate key").and_then(|span| text.get(span));
    let words = match twice {
        Some(name) => format!("{} stands here for the second time; take one of them out", excerpt(name)),
        None => format!("this is not TOML: {}; see \"cooee man cooee-config | man -l -\"", excerpt(message)),
    };
    Mistake { position: span.map(|span| Position::of(text, span.start)), key: None, words }
}

/// Something from the text, short and safe to be shown.
pub(super) fn excerpt(words: &str) -> Safe {
    const COLUMNS: usize = 100;
    Safe::excerpt(words, COLUMNS)
}
