//! The Merkle tree of RFC 6962 §2.1, kept in tiles of 256 hashes as in C2SP tlog-tiles.
//!
//! To append, only the last, unfinished tile of each level is needed: at most 8 for any number of leaves.

use sha2::{Digest as _, Sha256};

/// A node of the tree.
pub(crate) type Hash = [u8; 32];

/// Hashes in a whole tile: the bits of a place that one level covers are 8.
const TILE_HASHES: usize = 1 << TILE_BITS;
const TILE_BITS: u32 = 8;
/// Levels of a tree whose size is a u64.
const LEVELS_MAX: usize = 8;

/// Some of the hashes of one level, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tile {
    /// 0 for leaf hashes.
    pub(crate) level: u8,
    /// Its place among the tiles of its level.
    pub(crate) number: u64,
    /// At most 256 hashes, one after the other.
    pub(crate) hashes: Vec<Hash>,
}

/// The right edge of a tree: the last tile of each level as far as it is filled, empty where whole tiles end it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RightEdge {
    size: u64,
    levels: Vec<Vec<Hash>>,
}

/// The hash of a leaf as a node of the tree.
pub(crate) fn leaf_node(leaf: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(leaf)
        .finalize()
        .into()
}

fn inner_node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// The root over a power of two of hashes.
fn perfect_root(hashes: &[Hash]) -> Hash {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row
            .chunks_exact(2)
            .map(|pair| inner_node(&pair[0], &pair[1]))
            .collect();
    }
    row[0]
}

/// The unfinished tiles of a tree of `size` leaves: level, number, and how many hashes each holds.
pub(crate) fn unfinished_tiles(size: u64) -> impl Iterator<Item = (u8, u64, usize)> {
    (0_u8..)
        .map_while(move |level| {
            size.checked_shr(TILE_BITS * u32::from(level))
                .map(|count| (level, count))
        })
        .take_while(|(_, count)| *count > 0)
        .filter_map(|(level, count)| {
            let filled = usize::try_from(count % TILE_HASHES as u64).ok()?;
            (filled > 0).then_some((level, count >> TILE_BITS, filled))
        })
}

impl RightEdge {
    /// The right edge of a tree of `size` leaves, from its [`unfinished_tiles`]; `None` when they do not fit it.
    pub(crate) fn new(size: u64, tiles: Vec<Tile>) -> Option<Self> {
        let mut levels = vec![Vec::new(); LEVELS_MAX];
        let mut expected = unfinished_tiles(size);
        for tile in tiles {
            let (level, number, filled) = expected.next()?;
            if (tile.level, tile.number) != (level, number) || tile.hashes.len() != filled {
                return None;
            }
            levels[usize::from(level)] = tile.hashes;
        }
        expected.next().is_none().then_some(Self { size, levels })
    }

    /// How many leaves the tree has.
    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree.
    pub(crate) fn root(&self) -> Hash {
        let mut root = None;
        // The perfect trees that make up this one, from the smallest: each level's, from its right.
        for level in &self.levels {
            let mut end = level.len();
            for bit in 0..TILE_BITS {
                let width = 1 << bit;
                if level.len() & width != 0 {
                    let left = perfect_root(&level[end - width..end]);
                    root = Some(root.map_or(left, |right| inner_node(&left, &right)));
                    end -= width;
                }
            }
        }
        root.unwrap_or_else(|| Sha256::digest([]).into())
    }

    /// Appends leaves, and gives every tile that is new or has grown.
    pub(crate) fn append<'a>(&mut self, leaves: impl IntoIterator<Item = &'a Hash>) -> Vec<Tile> {
        let mut changed = Vec::new();
        let mut touched = [false; LEVELS_MAX];
        for leaf in leaves {
            let place = self.size;
            let mut hash = leaf_node(leaf);
            for (level, touched) in touched.iter_mut().enumerate() {
                *touched = true;
                self.levels[level].push(hash);
                if self.levels[level].len() < TILE_HASHES {
                    break;
                }
                hash = perfect_root(&self.levels[level]);
                let hashes = std::mem::take(&mut self.levels[level]);
                changed.push(tile(level, place, hashes));
                *touched = false;
            }
            self.size += 1;
        }
        for (level, hashes) in self.levels.iter().enumerate() {
            if touched[level] && !hashes.is_empty() {
                changed.push(tile(level, self.size - 1, hashes.clone()));
            }
        }
        changed
    }
}

