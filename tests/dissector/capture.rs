//! Captures, as files that tshark reads: <https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-06.html>.

use std::net::SocketAddrV4;

use cooee::time::Time;
use cooee::wire::PORT;

/// Where datagrams come from and go to, where that does not matter.
const FROM: SocketAddrV4 = SocketAddrV4::new(std::net::Ipv4Addr::new(192, 0, 2, 1), PORT + 1);
pub(crate) const EVERYBODY: SocketAddrV4 = SocketAddrV4::new(std::net::Ipv4Addr::new(192, 0, 2, 255), PORT);

/// A datagram on a LAN.
#[derive(Clone)]
pub(crate) struct Captured {
    pub(crate) at: Time,
    pub(crate) from: SocketAddrV4,
    pub(crate) to: SocketAddrV4,
    pub(crate) bytes: Vec<u8>,
    /// How many of its bytes the capture has.
    pub(crate) kept: usize,
}

impl Captured {
    /// A whole one, to everybody.
    pub(crate) fn new(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self { at: Time::ZERO, from: FROM, to: EVERYBODY, kept: bytes.len(), bytes }
    }
}

/// The frames begin with the header of IPv4.
const LINKTYPE_RAW: u32 = 101;
const IPV4_LEN: usize = 20;
const UDP_LEN: usize = 8;

/// The file of a capture.
pub(crate) fn pcap(captured: &[Captured]) -> Vec<u8> {
    const MAGIC: u32 = 0xa1b2_c3d4;
    const VERSION: [u16; 2] = [2, 4];
    const LONGEST: u32 = 65_535;
    let mut file = MAGIC.to_be_bytes().to_vec();
    file.extend(VERSION.iter().flat_map(|number| number.to_be_bytes()));
    file.extend([0, 0, LONGEST, LINKTYPE_RAW].iter().flat_map(|number: &u32| number.to_be_bytes()));
    for datagram in captured {
        let (headers, micros) = (headers(datagram), datagram.at.as_micros());
        let [there, kept] = [datagram.bytes.len(), datagram.kept].map(|len| (headers.len() + len) as u32);
        let record = [(micros / 1_000_000) as u32, (micros % 1_000_000) as u32, kept, there];
        file.extend(record.iter().flat_map(|number| number.to_be_bytes()));
        file.extend(headers);
        file.extend(&datagram.bytes[..datagram.kept]);
    }
    file
}

/// The headers of IPv4 (RFC 791) and UDP (RFC 768); without checksums, which need not be looked at.
fn headers(datagram: &Captured) -> Vec<u8> {
    const VERSION_AND_WORDS: u8 = 0x45;
    const HOPS: u8 = 64;
    const UDP: u8 = 17;
    let udp_len = (UDP_LEN + datagram.bytes.len()) as u16;
    let mut headers = vec![VERSION_AND_WORDS, 0];
    headers.extend((IPV4_LEN as u16 + udp_len).to_be_bytes());
    headers.extend([0, 0, 0, 0, HOPS, UDP, 0, 0]);
    headers.extend(datagram.from.ip().octets());
    headers.extend(datagram.to.ip().octets());
    headers
        .extend([datagram.from.port(), datagram.to.port(), udp_len, 0].iter().flat_map(|number| number.to_be_bytes()));
    headers
}
