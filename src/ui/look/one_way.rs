//! Those who are heard and do not hear oneself.

use cooee::node::Peer;
use cooee::time::UnixMillis;

use super::Look;
use crate::ui::safe::Safe;
use crate::ui::words;

/// `carol (pi, 192.0.2.9) is heard, but does not hear you: …`: what may be the matter, which nobody can tell from here.
pub(crate) fn deaf(peer: &Peer, name: &Safe) -> String {
    let host = match peer.profile.host.as_str() {
        "" => String::new(),
        host => format!("{}, ", Safe::nick(host, "")),
    };
    format!(
        "{name} ({host}{}) is heard, but does not hear you: perhaps a firewall there, or an access point that keeps you \
         apart",
        peer.address.ip()
    )
}

/// The same of several. What all of them do not hear is more likely kept in here.
pub(crate) fn deaf_together(names: &[Safe]) -> String {
    format!(
        "{} are heard, but do not hear you: perhaps a firewall of this machine, or an access point that keeps you apart",
        words::names(names)
    )
}

impl Look {
    /// `14:09 → carol hears you again`.
    pub(crate) fn hears_again(&self, name: &Safe, time: UnixMillis) -> String {
        self.dimmed(time, format!("→ {name} hears you again"))
    }

    /// `14:09 → carol and dave hear you again`.
    pub(crate) fn hear_again_together(&self, names: &[Safe], time: UnixMillis) -> String {
        self.dimmed(time, format!("→ {} hear you again", words::names(names)))
    }
}
