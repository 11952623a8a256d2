//! What scripts read: one JSON object a line. Keys are always all there, and only ever added; the text of others
//! stays whole, escaped by JSON.

mod room;

use std::path::Path;

use cooee::net::{Address, Interface, State, Use};
use cooee::node::{Arrival, ClockLead, Departure, Gap, HeardLine, HearsUs, Peer};
use cooee::time::{Time, UnixMillis};
use cooee::trust::Fingerprint;
use cooee::wire::RoomName;
use serde::Serialize;
use serde_json::Value;

pub(crate) use self::room::RoomObject;
use crate::ui::config::{Key, Source};
use crate::ui::ending::Ending;
use crate::ui::output::Output;
use crate::ui::people::names::Standing;
use crate::ui::people::ways::addresses;
use crate::ui::safe::Safe;
use crate::ui::timestamp::rfc3339;

impl Standing {
    fn fingerprint(self) -> Option<String> {
        self.fingerprint.map(|fingerprint| fingerprint.to_string())
    }
}

/// `peers --json`.
#[derive(Serialize)]
#[serde(tag = "type", rename = "peer")]
pub(crate) struct PeerObject {
    time: String,
    peer: String,
    epoch: String,
    nick: String,
    host: String,
    address: String,
    link: String,
    version: String,
    #[serde(rename = "self")]
    own: bool,
    since: String,
    heard_ms: u64,
    status: String,
    fingerprint: Option<String>,
    verified: bool,
    ignored: bool,
    addresses: Vec<String>,
    hears_us: Option<bool>,
    clock_ahead_ms: Option<i64>,
}

impl PeerObject {
    pub(crate) fn new(peer: &Peer, standing: Standing, link: &Safe, own: bool, now: Time, time: UnixMillis) -> Self {
        Self {
            time: rfc3339(time),
            peer: peer.run.peer.to_string(),
            epoch: peer.run.epoch.to_string(),
            nick: peer.profile.nick.to_string(),
            host: peer.profile.host.to_string(),
            address: peer.address.to_string(),
            link: link.to_string(),
            version: peer.profile.version.to_string(),
            own,
            since: rfc3339(peer.started),
            heard_ms: u64::try_from(now.since(peer.heard).as_millis()).unwrap_or(u64::MAX),
            status: peer.profile.status.to_string(),
            fingerprint: standing.fingerprint(),
            verified: standing.marks.verified,
            ignored: standing.marks.ignored,
            addresses: addresses(peer),
            hears_us: match peer.hears_us {
                HearsUs::Yes => Some(true),
                HearsUs::No => Some(false),
                HearsUs::Unknown => None,
            },
            clock_ahead_ms: peer.clock_ahead.map(ClockLead::millis),
        }
    }
}

/// `peers --watch --json`, when a peer has gone.
#[derive(Serialize)]
#[serde(tag = "type", rename = "left")]
pub(crate) struct LeftObject {
    time: String,
    peer: String,
    epoch: String,
    nick: String,
    reason: &'static str,
}

impl LeftObject {
    pub(crate) fn new(peer: &Peer, departure: Departure, time: UnixMillis) -> Self {
        Self {
            time: rfc3339(time),
            peer: peer.run.peer.to_string(),
            epoch: peer.run.epoch.to_string(),
            nick: peer.profile.nick.to_string(),
            reason: match departure {
                Departure::Goodbye => "goodbye",
                Departure::Lost(_) => "lost",
                Departure::Displaced => "displaced",
            },
        }
    }
}

/// `listen --json`.
#[derive(Serialize)]
#[serde(tag = "type", rename = "line")]
pub(crate) struct LineObject {
    time: String,
    peer: String,
    epoch: String,
    nick: String,
    room: String,
    seq: u32,
    text: String,
    action: bool,
    private: bool,
    said: String,
    late: bool,
    history: bool,
    fingerprint: Option<String>,
    verified: bool,
    address: String,
    link: String,
    #[serde(rename = "self")]
    own: bool,
    to: Option<String>,
    to_fingerprint: Option<String>,
}

impl LineObject {
    pub(crate) fn new(
        line: &HeardLine,
        private: bool,
        standing: Standing,
        room: &RoomName<'_>,
        link: &Safe,
        time: UnixMillis,
    ) -> Self {
        Self {
            time: rfc3339(time),
            peer: line.author.peer.to_string(),
            epoch: line.author.epoch.to_string(),
            nick: line.nick.to_string(),
            room: room.to_string(),
            seq: line.seq.number(),
            text: line.text.to_string(),
            action: line.action,
            private,
            // Clocks are compared to some milliseconds; nothing is said after it came.
            said: rfc3339(line.said.min(time)),
            late: line.arrival == Arrival::Late,
            history: line.arrival == Arrival::History,
            fingerprint: standing.fingerprint(),
            verified: standing.marks.verified,
            address: line.from.to_string(),
            link: link.to_string(),
            own: false,
            to: None,
            to_fingerprint: None,
        }
    }

