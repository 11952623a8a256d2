//! Keys: who said something, and who may read it. All of the cryptography lies here, and it is pure: it knows no
//! datagram, no file and no clock, and draws no randomness but what it is given.
//!
//! - [`SecretKey`], [`PublicKey`], [`Signature`]: an installation's key, Ed25519 (RFC 8032);
//! - [`Fingerprint`]: a public key in a form that people compare;
//! - [`IdentityError`]: why a text is not the file that keeps a secret key;
//! - [`KnownPeers`]: the keys of others that were met, as a file keeps them;
//! - [`RoomKey`]: what a passphrase makes of a room (Argon2id, RFC 9106), and the seal of all that is said there
//!   (XChaCha20-Poly1305, which is RFC 8439 with a nonce of 24 bytes);
//! - [`seal_to`], [`unseal`]: what only one reader shall read (X25519, RFC 7748);
//! - [`Random`]: the random bytes of nonces and one-time keys.
//!
//! The algorithms are those of well-kept crates; what is decided here is only how they are put together.

mod fingerprint;
mod identity_file;
mod keys;
mod known_peers;
mod private;
mod random;
mod room_key;

pub use fingerprint::{Fingerprint, FingerprintError};
pub use identity_file::IdentityError;
pub use keys::{PublicKey, SecretKey, Signature};
pub use known_peers::{KnownPeer, KnownPeers, Marks, Noted, Since};
pub use private::{PRIVATE_OVERHEAD, seal_to, unseal};
pub use random::{Random, Seed};
pub use room_key::{RoomKey, SEAL_OVERHEAD};

#[cfg(test)]
mod vectors {
    /// The bytes that test vectors give in hex.
    pub(super) fn hex<const N: usize>(digits: &str) -> [u8; N] {
        assert_eq!(digits.len(), 2 * N);
        core::array::from_fn(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap())
    }
}
