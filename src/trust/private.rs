//! What only one reader shall read.

use alloc::vec::Vec;

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use x25519_dalek::{X25519_BASEPOINT_BYTES, x25519};
use zeroize::Zeroizing;

use super::{PublicKey, Random, SecretKey};

/// Bytes of the one-time key that stands in front.
const KEY_LEN: usize = 32;
const TAG_LEN: usize = 16;

/// Bytes by which what is sealed is longer than what it was made of: a key of 32 in front, a tag of 16 behind.
pub const PRIVATE_OVERHEAD: usize = KEY_LEN + TAG_LEN;

/// What the keys are made for, so that no other program's are ours.
const CONTEXT: &[u8] = b"cooee private line 1";

/// Seals `text` to a reader, and appends it to `out`; tells whether the reader's key is one.
///
/// The sender makes a key for this once. What X25519 (RFC 7748) makes of it and of the reader's key goes through HKDF
/// with SHA-256 (RFC 5869), together with both public keys, and gives key and nonce of XChaCha20-Poly1305. `clear`
/// is not sealed, but nothing can be opened without it: by it the sender's name is bound to what he says, so that
/// nobody else can put his own under it.
///
/// The reader's key is the one with which he signs, as its point on the Montgomery curve (RFC 7748, section 4.1): so a
/// private line can be said to everybody who was ever heard, without another key that would have to be known, checked
/// and kept. That one key does for both is shown to be safe in Thormarker, "On using the same key pair for Ed25519 and
/// an X25519 based KEM" (2021).
pub fn seal_to(reader: &PublicKey, clear: &[u8], text: &[u8], random: &mut Random, out: &mut Vec<u8>) -> bool {
    let Some(theirs) = reader.to_exchange() else { return false };
    let once = Zeroizing::new(random.bytes::<32>());
    let public = x25519(*once, X25519_BASEPOINT_BYTES);
    let (cipher, nonce) = cipher(&Zeroizing::new(x25519(*once, theirs)), &public, &theirs);
    out.extend_from_slice(&public);
    let start = out.len();
    out.extend_from_slice(text);
    let tag = cipher.encrypt_inout_detached(&nonce, clear, (&mut out[start..]).into());
    out.extend_from_slice(&tag.unwrap_or_else(|_| unreachable!("less than 256 GiB")));
    true
}

/// Opens what was sealed to this reader with [`seal_to`]; `None` where it was not, or anything of it or of `clear` was
/// changed.
pub fn unseal(reader: &SecretKey, clear: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (public, rest) = sealed.split_first_chunk::<KEY_LEN>()?;
    let (text, tag) = rest.split_last_chunk::<TAG_LEN>()?;
    let ours = reader.public().to_exchange()?;
    let shared = Zeroizing::new(x25519(*reader.to_exchange(), *public));
    let (cipher, nonce) = cipher(&shared, public, &ours);
    let mut text = text.to_vec();
    cipher.decrypt_inout_detached(&nonce, clear, text.as_mut_slice().into(), &Tag::from(*tag)).ok()?;
    Some(text)
}

/// The cipher for one text and its nonce.
fn cipher(shared: &[u8; 32], once: &[u8; 32], reader: &[u8; 32]) -> (XChaCha20Poly1305, XNonce) {
    let (mut key, mut nonce) = (Zeroizing::new([0; 32]), [0; 24]);
    let mut made = Zeroizing::new([0; 56]);
    let done = Hkdf::<Sha256>::new(Some(CONTEXT), shared).expand_multi_info(&[once, reader], &mut *made);
    debug_assert!(done.is_ok(), "HKDF gives up to 8,160 bytes");
    key.copy_from_slice(&made[..32]);
    nonce.copy_from_slice(&made[32..]);
    (XChaCha20Poly1305::new(&(*key).into()), nonce.into())
}

#[cfg(test)]
mod tests {
    use super::super::vectors::hex;
    use super::*;

    /// RFC 7748, section 6.1: Bob's secret key and Alice's public one.
    #[test]
    fn an_exchange_is_that_of_the_rfc() {
        let secret = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
        let public = hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
        let shared = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
        assert_eq!(x25519(secret, public), shared);
    }

    #[test]
    fn only_the_reader_reads_it_and_nothing_may_be_changed() {
        let (bob, carol) = (SecretKey::from_bytes(&[1; 32]), SecretKey::from_bytes(&[2; 32]));
        let mut sealed = Vec::new();
        assert!(seal_to(&bob.public(), b"from alice", b"the key", &mut Random::new(1.into()), &mut sealed));
        assert_eq!(sealed.len(), 7 + PRIVATE_OVERHEAD);
        assert_eq!(unseal(&bob, b"from alice", &sealed).unwrap(), b"the key");
        assert_eq!(unseal(&carol, b"from alice", &sealed), None);
        assert_eq!(unseal(&bob, b"from carol", &sealed), None);
        for bit in 0..8 * sealed.len() {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            // The highest bit of a point is not looked at (RFC 7748, section 5), but it is part of what makes the key.
            assert_eq!(unseal(&bob, b"from alice", &changed), None, "bit {bit}");
        }
        for len in 0..sealed.len() {
            assert_eq!(unseal(&bob, b"from alice", &sealed[..len]), None, "{len} bytes");
        }
    }

    #[test]
    fn nothing_is_sealed_to_what_is_no_key() {
        let mut out = Vec::new();
        let mut neutral = [0; 32];
        neutral[0] = 1;
        assert!(!seal_to(&PublicKey(neutral), b"", b"x", &mut Random::new(1.into()), &mut out));
        assert!(out.is_empty());
    }
}
