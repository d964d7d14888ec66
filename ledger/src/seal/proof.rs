//! That an entry is in the sealed books: checked offline, with nothing but the file and the key.

use ring::signature::{ED25519, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::tree::{self, Hash, Step};

/// A proof as a customer downloads it (JSON).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The entry as it was sealed, to the byte.
    pub entry: String,
    pub(crate) entry_steps: Vec<Step>,
    pub(crate) range: Range,
    pub(crate) range_steps: Vec<Step>,
    pub checkpoint: Checkpoint,
    #[serde(with = "hex::serde")]
    pub public_key: Vec<u8>,
    #[serde(with = "hex::serde")]
    pub signature: Vec<u8>,
}

/// The transfers of one wallet in a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Range {
    pub(crate) wallet_id: String,
    pub(crate) first_seq: i64,
    pub(crate) last_seq: i64,
    #[serde(with = "hex::serde")]
    pub(crate) root: Hash,
}

/// What is signed, and printed outside the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    pub number: i64,
    #[serde(with = "hex::serde")]
    pub(crate) previous: Hash,
    #[serde(with = "hex::serde")]
    pub(crate) root: Hash,
    pub ranges: i64,
    pub transfers: i64,
    pub sealed_at_micros: i64,
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotProved {
    #[error("read proof: not a proof file")]
    Shape,
    #[error("check proof: signed with another key")]
    OtherKey,
    #[error("check proof: the signature does not fit the checkpoint")]
    Signature,
    #[error("check proof: the entry is not in the checkpoint")]
    NotIncluded,
}

impl Range {
    pub(crate) fn leaf(&self) -> Hash {
        let root = hex::encode(self.root);
        let text = format!(
            "{} {} {} {root}",
            self.wallet_id, self.first_seq, self.last_seq
        );
        tree::leaf(text.as_bytes())
    }
}

impl Checkpoint {
    /// One line: what is signed, and what is kept outside the database.
    pub fn line(&self) -> String {
        format!(
            "talkala-wallet checkpoint {} previous {} root {} ranges {} transfers {} at {}",
            self.number,
            hex::encode(self.previous),
            hex::encode(self.root),
            self.ranges,
            self.transfers,
            self.sealed_at_micros
        )
    }

    /// What the next checkpoint names as its previous one.
    pub(crate) fn digest(&self) -> Hash {
        Sha256::digest(self.line()).into()
    }

    pub(crate) fn is_signed(&self, public_key: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, public_key)
            .verify(self.line().as_bytes(), signature)
            .is_ok()
    }
}

impl Proof {
    /// Reads and checks a proof file. The key is the operator's published one; without it only the
    /// file's own consistency is shown.
    pub fn check(file: &[u8], public_key: Option<&[u8]>) -> Result<Self, NotProved> {
        let proof: Self = serde_json::from_slice(file).map_err(|_| NotProved::Shape)?;
        if public_key.is_some_and(|key| key != proof.public_key) {
            return Err(NotProved::OtherKey);
        }
        let entry = tree::leaf(proof.entry.as_bytes());
        let is_included = tree::climb(entry, &proof.entry_steps) == proof.range.root
            && tree::climb(proof.range.leaf(), &proof.range_steps) == proof.checkpoint.root
            && proof.entry.contains(&proof.range.wallet_id);
        if !is_included {
            return Err(NotProved::NotIncluded);
        }
        if !proof
            .checkpoint
            .is_signed(&proof.public_key, &proof.signature)
        {
            return Err(NotProved::Signature);
        }
        Ok(proof)
    }
}
