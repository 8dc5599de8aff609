//! Decision-tree ensembles over int16 features: hard votes, class proportions and regression.
//!
//! A model is a forest of binary trees in one array of [`TreesNode`]s. A sample goes left where `feature <= threshold`, as in
//! scikit-learn; with int16 features the floor of a real threshold takes every decision exactly as the threshold itself does.
//!
//! Nodes and leaves have one row of places: the nodes, as many as there is room for, then the leaves. A child is so many places
//! behind its parent, so a descent always ends, and what it ends at is a leaf as soon as it is beyond the nodes.

mod text;

use crate::{
    Error,
    ffi::{self, unchecked},
};
use core::cell::Cell;
pub use text::{TreesEnd, TreesLoader};

/// The most features.
pub const MAX_FEATURES: u32 = 1 << 16;
/// The most classes: a class is one byte.
pub const MAX_CLASSES: u32 = 256;

/// One decision, 8 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TreesNode {
    threshold: i16,
    feature: u16,
    /// Places from here to the left child and the right one.
    children: [u16; 2],
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

/// Kinds of things.
#[repr(usize)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreesKind {
    /// Trees.
    Trees,
    /// Nodes of all trees.
    Nodes,
    /// Leaves of all trees.
    Leaves,
    /// Values in a sample.
    Features,
    /// Values in the output: the classes, or 1 for regression.
    Outputs,
}
use TreesKind::{Features, Leaves, Nodes, Outputs, Trees};

/// How much there is in a model.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct TreesShape {
    /// Of each [`TreesKind`].
    pub kinds: [TreesCount; 5],
    /// Bytes of leaves.
    leaf_end: u32,
    /// 0: a leaf is a class, one byte; 1 to 8: the proportion of each class, a byte each, 255 being 1; 32: a float32.
    leaf_bits: u32,
    /// Number of lines or records so far; where an error is.
    pub place: u32,
    /// All that is needed is there.
    valid: bool,
}

impl TreesShape {
    /// How many there are of a kind.
    pub fn count(&self, kind: TreesKind) -> u32 {
        self.kinds[kind as usize].count
    }

    fn count_mut(&mut self, kind: TreesKind) -> &mut u32 {
        &mut self.kinds[kind as usize].count
    }

    /// Numbers in a leaf.
    fn leaf_len(&self) -> u32 {
        if self.leaf_bits & 31 == 0 { 1 } else { self.count(Outputs) }
    }

    /// Notes that the line refers to a thing.
    #[inline(never)]
    fn refer(&mut self, kind: TreesKind, index: u32) {
        let kind = &mut self.kinds[kind as usize];
        if index >= kind.needed {
            kind.needed = index.saturating_add(1);
            kind.place = self.place;
        }
    }

    /// Notes that the next node has this child; returns the places between them.
    #[inline(never)]
    fn refer_to_child(&mut self, child: i32, max_nodes: u32) -> u32 {
        let at = self.count(Nodes);
        let mut steps = child as u32;
        let (mut kind, mut index) = (Nodes, at.wrapping_add(steps));
        if child < 0 {
            (kind, index) = (Leaves, !steps);
            steps = index + max_nodes - at;
        }
        self.refer(kind, index);
        steps
    }

    /// Checks that there is something of every kind, and all that is referred to.
    #[inline(never)]
    fn validate(&mut self) -> Result<(), Error> {
        for kind in &self.kinds {
            if kind.count == 0 || kind.needed > kind.count {
                self.place = kind.place;
                return Err(Error::NO_SUCH);
            }
        }
        self.valid = true;
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
        let mut header = TreesHeader::default();
        header.begin(max);
        header
    }

