//! The one hash of the protocol that is not for security: it spreads runs over filters and digests.

use super::Run;

/// A run and a number, spread over 64 bits.
pub(super) const fn hash(run: Run, number: u32) -> u64 {
    mix(run.peer.0 ^ mix((run.epoch.0 as u64) << 32 | number as u64))
}

/// Makes every bit of the result depend on every bit of `x`: the output function of SplitMix64 (Steele, Lea and
/// Flood, "Fast splittable pseudorandom number generators", 2014).
const fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
