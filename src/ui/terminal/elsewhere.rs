//! Systems whose terminals we do not know: there is no line to edit there, and lines are read and printed plainly.

/// See the `mode` of Unix.
pub(super) mod mode {
    use super::super::display::Size;

    pub(in super::super) fn take() -> bool {
        false
    }

    pub(in super::super) fn restore() {}

    pub(in super::super) fn stop() {}

    pub(in super::super) fn size() -> Size {
        Size { columns: 80, rows: 24 }
    }

    pub(in super::super) fn write(_: &[u8]) {}
}

/// See the `source` of Unix.
pub(super) mod source {
    use std::io;

    use crossbeam_channel::Receiver;

    use super::super::Input;

    pub(in super::super) fn watch() -> io::Result<Receiver<Input>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
