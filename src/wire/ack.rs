//! The datagram that tells an author how far he was heard.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::numbers::{Epoch, PeerId};
use super::{Error, Run, Seq};

/// "I have your lines up to this one."
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ack {
    /// Whose lines.
    pub author: Run,
    /// Up to which one they were shown.
    pub up_to: Seq,
    /// How many of these were not to be had and are given up.
    pub lost: u32,
}

#[derive(Serialize, Deserialize)]
struct Body {
    peer: u64,
    epoch: u32,
    up_to: u32,
    lost: u32,
}

impl Ack {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let (body, rest) = postcard::take_from_bytes::<Body>(bytes)?;
        if !rest.is_empty() {
            return Err(Error::TrailingBytes);
        }
        Ok(Self {
            author: Run { peer: PeerId(body.peer), epoch: Epoch(body.epoch) },
            up_to: Seq::new(body.up_to).ok_or(Error::Seq)?,
            lost: body.lost,
        })
    }

    pub(super) fn encode(self, out: &mut Vec<u8>) {
        let Self { author, up_to, lost } = self;
        let body = Body { peer: author.peer.0, epoch: author.epoch.0, up_to: up_to.number(), lost };
        super::packet::append(&body, out);
    }
}
