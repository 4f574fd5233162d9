//! The points between two steps at which a process may die. Tests stop it there.

/// What has just become so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// An upload's directory has its files, and no information yet.
    UploadMade,
    /// An upload has its information.
    InfoWritten,
    /// Bytes were written to a part, and not synced.
    PartGrown,
    /// A part was synced; its offset does not say so yet.
    PartSynced,
    /// The offset of a part was confirmed.
    OffsetConfirmed,
    /// A part that is whole was hashed and described.
    PartHashed,
    /// What it is was written beside it.
    ResultWritten,
    /// The staged file was synced once more; it has no name in the store.
    BytesSynced,
    /// It has its name, which is not synced.
    BytesNamed,
    /// Its name is synced.
    NameSynced,
    /// The receipt lies under the hash.
    ReceiptWritten,
    /// The upload is no longer open.
    UploadClosed,
    /// What it needed while it was open is gone.
    UploadCleared,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 13] = [
        Self::UploadMade,
        Self::InfoWritten,
        Self::PartGrown,
        Self::PartSynced,
        Self::OffsetConfirmed,
        Self::PartHashed,
        Self::ResultWritten,
        Self::BytesSynced,
        Self::BytesNamed,
        Self::NameSynced,
        Self::ReceiptWritten,
        Self::UploadClosed,
        Self::UploadCleared,
    ];
}

/// Is told of each step. No setting of the product leads here.
pub trait Steps: Send + Sync {
    /// Something has just become so.
    fn reached(&self, step: Step);
}

/// Lets every step pass.
#[derive(Debug, Clone, Copy)]
pub struct Pass;

impl Steps for Pass {
    fn reached(&self, _: Step) {}
}
