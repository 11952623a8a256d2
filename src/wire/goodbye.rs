//! The datagram of a run that leaves.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{Error, Seq};

/// "I leave": whoever hears it takes the run off its table at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goodbye {
    /// The last line that the run said; `None` when it said none.
    pub last_seq: Option<Seq>,
}

#[derive(Serialize, Deserialize)]
struct Body {
    last_seq: u32,
}

impl Goodbye {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let (body, rest) = postcard::take_from_bytes::<Body>(bytes)?;
        if !rest.is_empty() {
            return Err(Error::TrailingBytes);
        }
        Ok(Self { last_seq: Seq::new(body.last_seq) })
    }

    pub(super) fn encode(self, out: &mut Vec<u8>) {
        super::packet::append(&Body { last_seq: self.last_seq.map_or(0, Seq::number) }, out);
    }
}