    /// Makes it from what is zero.
    pub fn begin(&mut self, max: &[u32; 3]) {
        self.shape.place = 1;
        self.max = *max;
        self.leaf_bytes = max[2];
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

/// What a model has beside its shape. The arrays are asked for where they are used, so that code neither computes nor keeps the
/// others.
pub trait Storage {
    /// The model's arrays.
    fn arrays(&mut self) -> Arrays<'_>;
    /// How many leaves there may be.
    fn max_leaves(&self) -> u32;
}

/// Names of the records of the text format, which are all that can be added to a model.
mod record {
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
    /// What no record is named.
    pub const UNKNOWN: u32 = 1;
}

/// Puts `value` behind the `count` values that are in `array`.
fn push<T>(array: &mut [T], count: &mut u32, value: T) -> Result<(), Error> {
    *array.get_mut(*count as usize).ok_or(Error::FULL)? = value;
    *count += 1;
    Ok(())
}

/// Adds a value to the leaf that is being added: its class, the next class's proportion or the bits of a float32.
#[inline(never)]
fn add_to_leaf(storage: &mut impl Storage, shape: &mut TreesShape, mut value: u32) -> Result<(), Error> {
    let mut bytes = 4;
    if shape.leaf_bits != 32 {
        if value >= MAX_CLASSES {
            return Err(Error::MALFORMED);
        }
        if shape.leaf_bits == 0 {
            shape.refer(Outputs, value);
        }
        bytes = 1;
    }
    for _ in 0..bytes {
        push(storage.arrays().leaves, &mut shape.leaf_end, value as u8)?;
        value >>= 8;
    }
    Ok(())
}

/// Adds a record of the text format, by its name, `good` if it has as many fields as it should; what a leaf holds beside a
/// class is there already. Other kinds of records are ignored. After an error the arrays are as they were, and the shape is to
/// be discarded.
///
/// What it refers to may come later, so [`TreesShape::validate`] checks that.
#[inline(never)]
fn add_to_shape(storage: &mut impl Storage, shape: &mut TreesShape, name: u32, fields: &[i32; 4], mut good: bool) -> Result<(), Error> {
    shape.valid = false;
    let value = fields[0] as u32;
    match name {
        record::FEATURES | record::CLASSES => {
            let mut classes = value;
            if name == record::FEATURES {
                good &= value.wrapping_sub(1) < MAX_FEATURES;
                *shape.count_mut(Features) = value;
                classes = fields[1] as u32;
            }
            // Another number of classes would be another size of leaves, unless a leaf is a class.
            good &= classes <= MAX_CLASSES && shape.count(Leaves) * shape.leaf_bits == 0;
            if classes != 0 {
                *shape.count_mut(Outputs) = classes;
            }
        }
        record::LEAF_BITS => {
            good &= (value <= 8 || value == 32) && shape.count(Leaves) == 0;
            shape.leaf_bits = value;
        }
        record::LEAF => {
            if shape.leaf_bits == 0 {
                add_to_leaf(storage, shape, value)?;
            }
            *shape.count_mut(Leaves) += 1;
        }
        record::ROOT => {
            shape.refer(Nodes, value);
            push(storage.arrays().roots, shape.count_mut(Trees), value as u16)?;
        }
        record::NODE => {
            shape.refer(Features, value);
            let nodes = storage.arrays().nodes;
            let n_nodes = nodes.len() as u32;
            let node = nodes.get_mut(shape.count(Nodes) as usize).ok_or(Error::FULL)?;
            node.threshold = fields[1].min(i16::MAX.into()) as i16;
            node.feature = value as u16;
            good &= value < MAX_FEATURES;
            // No int16 is less than any.
            let left = if fields[1] < i16::MIN.into() { fields[3] } else { fields[2] };
            node.children = [left, fields[3]].map(|child| {
                let steps = shape.refer_to_child(child, n_nodes);
                good &= steps.wrapping_sub(1) < u16::MAX.into();
                steps as u16
            });
            *shape.count_mut(Nodes) += 1;
        }
        _ => return Ok(()),
    }
    if shape.leaf_bits == 32 {
        *shape.count_mut(Outputs) = 1;
    }
    if good { Ok(()) } else { Err(Error::MALFORMED) }
}

/// See [`Model::add`].
pub fn add(storage: &mut impl Storage, shape: &mut TreesShape, name: u32, fields: &[i32; 4]) -> Result<(), Error> {
    let mut longer = *shape;
    let good = shape.leaf_bits == 0;
    add_to_shape(storage, &mut longer, name, fields, good)?;
    longer.place += 1;
    *shape = longer;
    Ok(())
}

impl Storage for (&mut Arrays<'_>, u32) {
    fn arrays(&mut self) -> Arrays<'_> {
        let Arrays { nodes, roots, leaves } = &mut *self.0;
        Arrays { nodes, roots, leaves }
    }

    fn max_leaves(&self) -> u32 {
        self.1
    }
}

impl Model<'_> {
    /// Adds a record of the text format, by its name: `f` (with the number of classes as a second field), `l`, `r` or `n`.
    /// After an error the model is as it was. Not for a model whose leaves are more than classes.
    pub fn add(&mut self, name: u32, fields: &[i32; 4]) -> Result<(), Error> {
        add(&mut (&mut self.arrays, self.header.max[2]), &mut self.header.shape, name, fields)
    }

