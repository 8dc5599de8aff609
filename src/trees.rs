//! Decision-tree ensembles over int16 features: hard votes, class proportions and regression.
//!
//! A model is a forest of binary trees in one array of [`TreesNode`]s. A sample goes left where `feature <= threshold`, as in
//! scikit-learn; with int16 features the floor of a real threshold takes every decision exactly as the threshold itself does.
//! Children lie behind their parent, so a descent always ends.

mod text;

use crate::Error;
use core::slice::SliceIndex;
pub use text::TreesLoader;

/// The most features that a node can tell apart.
pub const MAX_FEATURES: u32 = 1 << 14;
/// The most classes: a class is one byte.
pub const MAX_CLASSES: u32 = 256;

/// One decision, 8 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TreesNode {
    threshold: i16,
    /// The feature, and in the two lowest bits whether a child is a leaf: bit 0 the right one, bit 1 the left one.
    feature: u16,
    /// Right and left: the distance forward to a node, or the index of a leaf.
    children: [u16; 2],
}

impl TreesNode {
    /// Adds a child: the left one, then the right one.
    #[inline(never)]
    fn link(&mut self, shape: &mut TreesShape, mut child: i32) {
        let mut kind = &mut shape.nodes;
        let mut base = kind.count;
        self.feature <<= 1;
        if child < 0 {
            child = !child;
            self.feature |= 1;
            kind = &mut shape.leaves;
            base = 0;
        }
        kind.refer(base + child as u32, shape.place);
        self.children = [child as u16, self.children[0]];
    }
}

/// Things of one kind: how many there are, and how many there must be.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct TreesCount {
    /// Number of things.
    pub count: u32,
    needed: u32,
    /// The line that needs as many.
    place: u32,
}

impl TreesCount {
    /// Notes that a line refers to thing number `index`.
    #[inline(never)]
    fn refer(&mut self, index: u32, place: u32) {
        if index >= self.needed {
            self.needed = index.saturating_add(1);
            self.place = place;
        }
    }
}

/// How much there is in a model.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct TreesShape {
    /// Trees.
    pub trees: TreesCount,
    /// Nodes of all trees.
    pub nodes: TreesCount,
    /// Leaves of all trees.
    pub leaves: TreesCount,
    /// Values in a sample.
    pub features: TreesCount,
    /// Values in the output: the classes, or 1 for regression.
    pub outputs: TreesCount,
    /// Bytes of leaves.
    leaf_end: u32,
    /// 0: a leaf is a class, one byte; 1 to 8: the proportion of each class, a byte each, 255 being 1; 32: a float32.
    leaf_bits: u32,
    /// Number of lines or records so far; where an error is.
    pub place: u32,
}

impl TreesShape {
    /// Numbers in a leaf.
    fn leaf_len(&self) -> u32 {
        if self.leaf_bits & 31 == 0 { 1 } else { self.outputs.count }
    }

    /// Checks that there is something of every kind, and all that is referred to.
    fn validate(&mut self) -> Result<(), Error> {
        for kind in [&self.trees, &self.nodes, &self.leaves, &self.features, &self.outputs] {
            if kind.count == 0 || kind.needed > kind.count {
                self.place = kind.place;
                return Err(Error::NO_SUCH);
            }
        }
        Ok(())
    }
}

/// Sizes of a [`Model`]; the arrays are beside it.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct TreesHeader {
    /// What there is.
    pub shape: TreesShape,
    /// Capacities: trees, nodes, leaves.
    pub max: [u32; 3],
    /// Size of the leaf array in bytes.
    pub leaf_bytes: u32,
}

