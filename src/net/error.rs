//! Why a run could not start: what happened, to what, and what to do.

use std::io;
use std::string::String;

use thiserror::Error as ThisError;

use super::std;

/// Why a run could not start.
#[derive(Debug, ThisError)]
pub enum Error {
    /// The system does not say which interfaces there are.
    #[error("cannot list the network interfaces: {0}")]
    Interfaces(io::Error),
    /// An interface that was asked for does not exist.
    #[error("there is no network interface \"{name}\"; there are: {others}")]
    NoSuchInterface {
        /// The one that was asked for.
        name: String,
        /// Those that there are.
        others: String,
    },
    /// No interface has a name that fits a pattern that was asked for.
    #[error("no network interface fits \"{pattern}\"; there are: {others}")]
    NoInterfaceFits {
        /// The pattern.
        pattern: String,
        /// Those that there are.
        others: String,
    },
    /// No interface can be used.
    #[error("no usable network interface ({why}); \"cooee interfaces\" tells of each")]
    NoLink {
        /// What keeps the likeliest ones from being used.
        why: String,
    },
    /// Nothing goes out, and nothing comes in.
    #[error("nothing can be sent; does a firewall of this machine let UDP port {port} out?")]
    Blocked {
        /// The port.
        port: u16,
    },
    /// Another program has the port, and does not share it.
    #[error(
        "UDP port {port} is used by another program (it does not share it); choose another with --port, the same on \
         every machine"
    )]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// A socket could not be had.
    #[error("cannot bind UDP port {port}: {source}")]
    Bind {
        /// The port.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
    /// Something else that every run needs was refused.
    #[error("cannot start {what}: {source}")]
    Start {
        /// What it was.
        what: &'static str,
        /// What the system says.
        source: io::Error,
    },
}
