//! The datagram that asks for lines that are missing.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::numbers::{Epoch, PeerId};
use super::{Error, Run, Seq, SeqRange};

/// "I lack these lines of that author": whoever holds some of them is asked for one datagram, the first in which
/// there are any. So an answer is never more than one datagram, however much is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nack {
    /// Everybody is asked, and the answer shall go to everybody; else only who gets it, and to who asks.
    pub to_all: bool,
    /// Whose lines.
    pub author: Run,
    /// Which ones.
    pub missing: SeqRange,
}

const FLAG_TO_ALL: u8 = 1 << 0;

#[derive(Serialize, Deserialize)]
struct Body {
    flags: u8,
    peer: u64,
    epoch: u32,
    first: u32,
    last: u32,
}

impl Nack {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let (body, rest) = postcard::take_from_bytes::<Body>(bytes)?;
        if !rest.is_empty() {
            return Err(Error::TrailingBytes);
        }
        let range = Seq::new(body.first).zip(Seq::new(body.last)).and_then(|(first, last)| SeqRange::new(first, last));
        Ok(Self {
            to_all: body.flags & FLAG_TO_ALL != 0,
            author: Run { peer: PeerId(body.peer), epoch: Epoch(body.epoch) },
            missing: range.ok_or(Error::Range)?,
        })
    }

    pub(super) fn encode(self, out: &mut Vec<u8>) {
        let body = Body {
            flags: if self.to_all { FLAG_TO_ALL } else { 0 },
            peer: self.author.peer.0,
            epoch: self.author.epoch.0,
            first: self.missing.first().number(),
            last: self.missing.last().number(),
        };
        super::packet::append(&body, out);
    }
}
