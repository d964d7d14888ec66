//! The Merkle tree of RFC 6962, section 2.1, over SHA-256.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub(crate) type Hash = [u8; 32];

/// A step from a leaf to the root: what stands beside, and on which side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Step {
    pub(crate) on_the_left: bool,
    #[serde(with = "hex::serde")]
    pub(crate) hash: Hash,
}

/// Leaves and nodes are hashed apart, so that neither can pass for the other.
pub(crate) fn leaf(bytes: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update([0]);
    hash.update(bytes);
    hash.finalize().into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    let mut hash = Sha256::new();
    hash.update([1]);
    hash.update(left);
    hash.update(right);
    hash.finalize().into()
}

pub(crate) fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [only] => *only,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node(&root(left), &root(right))
        }
    }
}

/// The way from leaf `index` to the root, lowest step first.
pub(crate) fn path(leaves: &[Hash], index: usize) -> Vec<Step> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let at = split(leaves.len());
    let (left, right) = leaves.split_at(at);
    let (mut steps, beside, on_the_left) = if index < at {
        (path(left, index), root(right), false)
    } else {
        (path(right, index - at), root(left), true)
    };
    steps.push(Step {
        on_the_left,
        hash: beside,
    });
    steps
}

/// The root that a leaf leads to on this way.
pub(crate) fn climb(leaf: Hash, steps: &[Step]) -> Hash {
    steps.iter().fold(leaf, |hash, step| {
        if step.on_the_left {
            node(&step.hash, &hash)
        } else {
            node(&hash, &step.hash)
        }
    })
}

/// The largest power of two below the number of leaves.
fn split(leaves: usize) -> usize {
    leaves.next_power_of_two() / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Inputs and root of the test of the Certificate Transparency reference implementation.
    #[test]
    fn roots_are_those_of_the_reference() {
        let inputs: [&[u8]; 8] = [
            &[],
            &[0x00],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[
                0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d,
                0x6e, 0x6f,
            ],
        ];
        let leaves: Vec<Hash> = inputs.iter().map(|input| leaf(input)).collect();
        assert_eq!(
            hex::encode(root(&[])),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(
            hex::encode(root(&leaves[..1])),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
        assert_eq!(
            hex::encode(root(&leaves)),
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
        );
    }

    #[test]
    fn every_leaf_of_every_tree_climbs_to_the_root_and_no_other_does() {
        for count in 1..40usize {
            let leaves: Vec<Hash> = (0..count)
                .map(|number| leaf(&number.to_be_bytes()))
                .collect();
            let top = root(&leaves);
            for (index, hash) in leaves.iter().enumerate() {
                let steps = path(&leaves, index);
                assert_eq!(climb(*hash, &steps), top);
                assert_ne!(climb(leaf(b"other"), &steps), top);
            }
        }
    }
}
