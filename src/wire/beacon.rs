//! The datagram that announces a run.

use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::header::{FLAG_SEALED, Header};
use super::heard::Form;
use super::packet::append;
use super::{Digest, Error, Heard, HostName, Nick, Profile, ProgramVersion, Room, RoomId, RoomName, Seq, Status};
use crate::time::UnixMillis;

/// "I am here": all that others show of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beacon<'a> {
    /// A hello: whoever is not heard is asked to answer with its own beacon.
    pub hello: bool,
    /// The sender asks or speaks and goes: it is answered, but not listed as a peer.
    pub visitor: bool,
    /// It tells authors by acks how far it has their lines.
    pub acks: bool,
    /// It does not hear the reader's broadcasts, being beyond the subnet: all is to be said to it by unicast as well.
    pub remote: bool,
    /// What others are to show of it.
    pub profile: Profile<'a>,
    /// The UDP port on which it takes unicast; never 0.
    pub port: u16,
    /// How often it sends a beacon.
    pub interval: BeaconInterval,
    /// When it started, by its own clock.
    pub started: UnixMillis,
    /// What its own clock says now: by it others know how long ago a line of its was said.
    pub time: UnixMillis,
    /// The last of its lines that has gone out; `None` when none has.
    pub last_seq: Option<Seq>,
    /// What it holds.
    pub digest: Digest,
    /// How many peers it hears.
    pub hears: u32,
    /// Which ones; salted with this datagram's counter.
    pub heard: Heard<'a>,
    /// What the room is called that it is sent to; `None` where that is sealed, or is [any](RoomId::ANY).
    pub room: Option<RoomName<'a>>,
}

/// The mean time between two beacons of a run: 1 s to 10 min, in whole milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BeaconInterval {
    millis: u32,
}

impl BeaconInterval {
    /// The shortest. Below it, a few peers would fill a slow radio channel.
    pub const MIN: Self = Self { millis: 1000 };
    /// The longest. Above it, whoever left without a goodbye would stand in the table for hours.
    pub const MAX: Self = Self { millis: 600_000 };

    /// The nearest interval that there is.
    pub fn clamped(wait: Duration) -> Self {
        Self { millis: u32::try_from(wait.as_millis()).unwrap_or(u32::MAX) }.clamp(Self::MIN, Self::MAX)
    }

    /// The interval as a duration.
    pub const fn duration(self) -> Duration {
        Duration::from_millis(self.millis as u64)
    }

    /// This share of it, in percent.
    pub const fn share(self, percent: u32) -> Duration {
        Duration::from_micros(self.millis as u64 * 10 * percent as u64)
    }

    fn parse(millis: u32) -> Result<Self, Error> {
        let interval = Self { millis };
        if (Self::MIN..=Self::MAX).contains(&interval) { Ok(interval) } else { Err(Error::Interval) }
    }
}

const FLAG_HELLO: u8 = 1 << 0;
const FLAG_VISITOR: u8 = 1 << 1;
const FLAG_ACKS: u8 = 1 << 2;
/// Whom it hears is told by names, and not by a filter,
const FLAG_NAMES: u8 = 1 << 3;
/// of which some are left out.
const FLAG_SOME: u8 = 1 << 4;
const FLAG_REMOTE: u8 = 1 << 5;

/// The body as it lies on the wire; postcard writes the fields in this order, without names.
#[derive(Serialize, Deserialize)]
struct Body<'a> {
    flags: u8,
    nick: &'a str,
    host: &'a str,
    version: &'a str,
    status: &'a str,
    port: u16,
    interval_ms: u32,
    started_ms: u64,
    time_ms: u64,
    last_seq: u32,
    digest: u64,
    hears: u32,
    heard: &'a [u8],
    room: &'a str,
}

impl<'a> Beacon<'a> {
    pub(super) fn parse(header: &Header, room: &Room, bytes: &'a [u8]) -> Result<Self, Error> {
        let (body, rest) = postcard::take_from_bytes::<Body<'a>>(bytes)?;
        if !rest.is_empty() {
            return Err(Error::TrailingBytes);
        }
        if body.port == 0 {
            return Err(Error::Port);
        }
        Ok(Self {
            hello: body.flags & FLAG_HELLO != 0,
            visitor: body.flags & FLAG_VISITOR != 0,
            acks: body.flags & FLAG_ACKS != 0,
            remote: body.flags & FLAG_REMOTE != 0,
            profile: Profile {
                nick: Nick::new(body.nick).map_err(|_| Error::Nick)?,
                host: HostName::new(body.host).map_err(|_| Error::HostName)?,
                version: ProgramVersion::new(body.version).map_err(|_| Error::ProgramVersion)?,
                status: Status::new(body.status).map_err(|_| Error::Status)?,
            },
            port: body.port,
            interval: BeaconInterval::parse(body.interval_ms)?,
            started: UnixMillis(body.started_ms),
            time: UnixMillis(body.time_ms),
            last_seq: Seq::new(body.last_seq),
            digest: Digest(body.digest),
            hears: body.hears,
            heard: Heard::parse(body.heard, form(body.flags))?,
            room: room_name(header, room, body.room)?,
        })
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let flag = |set, flag| if set { flag } else { 0 };
        let body = Body {
            flags: flag(self.hello, FLAG_HELLO)
                | flag(self.visitor, FLAG_VISITOR)
                | flag(self.acks, FLAG_ACKS)
                | flag(self.remote, FLAG_REMOTE)
                | form_flags(self.heard.form()),
            nick: self.profile.nick.as_str(),
            host: self.profile.host.as_str(),
            version: self.profile.version.as_str(),
            status: self.profile.status.as_str(),
            port: self.port,
            interval_ms: self.interval.millis,
            started_ms: self.started.0,
            time_ms: self.time.0,
            last_seq: self.last_seq.map_or(0, Seq::number),
            digest: self.digest.0,
            hears: self.hears,
            heard: self.heard.as_bytes(),
            room: self.room.as_ref().map_or("", RoomName::as_str),
        };
        append(&body, out);
    }
}

/// The name of the room, as the header wants it: nobody can give a room another name than its own.
fn room_name<'a>(header: &Header, room: &Room, name: &'a str) -> Result<Option<RoomName<'a>>, Error> {
    if header.flags & FLAG_SEALED != 0 || header.room == RoomId::ANY {
        return if name.is_empty() { Ok(None) } else { Err(Error::Room) };
    }
    let name = RoomName::new(name).map_err(|_| Error::Room)?;
    // To hash it takes longer than all else.
    let is_known = header.room == room.id() && room.announced_name() == Some(&name);
    if is_known || RoomId::of(&name) == header.room { Ok(Some(name)) } else { Err(Error::Room) }
}

const fn form(flags: u8) -> Form {
    match (flags & FLAG_NAMES != 0, flags & FLAG_SOME != 0) {
        (true, false) => Form::All,
        (true, true) => Form::Some,
        (false, _) => Form::Filter,
    }
}

const fn form_flags(form: Form) -> u8 {
    match form {
        Form::All => FLAG_NAMES,
        Form::Some => FLAG_NAMES | FLAG_SOME,
        Form::Filter => 0,
    }
}
