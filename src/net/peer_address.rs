//! Where to call beyond the subnet, as a person writes it.

use core::fmt;
use core::num::NonZeroU16;
use core::str::FromStr;
use std::borrow::ToOwned;
use std::net::{IpAddr, Ipv6Addr};
use std::string::String;

use thiserror::Error as ThisError;

use super::std;

/// A host beyond the subnet, by address or by name, and its port: `10.8.0.3`, `[fd00::3]:26700`, `vpn-host:26700`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PeerAddress {
    pub(super) host: Host,
    /// The port that everybody shares there; that of the run where none is given.
    pub(super) port: Option<NonZeroU16>,
}

/// A host, as it was given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Host {
    Ip(IpAddr),
    /// To be looked up: 1 to 253 bytes, letters, digits, `-`, `_` and dots of ASCII.
    Name(String),
}

/// Why a text is no [`PeerAddress`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
pub enum PeerAddressError {
    /// What stands in front of the port is neither.
    #[error("not a host: a name or an address, as in vpn-host, 10.8.0.3 or [fd00::3]:26633")]
    Host,
    /// What stands behind the last colon is none.
    #[error("not a port from 1 to 65535")]
    Port,
    /// Nobody alone is at this address, or it leads to one's own link.
    #[error("not the address of one host beyond the subnet")]
    NotOneHost,
}

impl PeerAddress {
    /// Its IP address, where it was given by that and not by name.
    pub const fn ip(&self) -> Option<IpAddr> {
        match self.host {
            Host::Ip(ip) => Some(ip),
            Host::Name(_) => None,
        }
    }
}

impl FromStr for PeerAddress {
    type Err = PeerAddressError;

    fn from_str(text: &str) -> Result<Self, PeerAddressError> {
        let text = text.trim();
        if let Ok(ip) = text.parse() {
            return Ok(Self { host: Host::ip(ip)?, port: None });
        }
        if let Some(rest) = text.strip_prefix('[') {
            let (ip, port) = rest.split_once(']').ok_or(PeerAddressError::Host)?;
            let ip: Ipv6Addr = ip.parse().map_err(|_| PeerAddressError::Host)?;
            let port = match port.strip_prefix(':') {
                Some(port) => Some(parse_port(port)?),
                None if port.is_empty() => None,
                None => return Err(PeerAddressError::Port),
            };
            return Ok(Self { host: Host::ip(ip.into())?, port });
        }
        let (host, port) = match text.split_once(':') {
            Some((host, port)) => (host, Some(parse_port(port)?)),
            None => (text, None),
        };
        let host = match host.parse() {
            Ok(ip) => Host::ip(ip)?,
            Err(_) => Host::name(host)?,
        };
        Ok(Self { host, port })
    }
}

impl Host {
    fn ip(ip: IpAddr) -> Result<Self, PeerAddressError> {
        let leads_elsewhere = match ip {
            IpAddr::V4(ip) => !ip.is_broadcast(),
            // It says nothing without an interface.
            IpAddr::V6(ip) => !ip.is_unicast_link_local(),
        };
        let is_one = leads_elsewhere && !ip.is_unspecified() && !ip.is_multicast();
        if is_one { Ok(Self::Ip(ip)) } else { Err(PeerAddressError::NotOneHost) }
    }

    fn name(text: &str) -> Result<Self, PeerAddressError> {
        /// RFC 1035, section 2.3.4, without what stands for the root.
        const MAX: usize = 253;
        let is_fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let is_name = (1..=MAX).contains(&text.len()) && text.chars().all(is_fit) && !text.starts_with(['-', '.']);
        if is_name { Ok(Self::Name(text.to_owned())) } else { Err(PeerAddressError::Host) }
    }
}

fn parse_port(text: &str) -> Result<NonZeroU16, PeerAddressError> {
    text.parse().map_err(|_| PeerAddressError::Port)
}

impl fmt::Display for PeerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.host, self.port) {
            (Host::Ip(IpAddr::V6(ip)), Some(port)) => write!(f, "[{ip}]:{port}"),
            (Host::Ip(ip), Some(port)) => write!(f, "{ip}:{port}"),
            (Host::Ip(ip), None) => write!(f, "{ip}"),
            (Host::Name(name), Some(port)) => write!(f, "{name}:{port}"),
            (Host::Name(name), None) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[test]
    fn what_is_written_is_told_as_it_was() {
        for text in ["10.8.0.3", "10.8.0.3:1", "fd00::3", "[fd00::3]:26633", "vpn-host", "a.example_1.org:65535"] {
            assert_eq!(text.parse::<PeerAddress>().unwrap().to_string(), text);
        }
        assert_eq!(" [fd00::3] ".parse::<PeerAddress>().unwrap().to_string(), "fd00::3");
    }

    #[test]
    fn what_is_no_host_or_no_port_is_refused() {
        let refused = |text: &str| text.parse::<PeerAddress>().unwrap_err();
        let long = "x".repeat(254);
        for text in ["", " ", "a b", "-x", ".x", "ä", "a/b", "[fd00::3", "[10.8.0.3]:1", "fe80::1%eth0:", &*long] {
            assert!(matches!(refused(text), PeerAddressError::Host | PeerAddressError::Port), "{text}");
        }
        for text in ["host:", "host:0", "host:65536", "host:x", "10.8.0.3:-1", "[fd00::3]26633", "a:b:c"] {
            assert_eq!(refused(text), PeerAddressError::Port, "{text}");
        }
        for text in ["0.0.0.0", "255.255.255.255", "224.0.0.1:9", "ff02::1", "[fe80::1]:9", "::"] {
            assert_eq!(refused(text), PeerAddressError::NotOneHost, "{text}");
        }
    }
}
