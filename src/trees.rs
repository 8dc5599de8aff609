//! Decision-tree ensembles over int16 features: hard votes, class proportions and regression.
//!
//! A model is a forest of binary trees in one array of [`TreesNode`]s. A sample goes left where `feature <= threshold`, as in
//! scikit-learn; with int16 features the floor of a real threshold takes every decision exactly as the threshold itself does.
//! Children lie behind their parent, so a descent always ends.

mod text;

use crate::Error;
pub use text::TreesLoader;

/// The most features that a node can tell apart.
pub const MAX_FEATURES: u32 = 1 << 14;
/// The most classes: a class is one byte.
pub const MAX_CLASSES: u32 = 256;

const LEFT_IS_LEAF: u16 = 1 << 14;
const RIGHT_IS_LEAF: u16 = 1 << 15;
const FEATURE: u16 = MAX_FEATURES as u16 - 1;

/// One decision, 8 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TreesNode {
    threshold: i16,
    /// The feature in the low 14 bits, and for each side whether its child is a leaf.
    feature: u16,
    /// Left and right: the distance forward to a node, or the index of a leaf.
    children: [u16; 2],
}

/// The largest index of a kind that is in use, as the count it takes, and the record that uses it.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
struct TreesNeed {
    count: u32,
    place: u32,
}

impl TreesNeed {
    fn index(&mut self, index: u32, place: u32) {
        if index >= self.count {
            *self = TreesNeed { count: index + 1, place };
        }
    }
}

/// How much there is in a model.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct TreesShape {
    /// Number of nodes.
    pub n_nodes: u32,
    /// Number of leaves.
    pub n_leaves: u32,
    /// Length of a sample.
    pub n_features: u32,
    /// Length of the output: number of classes, or 1 for regression.
    pub n_outputs: u32,
    /// Number of trees.
    pub n_trees: u32,
    /// 0: a leaf is a class, one byte; 1 to 8: the proportion of each class, a byte each, 255 being 1; 32: a float32.
    pub leaf_bits: u32,
    /// Number of records so far; where an error is.
    pub place: u32,
    nodes: TreesNeed,
    leaves: TreesNeed,
    features: TreesNeed,
    outputs: TreesNeed,
}

impl TreesShape {
    /// Size of a leaf in bytes.
    fn leaf_size(&self) -> u32 {
        match self.leaf_bits {
            0 => 1,
            32 => 4,
            _ => self.n_outputs,
        }
    }

    /// Checks that all that is used exists.
    fn validate(&mut self) -> Result<(), Error> {
        let needs = [self.nodes, self.leaves, self.features, self.outputs];
        let counts = [self.n_nodes, self.n_leaves, self.n_features, self.n_outputs];
        for (need, count) in needs.into_iter().zip(counts) {
            if need.count > count {
                self.place = need.place;
                return Err(Error::NO_SUCH);
            }
        }
        if self.n_trees == 0 { Err(Error::NO_TREES) } else { Ok(()) }
    }
}

/// Sizes of a [`Model`]; the arrays are beside it.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct TreesHeader {
    /// What there is.
    pub shape: TreesShape,
    /// Capacity: trees.
    pub max_trees: u32,
    /// Capacity: nodes.
    pub max_nodes: u32,
    /// Capacity: leaves.
    pub max_leaves: u32,
    /// Size of the leaf array in bytes.
    pub leaf_bytes: u32,
}

impl TreesHeader {
    /// The header of an empty model.
    pub fn new(max_trees: u32, max_nodes: u32, max_leaves: u32) -> TreesHeader {
        TreesHeader {
            max_trees,
            max_nodes,
            max_leaves,
            leaf_bytes: max_leaves,
            ..TreesHeader::default()
        }
    }
}

/// The arrays of a model: `max_nodes` nodes, `max_trees` roots, `leaf_bytes` bytes of leaves.
pub struct Arrays<'a> {
    /// Decision nodes of all trees.
    pub nodes: &'a mut [TreesNode],
    /// Index of each tree's first node.
    pub roots: &'a mut [u16],
    /// Leaves, one after the other.
    pub leaves: &'a mut [u8],
}

/// An ensemble in memory of the caller's.
pub struct Model<'a> {
    /// Sizes and state.
    pub header: &'a mut TreesHeader,
    /// What the sizes are of.
    pub arrays: Arrays<'a>,
}

/// What can be added to a model: the records of the text format, by their names.
pub mod record {
    /// Number of features.
    pub const FEATURES: u32 = b'f' as u32;
    /// Number of classes.
    pub const CLASSES: u32 = b'c' as u32;
    /// Leaf bits.
    pub const LEAF_BITS: u32 = (b'l' as u32) << 8 | b'b' as u32;
    /// A leaf: its class.
    pub const LEAF: u32 = b'l' as u32;
    /// A tree: its first node.
    pub const ROOT: u32 = b'r' as u32;
    /// A node: feature, floor of the threshold, left child, right child.
    pub const NODE: u32 = b'n' as u32;
}

/// Puts `value` behind the `count` values that are in `array`.
fn push<T>(array: &mut [T], count: &mut u32, value: T) -> Result<(), Error> {
    *array.get_mut(*count as usize).ok_or(Error::FULL)? = value;
    *count += 1;
    Ok(())
}

