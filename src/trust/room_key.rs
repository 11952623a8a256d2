//! What a passphrase makes of a room: a key that seals everything that is said there.

use alloc::vec::Vec;
use core::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{PublicKey, Random};

/// Bytes of a nonce.
const NONCE_LEN: usize = 24;
/// Bytes of the tag by which a changed byte is noticed.
const TAG_LEN: usize = 16;

/// Bytes by which what is sealed is longer than what it was made of: a nonce of 24 in front, a tag of 16 behind.
pub const SEAL_OVERHEAD: usize = NONCE_LEN + TAG_LEN;

/// Memory that Argon2id fills, in KiB, and how often: what OWASP gives as the least for passwords. A guess costs an
/// attacker as much as it costs everybody once, at start.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// What the salt begins with, so that no other program's keys are ours.
const SALT_CONTEXT: &[u8] = b"cooee room 1\0";

/// The key of a sealed room, and what else its passphrase makes. Wiped when it is dropped, and never shown.
#[derive(Clone)]
pub struct RoomKey {
    cipher: XChaCha20Poly1305,
    id: [u8; 8],
    peer_salt: Zeroizing<[u8; 32]>,
}

impl RoomKey {
    /// The key of the room with this name and this passphrase.
    ///
    /// Argon2id (RFC 9106), version 0x13, 19 MiB, 2 passes, 1 lane, over the passphrase, with the salt SHA-256 of
    /// `cooee room 1`, a zero byte and the room's name. Of the 72 bytes that come out, the first 32 are the key, the
    /// next 8 name the room on the wire, and the last 32 hide who its peers are.
    ///
    /// It takes some hundredths of a second and 19 MiB.
    pub fn derive(passphrase: &[u8], room: &str) -> Self {
        let salt = Sha256::new().chain_update(SALT_CONTEXT).chain_update(room.as_bytes()).finalize();
        let mut derived = Zeroizing::new([0; 72]);
        // Neither can fail: the parameters are constants within the limits of the RFC, and the passphrase is shorter
        // than 4 GiB.
        let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(derived.len())).unwrap_or_default();
        let done = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(
            passphrase,
            &salt,
            &mut *derived,
        );
        assert!(done.is_ok(), "Argon2id refuses constants that it takes in every test");
        let (key, rest) = derived.split_at(32);
        let (id, salt) = rest.split_at(8);
        let mut room_key = Self {
            cipher: XChaCha20Poly1305::new_from_slice(key).unwrap_or_else(|_| unreachable!("it is 32 bytes long")),
            id: [0; 8],
            peer_salt: Zeroizing::new([0; 32]),
        };
        room_key.id.copy_from_slice(id);
        room_key.peer_salt.copy_from_slice(salt);
        room_key
    }

    /// What the room is called on the wire: it tells nothing of its name.
    pub const fn id(&self) -> [u8; 8] {
        self.id
    }

    /// What a peer of the room is called on the wire. Who does not know the passphrase cannot tell by it whether a peer
    /// is the same as one of another room.
    pub fn peer_id(&self, key: &PublicKey) -> [u8; 8] {
        let hash = Sha256::new().chain_update(*self.peer_salt).chain_update(key.0).finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&hash[..8]);
        first
    }

    /// Seals what stands in `out` from `from` on; it gets [`SEAL_OVERHEAD`] bytes longer. What stands before is not
    /// sealed, but cannot be changed either.
    pub fn seal(&self, out: &mut Vec<u8>, from: usize, random: &mut Random) {
        let nonce: [u8; NONCE_LEN] = random.bytes();
        out.extend_from_slice(&nonce);
        out[from..].rotate_right(NONCE_LEN);
        let (clear, sealed) = out.split_at_mut(from);
        let text = &mut sealed[NONCE_LEN..];
        let tag = self.cipher.encrypt_inout_detached(&XNonce::from(nonce), clear, text.into());
        let tag = tag.unwrap_or_else(|_| unreachable!("less than 256 GiB"));
        out.extend_from_slice(&tag);
    }

    /// Opens what stands behind `clear` and was sealed with this key; it is appended to `out`. Tells whether nothing of
    /// either was changed; otherwise `out` is as it was.
    pub fn open(&self, clear: &[u8], sealed: &[u8], out: &mut Vec<u8>) -> bool {
        let Some((nonce, rest)) = sealed.split_first_chunk::<NONCE_LEN>() else { return false };
        let Some((text, tag)) = rest.split_last_chunk::<TAG_LEN>() else { return false };
        let before = out.len();
        out.extend_from_slice(text);
        let (nonce, tag) = (XNonce::from(*nonce), Tag::from(*tag));
        let opened = self.cipher.decrypt_inout_detached(&nonce, clear, (&mut out[before..]).into(), &tag);
        if opened.is_err() {
            out.truncate(before);
        }
        opened.is_ok()
    }
}

impl fmt::Debug for RoomKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RoomKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(key: &RoomKey) -> Vec<u8> {
        let mut out = b"clear, then a secret".to_vec();
        key.seal(&mut out, 6, &mut Random::new(1.into()));
        assert_eq!(out.len(), 20 + SEAL_OVERHEAD);
        out
    }

    #[test]
    fn what_was_sealed_is_opened_and_nothing_else() {
        let key = RoomKey::derive(b"magpie", "lab");
        let bytes = sealed(&key);
        let open = |key: &RoomKey, bytes: &[u8]| {
            let mut out = b"x".to_vec();
            let opened = key.open(&bytes[..6], &bytes[6..], &mut out);
            assert!(opened || out == b"x");
            opened.then_some(out)
        };
        assert_eq!(open(&key, &bytes).unwrap(), b"x then a secret");
        for other in [RoomKey::derive(b"Magpie", "lab"), RoomKey::derive(b"magpie", "lobby")] {
            assert_eq!(open(&other, &bytes), None);
            assert_ne!(other.id(), key.id());
        }
        for bit in 0..8 * bytes.len() {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&key, &changed), None, "bit {bit}");
        }
        for len in 6..bytes.len() {
            assert_eq!(open(&key, &bytes[..len]), None, "{len} bytes");
        }
    }

    #[test]
    fn peers_are_called_otherwise_in_each_room() {
        let (lab, other) = (RoomKey::derive(b"magpie", "lab"), RoomKey::derive(b"magpie", "other"));
        let [alice, bob] = [1, 2].map(|number| PublicKey([number; 32]));
        assert_ne!(lab.peer_id(&alice), other.peer_id(&alice));
        assert_ne!(lab.peer_id(&alice), lab.peer_id(&bob));
        assert_eq!(lab.peer_id(&alice), lab.clone().peer_id(&alice));
    }
}
