//! What can happen on a LAN, and how it is read from the bytes that a fuzzer makes up.
//!
//! Each step is a byte that says which, and fields of fixed size: so a fuzzer that changes a byte changes one thing,
//! and [`Step::write`] can write steps for it to begin with.

use arbitrary::{Arbitrary, Result, Unstructured};

/// What happens, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps(pub(crate) Vec<Step>);

/// Something that happens to a LAN. Hosts are numbered; a number that is too high goes around.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Starts a run; the one before on this host ends without a word. Of `manner`, bit 0 says that it is a visitor,
    /// bit 1 that it is the first host's installation, bit 2 that it is in another room, bit 3 that it signs nothing, bit
    /// 4 that its room is sealed, where all sign.
    Start { host: u8, manner: u8, history: u8 },
    /// Time passes, in which everybody does what is due. What is sent arrives at once; of this and of what is sent
    /// later, those get lost of which the bits of `lost` say so, one for each datagram and receiver, over and over.
    Pass { millis: u16, lost: u16 },
    /// Time passes, and nobody is woken: the machine has stood still.
    Stand { seconds: u16 },
    /// A run says something of so many bytes.
    Say { host: u8, action: bool, bytes: u16 },
    /// A run says something of so many bytes to the one on another host alone.
    Tell { from: u8, to: u8, bytes: u16 },
    /// A run goes by another name.
    Rename { host: u8, name: u8 },
    /// A run lets others know something else of itself.
    Describe { host: u8, status: u8 },
    /// A run asks which rooms there are.
    AskRooms { host: u8 },
    /// A run pings the one on another host.
    Ping { from: u8, to: u8, is_broadcast: bool },
    /// A run takes its leave.
    Leave { host: u8 },
    /// A run's links change: bits 0 and 1 say which there are, bit 2 that it has moved.
    Links { host: u8, which: u8 },
    /// A machine wakes, and its clock says so many hours after the beginning.
    Wake { host: u8, hours: u16 },
    /// A datagram could not be sent.
    Failure { host: u8 },
    /// A datagram that was sent lately comes, once more or for the first time, as if from some host, and mostly not as
    /// it was.
    Deliver { which: u8, from: u8, to: u8, garble: Garble },
    /// A datagram comes that nobody has sent: with this kind, author, number and body. Of odd authors, it is signed.
    Forge { from: u8, to: u8, kind: u8, author: u8, number: u32, body: Vec<u8> },
}

/// How a datagram is changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Garble {
    /// So many bytes are cut off its end; when the number is odd, what is signed is signed again afterwards.
    pub(crate) cut: u8,
    /// The bytes at these places, which go around too, become these.
    pub(crate) bytes: Vec<(u16, u8)>,
}

impl Steps {
    /// Most steps of one life; what comes behind is passed over, so that a life has an end.
    const MAX: usize = 200;

    /// Writes the steps as they are read.
    pub fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.0.iter().for_each(|step| step.write(&mut out));
        out
    }
}

impl<'a> Arbitrary<'a> for Steps {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let mut steps = Vec::new();
        while !bytes.is_empty() && steps.len() < Self::MAX {
            steps.push(Step::arbitrary(bytes)?);
        }
        Ok(Self(steps))
    }
}

