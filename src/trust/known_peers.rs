//! The keys of others that were met, as a text that a file keeps and that people can read.
//!
//! A line for each key and each nick that it was met with:
//!
//! ```text
//! 7f3a-91c2-0d55-6e1b-aa04-93fe-1c20-b7d8 2026-11-20T09:16:02Z verified,ignored alice
//! ```
//!
//! The text only ever grows: what the last line of a key says of it counts. So several programs can write to one file
//! at once, as long as each writes a line in one go.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use super::Fingerprint;

/// What is remembered of the keys of others: of at most [`KEYS_MAX`](Self::KEYS_MAX).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownPeers {
    peers: BTreeMap<Fingerprint, KnownPeer>,
    /// Lines that are no keys: comments, and what was not understood.
    others: Vec<Vec<u8>>,
    /// Lines of keys in the text.
    lines: usize,
    /// There are keys in the text for which there was no room here.
    overflows: bool,
}

/// What is remembered of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPeer {
    /// When it was met first.
    pub since: Since,
    /// What the user marked it as.
    pub marks: Marks,
    nicks: Vec<String>,
}

/// What a user marked a key as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Its owner is known to be who he says.
    pub verified: bool,
    /// Nothing of it is to be shown.
    pub ignored: bool,
}

/// A moment as it stands in the text: RFC 3339 in UTC, in whole seconds. Earlier ones are less.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Since([u8; 20]);

/// What came of noting a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Noted {
    /// All of it is known.
    Known,
    /// It is new; this line is to be added to the text.
    New(String),
    /// There is no room for it.
    Full,
}

impl KnownPeers {
    /// The line with which a text begins.
    pub const COMMENT: &str = "# Keys that cooee has met: fingerprint, since when, what you marked it as, nick.\n";
    /// Most keys; those that have been known for longest stay.
    pub const KEYS_MAX: usize = 4096;
    /// Most nicks of a key; those that it was met with first stay.
    pub const NICKS_MAX: usize = 8;
    /// Most bytes of a nick, as on the wire.
    const NICK_MAX: usize = 64;
    /// Lines that may be there in vain before it is worth while to make the text anew.
    const VAIN_MAX: usize = 64;

    /// Reads a text; gives also the numbers, from 1, of the lines that are neither a key nor a comment.
    pub fn parse(text: &[u8]) -> (Self, Vec<usize>) {
        let (mut known, mut bad) = (Self::default(), Vec::new());
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        for (number, whole) in (1..).zip(text.split(|byte| *byte == b'\n')) {
            let line = whole.strip_suffix(b"\r").unwrap_or(whole);
            if let Some((fingerprint, since, marks, nick)) = core::str::from_utf8(line).ok().and_then(parse_line) {
                known.lines += 1;
                known.take(fingerprint, since, marks, nick);
            } else if !line.is_empty() {
                if !line.starts_with(b"#") {
                    bad.push(number);
                }
                if line != Self::COMMENT.trim_end().as_bytes() {
                    known.others.push(whole.to_vec());
                }
            }
        }
        (known, bad)
    }

    /// What is remembered of a key.
    pub fn peer(&self, fingerprint: Fingerprint) -> Option<&KnownPeer> {
        self.peers.get(&fingerprint)
    }

    /// All keys.
    pub fn iter(&self) -> impl Iterator<Item = (Fingerprint, &KnownPeer)> {
        self.peers.iter().map(|(fingerprint, peer)| (*fingerprint, peer))
    }

    /// Notes that a key is met that goes by this nick. A nick that is no line, or one too many, is passed over.
    pub fn note(&mut self, fingerprint: Fingerprint, nick: &str, now: Since) -> Noted {
        let peer = self.peers.get(&fingerprint);
        if !is_nick(nick) || peer.is_some_and(|peer| peer.has(nick) || peer.nicks.len() >= Self::NICKS_MAX) {
            return Noted::Known;
        }
        let (since, marks) = peer.map_or((now, Marks::default()), |peer| (peer.since, peer.marks));
        if peer.is_none() && self.peers.len() >= Self::KEYS_MAX {
            return Noted::Full;
        }
        self.lines += 1;
        self.take(fingerprint, since, marks, nick);
        Noted::New(line(fingerprint, since, marks, nick))
    }

