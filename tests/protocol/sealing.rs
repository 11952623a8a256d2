//! Keys, signatures and seals, put together as the page says, by nothing of ours.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use hkdf::Hkdf;
use sha2::{Digest, Sha256, Sha512};
use x25519_dalek::x25519;

use crate::PAGE;
use crate::format::lab;
use crate::reading::{hex, read, size_of, unhex, value, vector_bytes};

const HEADER_LEN: usize = 32;

/// Asserts that this stands in the text of the page.
#[track_caller]
fn promised(words: &str) {
    assert!(PAGE.replace('\n', " ").contains(words), "{words:?} is not on the page");
}

/// The peer id that the page makes of this.
fn peer_id(salt: &[u8], key: &[u8]) -> String {
    let mut hash = Sha256::digest([salt, key].concat());
    hash[0] |= 0x80;
    hex(&hash[..8])
}

/// The bytes of a field of a vector.
fn field(vector: &str, name: &str) -> Vec<u8> {
    let fields = read(vector, &vector_bytes(vector));
    unhex(&fields.iter().rfind(|field| field.name == name).unwrap().hex)
}

fn open(key: [u8; 32], nonce: [u8; 24], header: &[u8], sealed: &[u8]) -> Vec<u8> {
    let (text, tag) = sealed.split_last_chunk::<16>().unwrap();
    let (cipher, mut text) = (XChaCha20Poly1305::new(&key.into()), text.to_vec());
    let tag = Tag::from(*tag);
    cipher.decrypt_inout_detached(&XNonce::from(nonce), header, text.as_mut_slice().into(), &tag).unwrap();
    text
}

#[test]
fn keys_and_peer_ids_are_those_of_the_page() {
    promised("that of value 80 in its first byte, tells whether the peer signs");
    for name in ["alice", "bob"] {
        let secret = SigningKey::from_bytes(&value("keys", &format!("{name}'s secret key")));
        let public: [u8; 32] = value("keys", &format!("{name}'s public key"));
        assert_eq!(secret.verifying_key().to_bytes(), public);
        let id: [u8; 8] = value("keys", &format!("{name}'s peer id"));
        assert_eq!(hex(&id), peer_id(&[], &public));
    }
    for vector in ["signed", "private line"] {
        assert_eq!(hex(&vector_bytes(vector)[16..24]), hex(&value::<8>("keys", "alice's peer id")));
    }
    assert_eq!(hex(&vector_bytes("private ack")[16..24]), hex(&value::<8>("keys", "bob's peer id")));
}

#[test]
fn signatures_are_over_all_that_stands_in_front_of_them() {
    for (vector, name) in
        [("signed", "alice"), ("unsealed", "alice"), ("private line", "alice"), ("private ack", "bob")]
    {
        let secret = SigningKey::from_bytes(&value("keys", &format!("{name}'s secret key")));
        let bytes = vector_bytes(vector);
        let (signed, signature) = bytes.split_last_chunk::<64>().unwrap();
        assert_eq!(hex(&secret.sign(signed).to_bytes()), hex(signature), "{vector}");
        assert_eq!(signed[signed.len() - 32..], secret.verifying_key().to_bytes());
    }
}

#[test]
fn the_sealed_vector_is_sealed_as_the_page_says() {
    promised("version 13 in hex, with 19,456 KiB, 2 passes and 1 lane");
    promised("the SHA-256 of .Ql cooee room 1 , a zero byte, and the room's name");
    promised("Of the 72 bytes that come out");
    let salt = Sha256::digest(b"cooee room 1\0lab");
    assert_eq!(hex(&salt), hex(&value::<32>("room", "salt")));
    let (params, mut made) = (Params::new(19_456, 2, 1, Some(72)).unwrap(), [0; 72]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(b"magpie", &salt, &mut made).unwrap();
    let key: [u8; 32] = value("room", "key of the room");
    let (id, peer_salt) = (value::<8>("room", "room id"), value::<32>("room", "peer salt"));
    assert_eq!(hex(&made), hex(&[&key[..], &id, &peer_salt].concat()));
    assert_eq!(u64::from_be_bytes(id), lab().id().0);

    let sealed = vector_bytes("sealed");
    let public: [u8; 32] = value("keys", "alice's public key");
    let author: [u8; 8] = value("room", "alice's peer id");
    assert_eq!((&sealed[8..16], hex(&sealed[16..24])), (&id[..], hex(&author)));
    assert_eq!(hex(&author), peer_id(&peer_salt, &public));
    let (header, inside) = sealed.split_at(HEADER_LEN);
    let (nonce, msg) = inside.split_first_chunk::<24>().unwrap();
    let clear = vector_bytes("unsealed");
    let opened = open(key, *nonce, header, msg);
    assert_eq!((header, hex(&opened)), (&clear[..HEADER_LEN], hex(&clear[HEADER_LEN..])));
}

#[test]
fn the_private_vector_is_sealed_as_the_page_says() {
    promised("with the salt .Ql cooee private line 1 and, as info,");
    promised("The associated data are 44 bytes");
    let theirs: [u8; 32] = value("private", "bob's public half for X25519");
    let public = VerifyingKey::from_bytes(&value("keys", "bob's public key")).unwrap();
    assert_eq!(public.to_montgomery().to_bytes(), theirs);
    let shared = x25519(value("private", "secret half of once"), theirs);
    assert_eq!(hex(&shared), hex(&value::<32>("private", "shared secret")));
    let once: [u8; 32] = field("private line", "once").try_into().unwrap();
    let secret: [u8; 32] = Sha512::digest(value::<32>("keys", "bob's secret key"))[..32].try_into().unwrap();
    assert_eq!(x25519(secret, once), shared);

    let mut made = [0; 56];
    let info = [once, theirs].concat();
    Hkdf::<Sha256>::new(Some(b"cooee private line 1"), &shared).expand(&info, &mut made).unwrap();
    let (key, nonce) = (value::<32>("private", "key"), value::<24>("private", "nonce"));
    assert_eq!(hex(&made), hex(&[&key[..], &nonce].concat()));
    let bytes = vector_bytes("private line");
    let reader = [&value::<8>("keys", "bob's peer id")[..], &[0xca, 0xfe, 0xba, 0xbe]].concat();
    let aad = [&bytes[..HEADER_LEN], &reader].concat();
    assert_eq!(aad.len(), 44);
    let msg = [field("private line", "sealed"), field("private line", "tag")].concat();
    let opened = open(key, nonce, &aad, &msg);
    assert_eq!(hex(&opened), hex(&vector_bytes("private text")));
    assert_eq!(once.len() + msg.len() - opened.len(), size_of("private seal"));
}