impl TreesHeader {
    /// The header of an empty model for so many trees, nodes and leaves.
    pub fn new(max: &[u32; 3]) -> TreesHeader {
        TreesHeader {
            shape: TreesShape::default(),
            max: *max,
            leaf_bytes: max[2],
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
    /// Adds a value to the leaf that is being added: its class, the next class's proportion or the bits of a float32.
    fn add_to_leaf(&mut self, shape: &mut TreesShape, mut value: u32) -> Result<(), Error> {
        let mut bytes = 4;
        if shape.leaf_bits != 32 {
            if value >= MAX_CLASSES {
                return Err(Error::MALFORMED);
            }
            if shape.leaf_bits == 0 {
                shape.outputs.refer(value, shape.place);
            }
            bytes = 1;
        }
        for _ in 0..bytes {
            push(self.leaves, &mut shape.leaf_end, value as u8)?;
            value >>= 8;
        }
        Ok(())
    }

    /// Adds a record, `good` if it has as many fields as it should; those of a leaf are there already. Other kinds of records
    /// are ignored. After an error the arrays are as they were, and the shape is to be discarded.
    ///
    /// What it refers to may come later, so [`TreesShape::validate`] checks that.
    #[inline(never)]
    fn add(&mut self, shape: &mut TreesShape, name: u32, fields: &[i32; 4], mut good: bool) -> Result<(), Error> {
        let value = fields[0] as u32;
        match name {
            record::FEATURES => {
                good &= value.wrapping_sub(1) < MAX_FEATURES;
                shape.features.count = value;
            }
            record::CLASSES => {
                // Another number of classes would be another size of leaves, unless a leaf is a class.
                good &= value <= MAX_CLASSES && shape.leaves.count * shape.leaf_bits == 0;
                shape.outputs.count = value;
            }
            record::LEAF_BITS => {
                good &= (value <= 8 || value == 32) && shape.leaves.count == 0;
                shape.leaf_bits = value;
            }
            record::LEAF => shape.leaves.count += 1,
            record::ROOT => {
                good &= value < u16::MAX.into();
                shape.nodes.refer(value, shape.place);
                push(self.roots, &mut shape.trees.count, value as u16)?;
            }
            record::NODE => {
                let &[_, floor, mut left, right] = fields;
                if floor < i16::MIN.into() {
                    left = right; // No int16 goes left.
                }
                good &= value < MAX_FEATURES && left != 0 && right != 0;
                shape.features.refer(value, shape.place);
                let node = self.nodes.get_mut(shape.nodes.count as usize).ok_or(Error::FULL)?;
                node.threshold = floor.min(i16::MAX.into()) as i16;
                node.feature = value as u16;
                node.link(shape, left);
                node.link(shape, right);
                shape.nodes.count += 1;
            }
            _ => return Ok(()),
        }
        if shape.leaf_bits == 32 {
            shape.outputs.count = 1;
        }
        if good { Ok(()) } else { Err(Error::MALFORMED) }
    }
}

impl Model<'_> {
    /// Adds to the model what is named by a letter:
    ///
    /// - `f`: sets the numbers of features and classes.
    /// - `l`: a leaf, of this class.
    /// - `r`: a tree, from this node on.
    /// - `n`: a node with left child, right child, feature, value, which sends a sample left where `features[feature] < value`.
    ///   A child > 0 is the distance from this node forward to another, a child < 0 is leaf number `-child - 1`.
    ///
    /// `shape` is a copy of the model's, to become the model's if nothing was wrong. `fields` are overwritten.
    pub fn add(&mut self, shape: &mut TreesShape, mut name: u32, fields: &mut [i32; 4]) -> Result<(), Error> {
        match name {
            record::FEATURES => {
                self.arrays.add(shape, name, fields, true)?;
                fields[0] = fields[1];
                name = record::CLASSES;
            }
            record::LEAF => {
                if shape.leaf_bits != 0 {
                    return Err(Error::MALFORMED);
                }
                self.arrays.add_to_leaf(shape, fields[0] as u32)?;
            }
            record::NODE => {
                if (fields[3] + 0x8000) as u32 > 0x10000 {
                    return Err(Error::MALFORMED);
                }
                fields.swap(0, 2);
                fields.swap(1, 3);
                fields[1] -= 1;
            }
            _ => {}
        }
        self.arrays.add(shape, name, fields, true)
    }

    /// Predicts one sample: class proportions, or the mean of the trees' values.
    pub fn predict(&mut self, features: &[i16], out: &mut [f32]) -> Result<(), Error> {
        let shape = &mut self.header.shape;
        if features.len() != shape.features.count as usize || out.len() != shape.outputs.count as usize {
            return Err(Error::MALFORMED);
        }
        shape.validate()?;
        let Arrays { nodes, roots, leaves } = &self.arrays;
        out.fill(0.0);
        let leaf_len = shape.leaf_len() as usize;
        for tree in 0..shape.trees.count as usize {
            let leaf = descend(nodes, features, *unchecked(roots, tree)) * leaf_len;
            for i in 0..leaf_len {
                let byte = *unchecked(leaves, leaf + i);
                let (output, value) = match shape.leaf_bits {
                    0 => (usize::from(byte), 1.0),
                    32 => {
                        let bytes = unchecked(leaves, leaf * 4..leaf * 4 + 4).first_chunk();
                        (0, f32::from_le_bytes(bytes.copied().unwrap_or_default()))
                    }
                    _ => (i, f32::from(byte)),
                };
                if let Some(sum) = out.get_mut(output) {
                    *sum += value;
                }
            }
        }
        let mut scale = shape.trees.count as i32;
        if shape.leaf_bits & 31 != 0 {
            scale *= 255;
        }
        for sum in out {
            *sum /= scale as f32;
        }
        Ok(())
    }
}

/// The leaf that a sample reaches from the node `root`.
fn descend(nodes: &[TreesNode], features: &[i16], root: u16) -> usize {
    let mut nodes = unchecked(nodes, root.into()..);
    loop {
        let node = unchecked(nodes, 0);
        let child: usize;
        if *unchecked(features, usize::from(node.feature >> 2)) <= node.threshold {
            child = node.children[1].into();
            if node.feature & 2 != 0 {
                return child;
            }
        } else {
            child = node.children[0].into();
            if node.feature & 1 != 0 {
                return child;
            }
        }
        nodes = unchecked(nodes, child..);
    }
}

/// Items that are known to exist: a valid model has all trees, nodes, leaves and features that it refers to.
#[allow(unsafe_code)]
fn unchecked<T, I: SliceIndex<[T]>>(items: &[T], index: I) -> &I::Output {
    // SAFETY: see above.
    unsafe { items.get_unchecked(index) }
}