    /// Marks a key; the line that is to be added to the text. `None` where the key is not known, or marked so already.
    pub fn mark(&mut self, fingerprint: Fingerprint, marks: Marks) -> Option<String> {
        let peer = self.peers.get_mut(&fingerprint).filter(|peer| peer.marks != marks)?;
        peer.marks = marks;
        self.lines += 1;
        Some(line(fingerprint, peer.since, marks, peer.nicks.last()?))
    }

    /// Whether the text has far more lines than it needs, and can be made anew without losing anything.
    pub fn is_worth_rewriting(&self) -> bool {
        let needed: usize = self.peers.values().map(|peer| peer.nicks.len()).sum();
        !self.overflows && self.lines > 2 * needed + Self::VAIN_MAX
    }

    /// The text, with no line in vain. What was not understood stays as it is, at the beginning.
    pub fn to_text(&self) -> Vec<u8> {
        let mut text = Self::COMMENT.as_bytes().to_vec();
        for other in &self.others {
            text.extend_from_slice(other);
            text.push(b'\n');
        }
        let mut peers: Vec<_> = self.peers.iter().collect();
        // Whoever reads it when it is full takes the first.
        peers.sort_by_key(|(fingerprint, peer)| (peer.since, **fingerprint));
        for (fingerprint, peer) in peers {
            for nick in &peer.nicks {
                text.extend_from_slice(line(*fingerprint, peer.since, peer.marks, nick).as_bytes());
            }
        }
        text
    }

    fn take(&mut self, fingerprint: Fingerprint, since: Since, marks: Marks, nick: &str) {
        if let Some(peer) = self.peers.get_mut(&fingerprint) {
            peer.since = peer.since.min(since);
            peer.marks = marks;
            if !peer.has(nick) && peer.nicks.len() < Self::NICKS_MAX {
                peer.nicks.push(nick.to_string());
            }
        } else if self.peers.len() < Self::KEYS_MAX {
            self.peers.insert(fingerprint, KnownPeer { since, marks, nicks: Vec::from([nick.to_string()]) });
        } else {
            self.overflows = true;
        }
    }
}

impl KnownPeer {
    /// The nicks that the key was met with, at least one.
    pub fn nicks(&self) -> impl ExactSizeIterator<Item = &str> {
        self.nicks.iter().map(String::as_str)
    }

    /// Whether it was met with exactly this nick.
    pub fn has(&self, nick: &str) -> bool {
        self.nicks.iter().any(|known| known == nick)
    }
}

fn is_nick(nick: &str) -> bool {
    !nick.is_empty() && nick.len() <= KnownPeers::NICK_MAX && !nick.contains(char::is_control)
}

/// The nick stands last, and nothing of it is changed: it may hold spaces.
fn line(fingerprint: Fingerprint, since: Since, marks: Marks, nick: &str) -> String {
    format!("{fingerprint} {since} {marks} {nick}\n")
}

fn parse_line(line: &str) -> Option<(Fingerprint, Since, Marks, &str)> {
    let mut words = line.splitn(4, ' ');
    let mut word = || words.next();
    let (fingerprint, since, marks, nick) = (word()?, word()?, word()?, word()?);
    let (fingerprint, since, marks) = (fingerprint.parse().ok()?, since.parse().ok()?, marks.parse().ok()?);
    is_nick(nick).then_some((fingerprint, since, marks, nick))
}

impl fmt::Display for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.verified, self.ignored) {
            (false, false) => "-",
            (true, false) => "verified",
            (false, true) => "ignored",
            (true, true) => "verified,ignored",
        })
    }
}

impl FromStr for Marks {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut marks = Self::default();
        if text == "-" {
            return Ok(marks);
        }
        for mark in text.split(',') {
            match mark {
                "verified" => marks.verified = true,
                "ignored" => marks.ignored = true,
                _ => return Err(()),
            }
        }
        Ok(marks)
    }
}

impl Since {
    /// Its date: `2026-11-20`.
    pub fn date(&self) -> &str {
        &self.as_str()[..10]
    }

    fn as_str(&self) -> &str {
        // It is ASCII: nothing else is taken.
        core::str::from_utf8(&self.0).unwrap_or("0000-00-00T00:00:00Z")
    }
}

impl FromStr for Since {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let bytes: [u8; 20] = text.as_bytes().try_into().map_err(|_| ())?;
        let fits = |(byte, form): (&u8, &u8)| if *form == b'0' { byte.is_ascii_digit() } else { byte == form };
        bytes.iter().zip(b"0000-00-00T00:00:00Z").all(fits).then_some(Self(bytes)).ok_or(())
    }
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Since({self})")
    }
}

#[cfg(test)]
mod tests;