    /// See [`TreesLoader::feed`].
    pub fn load(&mut self, loader: &mut TreesLoader, text: &[u8], end: TreesEnd) -> Result<(), Error> {
        loader.feed(&mut (&mut self.arrays, self.header.max[2]), &mut self.header.shape, text, end)
    }

    /// Predicts one sample: class proportions, or the mean of the trees' values.
    pub fn predict(&mut self, features: &[i16], out: &mut [f32]) -> Result<(), Error> {
        let shape = &mut self.header.shape;
        if features.len() != shape.count(Features) as usize || out.len() != shape.count(Outputs) as usize {
            return Err(Error::MALFORMED);
        }
        if !shape.valid {
            shape.validate()?;
        }
        let Arrays { nodes, roots, leaves } = &self.arrays;
        ffi::clear(out);
        // Their bits count votes, until they become proportions.
        let outputs = Cell::from_mut(&mut *out).as_slice_of_cells();
        let roots = unchecked::first(roots, shape.count(Trees) as usize);
        let mut scale = roots.len() as i32;
        if shape.leaf_bits == 0 {
            each(roots, |&root| {
                let class = *unchecked::item(leaves, descend(nodes, features, root));
                vote(unchecked::item(outputs, class.into()), 1);
            });
        } else {
            each(roots, |&root| {
                let leaf = descend(nodes, features, root);
                if shape.leaf_bits == 32 {
                    let sum = unchecked::item(outputs, 0);
                    sum.set(sum.get() + f32::from_le_bytes(*unchecked::item(leaves.as_chunks().0, leaf)));
                } else {
                    for (class, output) in outputs.iter().enumerate() {
                        vote(output, *unchecked::item(leaves, leaf * outputs.len() + class));
                    }
                }
            });
            if shape.leaf_bits == 32 {
                let sum = unchecked::item(outputs, 0);
                sum.set(sum.get() / scale as f32);
                return Ok(());
            }
            scale *= 255;
        }
        each(outputs, |output| {
            let votes = output.get().to_bits() as i32;
            if votes != 0 {
                output.set(votes as f32 / scale as f32);
            }
        });
        Ok(())
    }
}

/// Calls `f` with each of the items, of which there are some. At this level of optimisation an iterator takes twice the
/// instructions.
#[inline(always)]
fn each<T>(items: &[T], mut f: impl FnMut(&T)) {
    let mut index = -(items.len() as isize);
    loop {
        f(unchecked::item_from_end(items, index));
        index += 1;
        if index == 0 {
            break;
        }
    }
}

fn vote(output: &Cell<f32>, votes: u8) {
    output.set(f32::from_bits(output.get().to_bits() + u32::from(votes)));
}

/// The leaf that a sample reaches from the node `root` of a valid model.
#[inline(always)]
fn descend(nodes: &[TreesNode], features: &[i16], root: u16) -> usize {
    // Counted from the end of the nodes, so that a leaf is not negative.
    let mut place = root as isize - nodes.len() as isize;
    loop {
        let node = unchecked::item_from_end(nodes, place);
        // Two exits make this a jump, which takes less than to choose the child by an index.
        if *unchecked::item(features, node.feature.into()) > node.threshold {
            place += node.children[1] as isize;
            if place >= 0 {
                return place as usize;
            }
            continue;
        }
        place += node.children[0] as isize;
        if place >= 0 {
            return place as usize;
        }
    }
}
