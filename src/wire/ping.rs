//! The datagrams by which a round trip is measured.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::numbers::{Epoch, PeerId};
use super::{Error, Run};

/// "Are you there?", to one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ping {
    /// Who is asked; all others pass it over.
    pub reader: Run,
    /// By which way it is sent, and its pong shall come.
    pub way: PingWay,
    /// What its pong names.
    pub token: PingToken,
}

/// "I am", to the run that has asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pong {
    /// Who has asked.
    pub reader: Run,
    /// By which way it was asked, and this is sent.
    pub way: PingWay,
    /// The token of the ping.
    pub token: PingToken,
}

/// By which way a ping goes, and its pong comes back. Where the one gets through, the other need not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PingWay {
    /// To the address of the one who is meant.
    Unicast,
    /// To everybody, by every link.
    Broadcast,
}

/// Drawn at random for each ping: a pong that names it can not have been written before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PingToken(pub u64);

const FLAG_TO_ALL: u8 = 1 << 0;

/// Ping and pong lie the same on the wire; their kinds tell them apart.
#[derive(Serialize, Deserialize)]
struct Body {
    flags: u8,
    peer: u64,
    epoch: u32,
    token: u64,
}

impl Ping {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let (reader, way, token) = parse(bytes)?;
        Ok(Self { reader, way, token })
    }

    pub(super) fn encode(self, out: &mut Vec<u8>) {
        encode(self.reader, self.way, self.token, out);
    }

    /// The answer to it, for whoever has sent it.
    pub const fn pong(self, sender: Run) -> Pong {
        Pong { reader: sender, way: self.way, token: self.token }
    }
}

impl Pong {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let (reader, way, token) = parse(bytes)?;
        Ok(Self { reader, way, token })
    }

    pub(super) fn encode(self, out: &mut Vec<u8>) {
        encode(self.reader, self.way, self.token, out);
    }
}

fn parse(bytes: &[u8]) -> Result<(Run, PingWay, PingToken), Error> {
    let (body, rest) = postcard::take_from_bytes::<Body>(bytes)?;
    if !rest.is_empty() {
        return Err(Error::TrailingBytes);
    }
    let reader = Run { peer: PeerId(body.peer), epoch: Epoch(body.epoch) };
    let way = if body.flags & FLAG_TO_ALL == 0 { PingWay::Unicast } else { PingWay::Broadcast };
    Ok((reader, way, PingToken(body.token)))
}

fn encode(reader: Run, way: PingWay, token: PingToken, out: &mut Vec<u8>) {
    let flags = match way {
        PingWay::Unicast => 0,
        PingWay::Broadcast => FLAG_TO_ALL,
    };
    super::packet::append(&Body { flags, peer: reader.peer.0, epoch: reader.epoch.0, token: token.0 }, out);
}
