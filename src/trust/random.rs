//! Random bytes that nobody can guess.

use core::fmt;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};

/// What all randomness of a node comes from: 32 bytes that nobody else knows.
#[derive(Clone, Copy)]
pub struct Seed(pub [u8; 32]);

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(..)")
    }
}

impl From<u64> for Seed {
    /// A seed that anybody can guess, for whoever wants the same to happen again.
    fn from(number: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        Self(bytes)
    }
}

/// An endless stream of random bytes: the key stream of ChaCha20 (RFC 8439), its key the seed.
pub struct Random(ChaCha20Rng);

impl Random {
    /// The stream of this seed.
    pub fn new(seed: Seed) -> Self {
        Self(ChaCha20Rng::from_seed(seed.0))
    }

    /// The next bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// A number, for what is drawn by lot and need not be a secret.
    pub fn number(&mut self) -> u64 {
        self.0.next_u64()
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_again_and_another_seed_another() {
        let bytes = |seed: u64| Random::new(seed.into()).bytes::<24>();
        assert_eq!(bytes(1), bytes(1));
        assert_ne!(bytes(1), bytes(2));
        let mut random = Random::new(Seed([0; 32]));
        // RFC 8439, appendix A.1, test vector 1: the key stream of a key of zeros.
        assert_eq!(random.bytes(), [0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90]);
        assert_ne!(random.bytes::<8>(), random.bytes());
    }
}
