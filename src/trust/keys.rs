//! An installation's key: whoever holds its secret half can say something in its name, and everybody can check that.

use alloc::boxed::Box;
use core::fmt;

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

use super::Fingerprint;

/// The half of a key that others know: 32 bytes, an Ed25519 public key (RFC 8032, section 5.1.5).
///
/// Any 32 bytes will do; of some, no signature is ever valid.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey(pub [u8; 32]);

impl PublicKey {
    /// Bytes of a public key.
    pub const LEN: usize = 32;

    /// Whether the signature was made with this key's secret half over exactly these bytes.
    ///
    /// Strict: a signature that could be written in two ways, or a key with which one signature suits many messages,
    /// is not valid (RFC 8032, section 8.4, and what has been learnt since).
    pub fn verifies(&self, message: &[u8], signature: &Signature) -> bool {
        let Ok(key) = VerifyingKey::from_bytes(&self.0) else { return false };
        key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(&signature.0)).is_ok()
    }

    /// The key in a form that people compare.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self)
    }

    /// The same key as a point to exchange secrets with; `None` where the bytes are no key.
    pub(super) fn to_exchange(self) -> Option<[u8; 32]> {
        VerifyingKey::from_bytes(&self.0).ok().filter(|key| !key.is_weak()).map(|key| key.to_montgomery().to_bytes())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.fingerprint())
    }
}

/// The half of a key that its owner alone knows. It is wiped when it is dropped, and never shown.
#[derive(Clone)]
pub struct SecretKey(Box<SigningKey>);

impl SecretKey {
    /// Bytes of a secret key.
    pub const LEN: usize = 32;

    /// The key that 32 random bytes make (RFC 8032, section 5.1.5).
    pub fn from_bytes(bytes: &[u8; Self::LEN]) -> Self {
        Self(Box::new(SigningKey::from_bytes(bytes)))
    }

    /// The bytes that the key was made of, to be kept where nobody else can read them.
    pub fn to_bytes(&self) -> Zeroizing<[u8; Self::LEN]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The half that others may know.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs these bytes.
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes())
    }

    /// The same key as a number to exchange secrets with.
    pub(super) fn to_exchange(&self) -> Zeroizing<[u8; 32]> {
        // The first half of the hash, as in RFC 8032, section 5.1.5; X25519 clears and sets the same bits by itself.
        let hash = Zeroizing::new(<[u8; 64]>::from(Sha512::digest(self.0.as_bytes())));
        let mut number = Zeroizing::new([0; 32]);
        number.copy_from_slice(&hash[..32]);
        number
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {})", self.public().fingerprint())
    }
}

/// A signature: 64 bytes (RFC 8032, section 5.1.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

impl Signature {
    /// Bytes of a signature.
    pub const LEN: usize = 64;
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::super::vectors::hex;
    use super::*;

    /// RFC 8032, section 7.1, test 2.
    #[test]
    fn a_signature_is_that_of_the_rfc() {
        let secret = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        let public = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        let signature = hex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
        let key = SecretKey::from_bytes(&secret);
        assert_eq!((key.public(), key.sign(&[0x72])), (PublicKey(public), Signature(signature)));
        assert!(key.public().verifies(&[0x72], &Signature(signature)));
    }

    #[test]
    fn no_other_message_key_or_signature_is_valid() {
        let key = SecretKey::from_bytes(&[7; 32]);
        let signature = key.sign(b"lunch");
        assert!(!key.public().verifies(b"Lunch", &signature));
        assert!(!SecretKey::from_bytes(&[8; 32]).public().verifies(b"lunch", &signature));
        for bit in 0..512 {
            let mut other = signature;
            other.0[bit / 8] ^= 1 << (bit % 8);
            assert!(!key.public().verifies(b"lunch", &other), "bit {bit}");
        }
    }

    #[test]
    fn keys_that_suit_everything_suit_nothing() {
        // The neutral point: with it, a signature of zeros would be valid for any message.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        let mut signature = [0; 64];
        signature[0] = 1;
        assert!(!PublicKey(neutral).verifies(b"anything", &Signature(signature)));
        assert_eq!(PublicKey(neutral).to_exchange(), None);
    }

    #[test]
    fn a_secret_key_is_never_shown() {
        let key = SecretKey::from_bytes(&[0xab; 32]);
        let shown = format!("{key:?}");
        assert!(!shown.contains("171") && !shown.contains("abab"), "{shown}");
        assert_eq!(*key.to_bytes(), [0xab; 32]);
    }

    /// Both halves lead to the same place: what the owner makes of the secret one is what others make of the public one.
    #[test]
    fn both_halves_exchange_the_same() {
        let key = SecretKey::from_bytes(&[7; 32]);
        let public = x25519_dalek::x25519(*key.to_exchange(), x25519_dalek::X25519_BASEPOINT_BYTES);
        assert_eq!(key.public().to_exchange(), Some(public));
    }
}
