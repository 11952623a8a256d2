//! Whether an interface is a port of a bridge: what comes by it is the bridge's, and nobody else hears it.

use super::std;

/// Whether the interface of this name, number and hardware address is such a port. Only Linux tells.
///
/// The files may be those of another network namespace, with an interface of the same name: number and hardware address
/// tell that.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn is_bridge_port(name: &str, index: u32, hardware: Option<[u8; 6]>) -> bool {
    use std::format;
    use std::fs::read_to_string;
    use std::path::Path;

    let Some([a, b, c, d, e, f]) = hardware else { return false };
    let folder = Path::new("/sys/class/net").join(name);
    let is = |file: &str, what: &str| read_to_string(folder.join(file)).is_ok_and(|text| text.trim() == what);
    folder.join("brport").exists()
        && is("ifindex", &format!("{index}"))
        && is("address", &format!("{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}"))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn is_bridge_port(_: &str, _: u32, _: Option<[u8; 6]>) -> bool {
    false
}
