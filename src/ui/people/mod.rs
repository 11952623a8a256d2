//! Who is who: how peers are called and told apart, and who is meant.

pub(super) mod hearers;
pub(super) mod known;
pub(super) mod names;
pub(super) mod roster;
pub(super) mod ways;
pub(super) mod whom;
