//! The datagram that tells a run beyond the subnet where the peers are that its sender hears.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv6Addr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::numbers::{Epoch, PeerId};
use super::{Error, Run};

/// "These I hear, and there they are", to one run.
///
/// It tells strangers' addresses, so it is sent only to whoever was asked for a pong there and gave it: to nobody who
/// has made his own address up, and who could have it sent to somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses<'a> {
    /// Who is told; all others pass it over.
    pub reader: Run,
    records: Cow<'a, [u8]>,
}

/// A run and where its unicast goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunAddress {
    /// Which run.
    pub run: Run,
    /// Its address and its unicast port, which is never 0.
    pub address: SocketAddr,
}

/// Bytes of a record: peer id, epoch, IPv6 address, port. An IPv4 address stands in it as `::ffff:a.b.c.d` (RFC 4291,
/// section 2.5.5.2).
const RECORD_LEN: usize = 8 + 4 + 16 + 2;

/// The body as it lies on the wire.
#[derive(Serialize, Deserialize)]
struct Body<'a> {
    peer: u64,
    epoch: u32,
    addresses: &'a [u8],
}

impl<'a> Addresses<'a> {
    /// Most runs that one datagram tells of: signed and sealed, it still fits.
    pub const COUNT_MAX: usize = 32;

    /// The first of these, as many as one datagram tells of. Those with port 0 are left out.
    pub fn of(reader: Run, runs: impl Iterator<Item = RunAddress>) -> Addresses<'static> {
        let told = runs.filter(|told| told.address.port() != 0).take(Self::COUNT_MAX);
        Addresses { reader, records: Cow::Owned(told.flat_map(RunAddress::encode).collect()) }
    }

    /// Who is told of.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = RunAddress> {
        self.records.as_chunks::<RECORD_LEN>().0.iter().map(RunAddress::parse)
    }

    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let (body, rest) = postcard::take_from_bytes::<Body<'a>>(bytes)?;
        if !rest.is_empty() {
            return Err(Error::TrailingBytes);
        }
        let is_whole = body.addresses.len().is_multiple_of(RECORD_LEN);
        if !is_whole || body.addresses.len() > Self::COUNT_MAX * RECORD_LEN {
            return Err(Error::Addresses);
        }
        let reader = Run { peer: PeerId(body.peer), epoch: Epoch(body.epoch) };
        let told = Self { reader, records: Cow::Borrowed(body.addresses) };
        if told.iter().any(|told| told.address.port() == 0) { Err(Error::Port) } else { Ok(told) }
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let body = Body { peer: self.reader.peer.0, epoch: self.reader.epoch.0, addresses: &self.records };
        super::packet::append(&body, out);
    }
}

impl RunAddress {
    fn parse(record: &[u8; RECORD_LEN]) -> Self {
        let (peer, rest) = parts::<8>(record);
        let (epoch, rest) = parts::<4>(rest);
        let (ip, rest) = parts::<16>(rest);
        let (port, _) = parts::<2>(rest);
        let run = Run { peer: PeerId(u64::from_be_bytes(peer)), epoch: Epoch(u32::from_be_bytes(epoch)) };
        let ip = IpAddr::V6(Ipv6Addr::from(ip)).to_canonical();
        Self { run, address: SocketAddr::new(ip, u16::from_be_bytes(port)) }
    }

    fn encode(self) -> [u8; RECORD_LEN] {
        let ip = match self.address.ip() {
            IpAddr::V4(ip) => ip.to_ipv6_mapped(),
            IpAddr::V6(ip) => ip,
        };
        let mut record = [0xa5; RECORD_LEN];
        record[..8].copy_from_slice(&self.run.peer.0.to_be_bytes());
        record[8..12].copy_from_slice(&self.run.epoch.0.to_be_bytes());
        record[12..28].copy_from_slice(&ip.octets());
        record[28..].copy_from_slice(&self.address.port().to_be_bytes());
        record
    }
}

/// The first bytes as an array, and the others. A record is as long as what is read from it.
fn parts<const N: usize>(bytes: &[u8]) -> ([u8; N], &[u8]) {
    let (first, rest) = bytes.split_at(N);
    let mut array = [0; N];
    array.copy_from_slice(first);
    (array, rest)
}