impl Arrays<'_> {
    /// Adds a record. What it refers to may come later, so [`TreesShape::validate`] checks that.
    #[inline(never)]
    fn add(&mut self, shape: &mut TreesShape, name: u32, &[first, floor, left, right]: &[i32; 4]) -> Result<(), Error> {
        let value = first as u32;
        let place = shape.place;
        match name {
            record::FEATURES if value <= MAX_FEATURES => shape.n_features = value,
            record::CLASSES if value <= MAX_CLASSES => shape.n_outputs = value,
            record::LEAF_BITS if value <= 8 => shape.leaf_bits = value,
            record::LEAF_BITS if value == 32 => (shape.leaf_bits, shape.n_outputs) = (value, 1),
            record::LEAF_BITS | record::FEATURES | record::CLASSES => return Err(Error::MALFORMED),
            record::LEAF => {
                shape.outputs.index(value, place);
                return push(self.leaves, &mut shape.n_leaves, value as u8);
            }
            record::ROOT => {
                shape.nodes.index(value, place);
                return push(self.roots, &mut shape.n_trees, value as u16);
            }
            record::NODE => {
                shape.features.index(value, place);
                let mut node = TreesNode {
                    threshold: floor.min(i16::MAX.into()) as i16,
                    feature: value as u16,
                    children: [0; 2],
                };
                // Below the range of int16, nothing goes left.
                let mut child = if floor < i16::MIN.into() { right } else { left };
                for (slot, is_leaf) in node.children.iter_mut().zip([LEFT_IS_LEAF, RIGHT_IS_LEAF]) {
                    let (need, index) = if child < 0 {
                        child = !child;
                        node.feature |= is_leaf;
                        (&mut shape.leaves, child as u32)
                    } else {
                        // A node can't be its own child: no index is that high.
                        (
                            &mut shape.nodes,
                            if child == 0 { u32::MAX - 1 } else { child as u32 + shape.n_nodes },
                        )
                    };
                    need.index(index, place);
                    *slot = child as u16;
                    child = right;
                }
                return push(self.nodes, &mut shape.n_nodes, node);
            }
            _ => {}
        }
        Ok(())
    }
}

impl Model<'_> {
    /// Adds a [`record`].
    ///
    /// A node sends a sample left where `features[feature] <= floor`. A child >= 0 is the distance from this node forward to
    /// another, a child < 0 is leaf number `-child - 1`.
    pub fn add(&mut self, name: u32, fields: &[i32; 4]) -> Result<(), Error> {
        self.header.shape.place += 1;
        self.arrays.add(&mut self.header.shape, name, fields)
    }

    /// Predicts one sample of `n_features` values: `n_outputs` class proportions, or the mean of the trees' values.
    pub fn predict(&mut self, features: &[i16], out: &mut [f32]) -> Result<(), Error> {
        self.header.shape.validate()?;
        let shape = self.header.shape;
        if features.len() != shape.n_features as usize || out.len() != shape.n_outputs as usize {
            return Err(Error::RANGE);
        }
        out.fill(0.0);
        for &root in self.arrays.roots.iter().take(shape.n_trees as usize) {
            let leaf = descend(self.arrays.nodes, features, root);
            #[allow(unsafe_code)]
            unsafe {
                let leaves = self.arrays.leaves.as_ptr();
                // While votes are counted, `out` holds integers.
                let vote = |out: &mut f32, votes: u8| *out = f32::from_bits(out.to_bits().wrapping_add(votes.into()));
                match shape.leaf_bits {
                    0 => {
                        vote(out.get_unchecked_mut(*leaves.add(leaf) as usize), 1);
                    }
                    32 => {
                        *out.get_unchecked_mut(0) += leaves.cast::<f32>().add(leaf).read_unaligned();
                    }
                    _ => {
                        let leaf = leaves.add(leaf * out.len());
                        for i in 0..out.len() {
                            vote(out.get_unchecked_mut(i), *leaf.add(i));
                        }
                    }
                }
            }
        }
        let scale = (shape.n_trees * if shape.leaf_bits & 31 == 0 { 1 } else { 255 }) as i32 as f32;
        for out in out {
            let sum = if shape.leaf_bits == 32 { *out } else { out.to_bits() as i32 as f32 };
            *out = sum / scale;
        }
        Ok(())
    }
}

/// The leaf that a sample reaches from node `root`. `None` does not happen in a valid model.
fn descend(nodes: &[TreesNode], features: &[i16], root: u16) -> usize {
    let mut index = nodes.as_ptr();
    #[allow(unsafe_code)]
    unsafe {
        index = index.add(root as usize);
        loop {
            let node = &*index;
            let feature = *features.get_unchecked(usize::from(node.feature & FEATURE));
            let (child, is_leaf) = if feature <= node.threshold {
                (node.children[0], LEFT_IS_LEAF)
            } else {
                (node.children[1], RIGHT_IS_LEAF)
            };
            if node.feature & is_leaf != 0 {
                return child.into();
            }
            index = index.add(usize::from(child));
        }
    }
}
