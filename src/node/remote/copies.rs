//! Copies of what goes to everybody, for those whom no broadcast reaches.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::super::link::Transmit;

/// The copies of the datagram that went out last. They go before anything else does, so there are never those of two:
/// at most as many as there are addresses.
#[derive(Debug)]
pub(super) struct Copies {
    waiting: VecDeque<(Transmit, Arc<[u8]>)>,
}

impl Copies {
    pub(super) const fn new() -> Self {
        Self { waiting: VecDeque::new() }
    }

    pub(super) fn add(&mut self, way: Transmit, datagram: &Arc<[u8]>) {
        self.waiting.push_back((way, Arc::clone(datagram)));
    }

    /// Writes the next copy over what `out` held, and says where it shall go.
    pub(super) fn take(&mut self, out: &mut Vec<u8>) -> Option<Transmit> {
        let (way, datagram) = self.waiting.pop_front()?;
        out.clear();
        out.extend_from_slice(&datagram);
        Some(way)
    }
}