    /// The same, said by this run itself; where it was said to one alone, this is he.
    pub(crate) fn said_here(self, reader: Option<&Peer>) -> Self {
        let fingerprint = reader.and_then(|reader| reader.signer).map(|key| key.fingerprint().to_string());
        let to = reader.map(|reader| reader.profile.nick.to_string());
        Self { own: true, to, to_fingerprint: fingerprint, ..self }
    }
}

/// `listen --json`, when lines are not to be had any more.
#[derive(Serialize)]
#[serde(tag = "type", rename = "gap")]
pub(crate) struct GapObject {
    time: String,
    peer: String,
    epoch: String,
    nick: Option<String>,
    room: String,
    from: u32,
    to: u32,
    fingerprint: Option<String>,
    verified: bool,
}

impl GapObject {
    pub(crate) fn new(gap: &Gap, standing: Standing, room: &RoomName<'_>, time: UnixMillis) -> Self {
        Self {
            time: rfc3339(time),
            peer: gap.author.peer.to_string(),
            epoch: gap.author.epoch.to_string(),
            nick: gap.nick.as_ref().map(ToString::to_string),
            room: room.to_string(),
            from: gap.range.first().number(),
            to: gap.range.last().number(),
            fingerprint: standing.fingerprint(),
            verified: standing.marks.verified,
        }
    }
}

/// `id --json`.
#[derive(Serialize)]
#[serde(tag = "type", rename = "id")]
pub(crate) struct IdObject {
    fingerprint: String,
    file: Option<String>,
}

impl IdObject {
    pub(crate) fn new(fingerprint: Fingerprint, file: Option<&Path>) -> Self {
        Self { fingerprint: fingerprint.to_string(), file: file.map(|path| path.display().to_string()) }
    }
}

/// `interfaces --json`.
#[derive(Serialize)]
#[serde(tag = "type", rename = "interface")]
pub(crate) struct InterfaceObject {
    name: String,
    index: u32,
    state: &'static str,
    addresses: Vec<AddressObject>,
    used: bool,
    reason: Option<&'static str>,
}

#[derive(Serialize)]
struct AddressObject {
    address: String,
    prefix: u8,
    broadcast: Option<String>,
    multicast: Option<String>,
}

impl InterfaceObject {
    pub(crate) fn new(interface: &Interface) -> Self {
        let address = |address: &Address| {
            let everybody = |is_v4| address.everybody.filter(|ip| ip.is_ipv4() == is_v4).map(|ip| ip.to_string());
            AddressObject {
                address: address.ip.to_string(),
                prefix: address.prefix,
                broadcast: everybody(true),
                multicast: everybody(false),
            }
        };
        Self {
            name: interface.name.clone(),
            index: interface.index,
            state: state(interface.state),
            addresses: interface.addresses.iter().map(address).collect(),
            used: interface.used == Use::Used,
            reason: match interface.used {
                Use::Used => None,
                Use::Unused(reason) => Some(reason.reason()),
            },
        }
    }
}

/// `config --json`.
#[derive(Serialize)]
#[serde(tag = "type", rename = "setting")]
pub(crate) struct SettingObject {
    key: &'static str,
    value: Value,
    source: &'static str,
    variable: Option<&'static str>,
    file: Option<String>,
    line: Option<usize>,
}

impl SettingObject {
    /// A setting in force, which comes from there; the file is the one that was looked at.
    pub(crate) fn new(key: Key, value: Value, source: Source, file: Option<&Path>) -> Self {
        let (source, variable, line) = match source {
            Source::Default => ("default", None, None),
            Source::File { line } => ("file", None, Some(line)),
            Source::Environment(name) => ("environment", Some(name), None),
            Source::Flag(_) => ("flag", None, None),
        };
        let file = file.filter(|_| line.is_some()).map(|path| path.display().to_string());
        Self { key: key.name(), value, source, variable, file, line }
    }
}

/// An interface's state in one word.
pub(crate) const fn state(state: State) -> &'static str {
    match state {
        State::Up => "up",
        State::Down => "down",
    }
}

/// Prints an object on a line of its own.
pub(crate) fn print(object: &impl Serialize, output: &mut Output) -> Result<(), Ending> {
    output.bytes(line(object)?.as_bytes())
}

/// Prints an object on a line of its own, with those that follow it; see [`Output::gather`].
pub(crate) fn gather(object: &impl Serialize, output: &mut Output) -> Result<(), Ending> {
    output.gather(&text(object)?)
}

/// An object as a line, with its end.
pub(crate) fn line(object: &impl Serialize) -> Result<String, Ending> {
    Ok(text(object)? + "\n")
}

fn text(object: &impl Serialize) -> Result<String, Ending> {
    // Strings, numbers and truth values can always be written.
    serde_json::to_string(object).map_err(|error| Ending::No(format!("cannot write JSON: {error}")))
}