/// The tile of a level that covers the leaf at `place`.
fn tile(level: usize, place: u64, hashes: Vec<Hash>) -> Tile {
    let level = u8::try_from(level).expect("a tree has eight levels at most");
    let number = place.checked_shr(TILE_BITS * (u32::from(level) + 1)).unwrap_or(0);
    Tile {
        level,
        number,
        hashes,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// RFC 6962 §2.1, word for word.
    fn oracle(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest(b"").into(),
            [leaf] => leaf_node(leaf),
            _ => {
                let mut split = 1;
                while split * 2 < leaves.len() {
                    split *= 2;
                }
                inner_node(&oracle(&leaves[..split]), &oracle(&leaves[split..]))
            }
        }
    }

    fn leaves(count: u32) -> Vec<Hash> {
        (0..count)
            .map(|number| Sha256::digest(number.to_be_bytes()).into())
            .collect()
    }

    /// The tiles as a table keeps them: a later one replaces an earlier one of the same place.
    #[derive(Default)]
    struct Table(BTreeMap<(u8, u64), Vec<Hash>>);

    impl Table {
        fn edge(&self, size: u64) -> RightEdge {
            let tiles = unfinished_tiles(size)
                .map(|(level, number, filled)| Tile {
                    level,
                    number,
                    hashes: self.0[&(level, number)][..filled].to_vec(),
                })
                .collect();
            RightEdge::new(size, tiles).expect("the table holds the edge")
        }

        fn append(&mut self, size: u64, leaves: &[Hash]) -> RightEdge {
            let mut edge = self.edge(size);
            for tile in edge.append(leaves) {
                let before = self.0.insert((tile.level, tile.number), tile.hashes.clone());
                assert!(before.is_none_or(|before| tile.hashes.starts_with(&before)));
            }
            edge
        }
    }

    #[test]
    fn the_vectors_of_certificate_transparency_hold() {
        // The empty tree, and the tree of one empty leaf (certificate-transparency's own test vectors).
        let hash = |hex: &str| -> Hash {
            std::array::from_fn(|index| u8::from_str_radix(&hex[2 * index..][..2], 16).unwrap())
        };
        assert_eq!(
            RightEdge::new(0, vec![]).unwrap().root(),
            hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        );
        assert_eq!(
            leaf_node(b""),
            hash("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
        );
    }

    #[test]
    fn every_size_has_the_root_of_the_specification() {
        let leaves = leaves(1100);
        let mut table = Table::default();
        for size in 0..leaves.len() {
            assert_eq!(table.edge(size as u64).root(), oracle(&leaves[..size]), "{size}");
            table.append(size as u64, &leaves[size..=size]);
        }
        // Older trees are still there in the tiles.
        for size in [1, 255, 256, 257, 700] {
            assert_eq!(table.edge(size as u64).root(), oracle(&leaves[..size]), "{size}");
        }
    }

    #[test]
    fn a_third_level_begins_where_the_second_is_full() {
        let leaves = leaves(65_536 + 300);
        let mut table = Table::default();
        let edge = table.append(0, &leaves[..65_000]);
        assert_eq!(edge.root(), oracle(&leaves[..65_000]));
        let edge = table.append(65_000, &leaves[65_000..]);
        assert_eq!(edge.root(), oracle(&leaves));
        assert_eq!(edge.size(), 65_836);
        assert_eq!(table.edge(65_836), edge);
        assert_eq!(table.0.keys().map(|(level, _)| *level).max(), Some(2));
    }

    #[test]
    fn an_edge_of_another_size_is_refused() {
        let mut edge = RightEdge::new(0, vec![]).unwrap();
        let tiles = edge.append(&leaves(300));
        let unfinished: Vec<_> = tiles.into_iter().filter(|tile| tile.hashes.len() < 256).collect();
        assert_eq!(RightEdge::new(300, unfinished.clone()), Some(edge));
        for size in [0, 299, 301, 556, 300 + 65_536] {
            assert_eq!(RightEdge::new(size, unfinished.clone()), None, "{size}");
        }
        assert_eq!(RightEdge::new(300, unfinished[..1].to_vec()), None);
    }

    #[test]
    fn the_largest_tree_has_an_edge() {
        assert_eq!(unfinished_tiles(u64::MAX).count(), 8);
        assert_eq!(unfinished_tiles(1 << 56).collect::<Vec<_>>(), [(7, 0, 1)]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn batches_of_any_size_come_to_the_same(sizes in prop::collection::vec(0_usize..400, 1..8)) {
            let all = leaves(u32::try_from(sizes.iter().sum::<usize>()).unwrap());
            let mut table = Table::default();
            let mut placed = 0;
            for size in sizes {
                let edge = table.append(placed as u64, &all[placed..placed + size]);
                placed += size;
                prop_assert_eq!(edge.root(), oracle(&all[..placed]));
            }
        }
    }
}
