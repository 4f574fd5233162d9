//! Random bytes for nonces and keys, fetched from the operating system in larger pieces: a system
//! call per event would cost more than sealing it.

use parking_lot::Mutex;
use zeroize::Zeroize;

use super::KeyRingError;

const POOL_BYTES: usize = 4096;

struct Pool {
    bytes: Box<[u8; POOL_BYTES]>,
    /// Bytes before this place were handed out, and erased.
    used: usize,
}

/// Hands out each random byte once.
pub(crate) struct RandomPool(Mutex<Pool>);

impl RandomPool {
    /// An empty pool; the first call fills it.
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Pool { bytes: Box::new([0; POOL_BYTES]), used: POOL_BYTES }))
    }

    /// Fresh random bytes.
    pub(crate) fn take<const N: usize>(&self) -> Result<[u8; N], KeyRingError> {
        const { assert!(N <= POOL_BYTES) };
        let mut pool = self.0.lock();
        if pool.used + N > POOL_BYTES {
            getrandom::fill(pool.bytes.as_mut_slice()).map_err(KeyRingError::Randomness)?;
            pool.used = 0;
        }
        let mut out = [0; N];
        let from = pool.used;
        pool.used += N;
        let taken = &mut pool.bytes[from..from + N];
        out.copy_from_slice(taken);
        taken.zeroize();
        Ok(out)
    }
}
