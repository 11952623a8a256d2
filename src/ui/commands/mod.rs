//! What `cooee` does, a file for each command.

pub(super) mod chat;
pub(super) mod config;
pub(super) mod doctor;
pub(super) mod id;
pub(super) mod interfaces;
pub(super) mod listen;
pub(super) mod log;
pub(super) mod manual;
pub(super) mod peers;
pub(super) mod ping;
pub(super) mod rooms;
pub(super) mod send;
mod send_privately;
