//! Sealing of personal parts: XChaCha20-Poly1305 under a subject's key, bound to the event that
//! the part belongs to, so that it cannot be moved to another.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use domain::StreamId;

use super::{KeyNumber, KeyRing, KeyRingError, RandomPool};

/// A sealed personal part, as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sealed<'a> {
    pub(crate) subject: StreamId,
    pub(crate) key: KeyNumber,
    pub(crate) nonce: [u8; 24],
    /// With its tag at the end.
    pub(crate) ciphertext: &'a [u8],
}

/// What a reader gets.
pub(crate) enum Opened {
    Known(zeroize::Zeroizing<Vec<u8>>),
    Erased,
}

/// Seals a plaintext; `bound_to` must be given again to open it.
pub(crate) fn seal(
    keys: &dyn KeyRing,
    random: &RandomPool,
    subject: StreamId,
    bound_to: &[u8],
    plaintext: &[u8],
) -> Result<(KeyNumber, [u8; 24], Vec<u8>), KeyRingError> {
    let (number, key) = keys.sealing_key(subject)?;
    let nonce: [u8; 24] = random.take()?;
    let ciphertext = XChaCha20Poly1305::new(key.bytes().into())
        .encrypt(XNonce::from_slice(&nonce), Payload { msg: plaintext, aad: bound_to })
        .map_err(|_| KeyRingError::Cipher)?;
    Ok((number, nonce, ciphertext))
}

/// Opens a sealed part; [`Opened::Erased`] when its key was destroyed.
pub(crate) fn open(
    keys: &dyn KeyRing,
    sealed: &Sealed<'_>,
    bound_to: &[u8],
) -> Result<Opened, KeyRingError> {
    let Some(key) = keys.opening_key(sealed.subject, sealed.key)? else {
        return Ok(Opened::Erased);
    };
    XChaCha20Poly1305::new(key.bytes().into())
        .decrypt(
            XNonce::from_slice(&sealed.nonce),
            Payload { msg: sealed.ciphertext, aad: bound_to },
        )
        .map(|plain| Opened::Known(plain.into()))
        .map_err(|_| KeyRingError::Cipher)
}