impl<'a> Arbitrary<'a> for Step {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let which: u8 = bytes.arbitrary()?;
        Ok(match which % 15 {
            0 => Self::Start { host: bytes.arbitrary()?, manner: bytes.arbitrary()?, history: bytes.arbitrary()? },
            1 => Self::Pass { millis: bytes.arbitrary()?, lost: bytes.arbitrary()? },
            2 => Self::Stand { seconds: bytes.arbitrary()? },
            3 => Self::Say { host: bytes.arbitrary()?, action: flag(bytes)?, bytes: bytes.arbitrary()? },
            4 => Self::Rename { host: bytes.arbitrary()?, name: bytes.arbitrary()? },
            5 => Self::Leave { host: bytes.arbitrary()? },
            6 => Self::Links { host: bytes.arbitrary()?, which: bytes.arbitrary()? },
            7 => Self::Wake { host: bytes.arbitrary()?, hours: bytes.arbitrary()? },
            8 => Self::Failure { host: bytes.arbitrary()? },
            9 => Self::Deliver {
                which: bytes.arbitrary()?,
                from: bytes.arbitrary()?,
                to: bytes.arbitrary()?,
                garble: Garble::arbitrary(bytes)?,
            },
            10 => Self::Tell { from: bytes.arbitrary()?, to: bytes.arbitrary()?, bytes: bytes.arbitrary()? },
            12 => Self::AskRooms { host: bytes.arbitrary()? },
            13 => Self::Ping { from: bytes.arbitrary()?, to: bytes.arbitrary()?, is_broadcast: flag(bytes)? },
            14 => Self::Describe { host: bytes.arbitrary()?, status: bytes.arbitrary()? },
            _ => Self::Forge {
                from: bytes.arbitrary()?,
                to: bytes.arbitrary()?,
                kind: bytes.arbitrary()?,
                author: bytes.arbitrary()?,
                number: bytes.arbitrary()?,
                body: some_bytes(bytes)?,
            },
        })
    }
}

impl<'a> Arbitrary<'a> for Garble {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let (cut, count) = (bytes.arbitrary()?, bytes.arbitrary::<u8>()? % 8);
        let bytes = (0..count).map(|_| Ok((bytes.arbitrary()?, bytes.arbitrary()?))).collect::<Result<_>>()?;
        Ok(Self { cut, bytes })
    }
}

fn flag(bytes: &mut Unstructured<'_>) -> Result<bool> {
    Ok(bytes.arbitrary::<u8>()? & 1 == 1)
}

/// As many as a length before them says, as far as there are.
fn some_bytes(bytes: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let count = usize::from(bytes.arbitrary::<u16>()?).min(bytes.len());
    Ok(bytes.bytes(count)?.to_vec())
}

impl Step {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Start { host, manner, history } => out.extend([0, *host, *manner, *history]),
            Self::Pass { millis, lost } => {
                out.push(1);
                out.extend(millis.to_le_bytes());
                out.extend(lost.to_le_bytes());
            }
            Self::Stand { seconds } => {
                out.push(2);
                out.extend(seconds.to_le_bytes());
            }
            Self::Say { host, action, bytes } => {
                out.extend([3, *host, u8::from(*action)]);
                out.extend(bytes.to_le_bytes());
            }
            Self::Tell { from, to, bytes } => {
                out.extend([10, *from, *to]);
                out.extend(bytes.to_le_bytes());
            }
            Self::Rename { host, name } => out.extend([4, *host, *name]),
            Self::AskRooms { host } => out.extend([12, *host]),
            Self::Ping { from, to, is_broadcast } => out.extend([13, *from, *to, u8::from(*is_broadcast)]),
            Self::Describe { host, status } => out.extend([14, *host, *status]),
            Self::Leave { host } => out.extend([5, *host]),
            Self::Links { host, which } => out.extend([6, *host, *which]),
            Self::Wake { host, hours } => {
                out.extend([7, *host]);
                out.extend(hours.to_le_bytes());
            }
            Self::Failure { host } => out.extend([8, *host]),
            Self::Deliver { which, from, to, garble } => {
                out.extend([9, *which, *from, *to, garble.cut, garble.bytes.len() as u8]);
                for (place, byte) in &garble.bytes {
                    out.extend(place.to_le_bytes());
                    out.push(*byte);
                }
            }
            Self::Forge { from, to, kind, author, number, body } => {
                out.extend([11, *from, *to, *kind, *author]);
                out.extend(number.to_le_bytes());
                out.extend((body.len() as u16).to_le_bytes());
                out.extend(body);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenes;

    #[test]
    fn what_is_written_is_read_as_it_was() {
        for (name, steps) in scenes() {
            let bytes = steps.write();
            assert_eq!(Steps::arbitrary(&mut Unstructured::new(&bytes)).unwrap(), steps, "{name}");
        }
    }
}
