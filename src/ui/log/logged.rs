//! What stands on a line of the log. Anybody may have written it: it is parsed whole, or not understood.

use std::borrow::Cow;
use std::fmt::Display;

use cooee::node::Arrival;
use cooee::time::UnixMillis;
use cooee::trust::Fingerprint;
use cooee::wire::{Epoch, PeerId, Run, Seq, SeqRange};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::ui::timestamp::parse_rfc3339;

/// An object of the log; what `listen --json` prints makes the same.
#[derive(Debug)]
pub(crate) enum Logged<'a> {
    /// Something was said.
    Line(LoggedLine<'a>),
    /// Lines were lost.
    Gap(LoggedGap),
}

/// A line that was logged.
#[derive(Debug, Deserialize)]
pub(crate) struct LoggedLine<'a> {
    #[serde(rename = "type")]
    _type: TypeLine,
    /// When it came.
    #[serde(deserialize_with = "time")]
    pub(crate) time: UnixMillis,
    #[serde(deserialize_with = "peer")]
    peer: PeerId,
    #[serde(deserialize_with = "epoch")]
    epoch: Epoch,
    #[serde(borrow)]
    pub(crate) nick: Cow<'a, str>,
    #[serde(deserialize_with = "seq")]
    pub(crate) seq: Seq,
    #[serde(borrow)]
    pub(crate) text: Cow<'a, str>,
    pub(crate) action: bool,
    pub(crate) private: bool,
    #[serde(deserialize_with = "time")]
    said: UnixMillis,
    late: bool,
    history: bool,
    #[serde(deserialize_with = "fingerprint")]
    pub(crate) fingerprint: Option<Fingerprint>,
    /// The nick of the one to whom it was said alone, from here.
    #[serde(borrow, default)]
    pub(crate) to: Option<Cow<'a, str>>,
    #[serde(deserialize_with = "fingerprint", default)]
    pub(crate) to_fingerprint: Option<Fingerprint>,
}

/// Lost lines that were logged.
#[derive(Debug, Deserialize)]
#[serde(try_from = "GapKeys")]
pub(crate) struct LoggedGap {
    /// When it was known.
    pub(crate) time: UnixMillis,
    pub(crate) author: Run,
    pub(crate) nick: Option<String>,
    pub(crate) range: SeqRange,
    pub(crate) fingerprint: Option<Fingerprint>,
}

impl<'a> Logged<'a> {
    /// Reads a line of the log; `None` where it is not understood. Keys that it does not know are passed over.
    pub(crate) fn parse(line: &'a str) -> Option<Self> {
        // What is no line is known by its type, which comes first where it is one of ours.
        let as_line = serde_json::from_str(line).map(Self::Line);
        as_line.or_else(|_| serde_json::from_str(line).map(Self::Gap)).ok()
    }

    /// When it came.
    pub(crate) const fn time(&self) -> UnixMillis {
        match self {
            Self::Line(line) => line.time,
            Self::Gap(gap) => gap.time,
        }
    }

    /// The moment that is shown with it: of what came long after it was said, when that was.
    pub(crate) fn moment(&self) -> UnixMillis {
        match self {
            Self::Line(line) if line.arrival() != Arrival::InTime => line.said(),
            Self::Line(_) | Self::Gap(_) => self.time(),
        }
    }

    /// Whether a word, made by [`caseless`](crate::ui::safe::caseless), stands in the text or in a nick.
    pub(crate) fn has(&self, word: &str) -> bool {
        let has = |words: &str| crate::ui::safe::caseless(words).contains(word);
        match self {
            Self::Line(line) => has(&line.text) || has(&line.nick) || line.to.as_deref().is_some_and(has),
            Self::Gap(gap) => gap.nick.as_deref().is_some_and(has),
        }
    }
}

impl LoggedLine<'_> {
    /// Who said it.
    pub(crate) const fn author(&self) -> Run {
        Run { peer: self.peer, epoch: self.epoch }
    }

    /// When it was said.
    pub(crate) fn said(&self) -> UnixMillis {
        self.said.min(self.time)
    }

    /// How it came.
    pub(crate) const fn arrival(&self) -> Arrival {
        match (self.history, self.late) {
            (true, _) => Arrival::History,
            (_, true) => Arrival::Late,
            _ => Arrival::InTime,
        }
    }
}

/// The type of a line.
#[derive(Debug, Deserialize)]
enum TypeLine {
    #[serde(rename = "line")]
    Line,
}

/// The type of a gap.
#[derive(Debug, Deserialize)]
enum TypeGap {
    #[serde(rename = "gap")]
    Gap,
}

/// The keys of a gap.
#[derive(Deserialize)]
struct GapKeys {
    #[serde(rename = "type")]
    _type: TypeGap,
    #[serde(deserialize_with = "time")]
    time: UnixMillis,
    #[serde(deserialize_with = "peer")]
    peer: PeerId,
    #[serde(deserialize_with = "epoch")]
    epoch: Epoch,
    nick: Option<String>,
    #[serde(deserialize_with = "seq")]
    from: Seq,
    #[serde(deserialize_with = "seq")]
    to: Seq,
    #[serde(deserialize_with = "fingerprint")]
    fingerprint: Option<Fingerprint>,
}

impl TryFrom<GapKeys> for LoggedGap {
    type Error = &'static str;

    fn try_from(keys: GapKeys) -> Result<Self, &'static str> {
        let GapKeys { _type: _, time, peer, epoch, nick, from, to, fingerprint } = keys;
        let range = SeqRange::new(from, to).ok_or("it ends before it begins")?;
        Ok(Self { time, author: Run { peer, epoch }, nick, range, fingerprint })
    }
}

/// A text that is read by `parse`.
fn text<'de, D: Deserializer<'de>, T>(from: D, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, D::Error> {
    let text = Cow::<str>::deserialize(from)?;
    parse(&text).ok_or_else(|| D::Error::custom("it is not written as it should be"))
}

fn time<'de, D: Deserializer<'de>>(from: D) -> Result<UnixMillis, D::Error> {
    text(from, parse_rfc3339)
}

fn peer<'de, D: Deserializer<'de>>(from: D) -> Result<PeerId, D::Error> {
    text(from, |text| as_shown(PeerId(u64::from_str_radix(text, 16).ok()?), text))
}

fn epoch<'de, D: Deserializer<'de>>(from: D) -> Result<Epoch, D::Error> {
    text(from, |text| as_shown(Epoch(u32::from_str_radix(text, 16).ok()?), text))
}

/// One number, one way to write it.
fn as_shown<T: Display>(number: T, text: &str) -> Option<T> {
    (number.to_string() == text).then_some(number)
}

fn seq<'de, D: Deserializer<'de>>(from: D) -> Result<Seq, D::Error> {
    Seq::new(u32::deserialize(from)?).ok_or_else(|| D::Error::custom("lines are numbered from 1"))
}

fn fingerprint<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Fingerprint>, D::Error> {
    let text = Option::<Cow<str>>::deserialize(from)?;
    text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
}
