//! What scripts read of rooms.

use cooee::node::HeardRoom;
use cooee::time::{Time, UnixMillis};
use serde::Serialize;

use crate::ui::timestamp::rfc3339;

/// `rooms --json`.
#[derive(Serialize)]
#[serde(tag = "type", rename = "room")]
pub(crate) struct RoomObject {
    time: String,
    room: Option<String>,
    sealed: bool,
    peers: usize,
    heard_ms: u64,
}

impl RoomObject {
    pub(crate) fn new(room: &HeardRoom, now: Time, time: UnixMillis) -> Self {
        Self {
            time: rfc3339(time),
            room: room.name.as_ref().map(ToString::to_string),
            sealed: room.name.is_none(),
            peers: room.peers,
            heard_ms: u64::try_from(now.since(room.heard).as_millis()).unwrap_or(u64::MAX),
        }
    }
}
