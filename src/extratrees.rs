//! Extremely randomised trees over int16 features, trained where the data is, in integers throughout.
//!
//! P. Geurts, D. Ernst, L. Wehenkel, "Extremely randomized trees", Machine Learning 63 (2006). A node looks at some features,
//! drawn at random, and for each at some thresholds, drawn uniformly between the smallest and the largest value; of these
//! candidates it takes the one after which labels are purest by Gini impurity, compared exactly. A tree votes for the class
//! most common in the leaf that a sample reaches.
//!
//! Nothing is recursive: nodes still to be split wait where they will be, in the array of nodes, and are split in its order.
//! So children lie behind their parent. Random numbers are those of PCG-RXS-M-XS (M. O'Neill, "PCG: A Family of Simple Fast
//! Space-Efficient Statistically Good Algorithms for Random Number Generation", 2014) with 32 bits of state: the same seed
//! and data give the same model everywhere.

use crate::Error;
use core::{cell::Cell, mem};

/// The most features that a node can tell apart.
pub const MAX_FEATURES: u32 = 1 << 14;
/// The most classes.
pub const MAX_CLASSES: u32 = 256;
/// The most of all else that is counted: an index fits 16 bits.
pub const MAX_COUNT: u32 = 65535;

/// What a model is made with.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ExtratreesSettings {
    /// Length of a row, 1 to [`MAX_FEATURES`].
    pub n_features: u32,
    /// Number of classes, 1 to [`MAX_CLASSES`]. Like this and those below, up to [`MAX_COUNT`]:
    pub n_classes: u32,
    /// number of trees,
    pub n_trees: u32,
    /// the most decisions from the root of a tree to a leaf,
    pub max_depth: u32,
    /// the least rows on either side of a decision,
    pub min_samples_leaf: u32,
    /// thresholds that a node tries for a feature,
    pub n_thresholds: u32,
    /// capacity for decisions of all trees,
    pub max_nodes: u32,
    /// capacity for rows.
    pub max_samples: u32,
    /// Where random numbers begin.
    pub rng_seed: u32,
    /// Whether thresholds lie in the range of all rows, rather than of the node's.
    pub use_global_feature_range: bool,
    /// The part of the rows that a tree sees, above 0 and up to 1.
    pub subsample_ratio: f32,
    /// The part of the features that a node looks at, likewise.
    pub feature_subsample_ratio: f32,
}

/// Settings and state of a [`Model`]; the arrays are beside it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ExtratreesHeader {
    /// What the model was made with.
    pub settings: ExtratreesSettings,
    /// Number of nodes, those included that are still to be split.
    pub n_nodes: u32,
    /// Number of trees that are complete.
    pub n_trees_trained: u32,
    /// Rows of the training that goes on, or 0.
    pub n_rows: u32,
    /// How many of them are drawn for a tree.
    n_drawn: u32,
    /// How many features are drawn for a node.
    n_candidates: u32,
    /// The next node to be split.
    next: u32,
    /// State of the random numbers.
    random: u32,
}

impl ExtratreesHeader {
    /// The header of an untrained model; refused if a ratio is out of range.
    pub fn new(settings: &ExtratreesSettings) -> Result<ExtratreesHeader, Error> {
        share(settings.subsample_ratio, 1)?;
        Ok(ExtratreesHeader {
            n_candidates: share(settings.feature_subsample_ratio, settings.n_features)?,
            settings: *settings,
            n_nodes: 0,
            n_trees_trained: 0,
            n_rows: 0,
            n_drawn: 0,
            next: 0,
            random: 0,
        })
    }

    /// Ends a training without a model.
    fn abandon(&mut self) {
        self.n_nodes = 0;
        self.n_trees_trained = 0;
        self.n_rows = 0;
    }

    fn is_trained(&self) -> bool {
        self.n_trees_trained == self.settings.n_trees
    }
}

/// A part of `n` things, to the nearest, at least one. The ratio is rounded first, so that one that was read from decimals as
/// float32 and one that was rounded from float64 give the same.
fn share(ratio: f32, n: u32) -> Result<u32, Error> {
    if !(ratio > 0.0 && ratio <= 1.0) {
        return Err(Error::RATIOS);
    }
    let ratio = (ratio * 65536.0 + 0.5) as u32;
    Ok(((ratio * n + 0x8000) >> 16).max(1))
}

/// A random number below `n`.
fn random(state: &mut u32, n: u32) -> u32 {
    let old = *state;
    *state = old.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
    let word = ((old >> ((old >> 28) + 4)) ^ old).wrapping_mul(277_803_737);
    let number = (word >> 22) ^ word;
    ((u64::from(number) * u64::from(n)) >> 32) as u32
}

/// Moves a random one of the items to their front and takes it from there.
fn draw<'a>(items: &mut &'a mut [u16], state: &mut u32) -> Option<&'a mut u16> {
    let (first, rest) = mem::take(items).split_first_mut()?;
    let other = random(state, rest.len() as u32 + 1) as usize;
    if let Some(other) = rest.get_mut(other.wrapping_sub(1)) {
        mem::swap(first, other);
    }
    *items = rest;
    Some(first)
}

/// One decision, 8 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct ExtratreesNode {
    /// A sample goes left if its value is not above this.
    threshold: i16,
    /// The feature, and in the two lowest bits whether a child is a leaf: bit 0 the left one, bit 1 the right one.
    /// In a node still to be split: its depth.
    feature: u16,
    /// Left and right: index of a node, or class of a leaf. In a node still to be split: where its rows begin and end.
    children: [u16; 2],
}

/// Rows of a class: in a node, and to the left of a threshold.
pub type Counts = [u16; 2];

/// A model in memory of the caller's, who has set it to zero.
pub struct Model<'a> {
    /// Settings and state.
    pub header: &'a mut ExtratreesHeader,
    /// `max_nodes` nodes.
    pub nodes: &'a mut [ExtratreesNode],
    /// The first node of each of `n_trees` trees.
    pub roots: &'a mut [u16],
    /// Indices of `max_samples` rows; those of a node are side by side.
    pub rows: &'a mut [u16],
    /// The `n_features` features.
    pub features: &'a mut [u16],
    /// For each feature the smallest and the largest value of all rows; empty if thresholds lie in the range of a node's.
    pub ranges: &'a mut [[i16; 2]],
    /// For each of `n_classes` classes.
    pub counts: &'a mut [Counts],
}

/// Training data: labels, and rows of as many features.
#[derive(Clone, Copy)]
struct Data<'a> {
    x: &'a [i16],
    y: &'a [i16],
    n_features: usize,
}

impl Data<'_> {
    fn value(self, row: u16, feature: u16) -> i16 {
        let index = usize::from(row) * self.n_features + usize::from(feature);
        self.x.get(index).map_or(0, |&value| value)
    }

    fn label(self, row: u16) -> usize {
        self.y.get(usize::from(row)).map_or(0, |&label| usize::from(label as u16))
    }

    /// The smallest and the largest value among rows.
    fn range(self, rows: &[u16], feature: u16) -> [i16; 2] {
        let mut range = [i16::MAX, i16::MIN];
        for &row in rows {
            let value = self.value(row, feature);
            range = [range[0].min(value), range[1].max(value)];
        }
        range
    }
}

/// What is left and right of a threshold: number of rows, and sum of the squares of each class's.
#[derive(Clone, Copy, Default)]
struct Side {
    n: u32,
    squares: u32,
}

impl Side {
    fn is_pure(self) -> bool {
        self.squares == self.n * self.n
    }
}

/// Brings rows that go left to the front. `whole` is what both sides have together, and `counts` the rows of each class.
#[inline(never)]
fn divide(data: Data, rows: &mut [u16], counts: &mut [Counts], whole: Side, feature: u16, threshold: i16) -> [Side; 2] {
    for [_, left] in counts.iter_mut() {
        *left = 0;
    }
    let (mut left, mut right) = (Side::default(), whole);
    let rows = Cell::from_mut(rows).as_slice_of_cells();
    for row in rows {
        let index = row.get();
        if data.value(index, feature) > threshold {
            continue;
        }
        if let (Some([n, n_left]), Some(place)) = (counts.get_mut(data.label(index)), rows.get(left.n as usize)) {
            // The squares of n and n + 1 differ by 2 n + 1.
            left.squares += 2 * u32::from(*n_left) + 1;
            right.squares -= 2 * u32::from(*n - *n_left) - 1;
            *n_left += 1;
            left.n += 1;
            right.n -= 1;
            row.set(place.get());
            place.set(index);
        }
    }
    [left, right]
}

/// How pure both sides of a decision are, more being purer: the sum of squares / n, as a fraction.
#[derive(Clone, Copy)]
struct Purity {
    numerator: u64,
    denominator: u32,
}

impl Purity {
    fn of([left, right]: [Side; 2]) -> Purity {
        Purity {
            numerator: u64::from(left.squares) * u64::from(right.n) + u64::from(right.squares) * u64::from(left.n),
            denominator: left.n * right.n,
        }
    }

    /// Compares exactly; with up to 65535 rows, a product has up to 76 bits.
    fn is_above(self, other: Purity) -> bool {
        product(self.numerator, other.denominator) > product(other.numerator, self.denominator)
    }
}

/// The product of two numbers: the part above 32 bits, and the rest.
fn product(a: u64, b: u32) -> (u64, u32) {
    let low = u64::from(a as u32) * u64::from(b);
    ((a >> 32) * u64::from(b) + (low >> 32), low as u32)
}

/// The class with most rows on a side, the smallest on a tie.
fn majority(counts: &[Counts], is_right: bool) -> u16 {
    let (mut winner, mut most) = (0, 0);
    for (class, &[n, n_left]) in counts.iter().enumerate() {
        let n = if is_right { n - n_left } else { n_left };
        if n > most {
            (winner, most) = (class as u16, n);
        }
    }
    winner
}

impl Model<'_> {
    /// Begins a training on rows `x` of `n_features` values each, and their labels `y`. A model that there was is gone,
    /// unless an error is returned.
    pub fn train_init(&mut self, x: &[i16], y: &[i16]) -> Result<(), Error> {
        let settings = &self.header.settings;
        if y.len() > settings.max_samples as usize {
            return Err(Error::MANY_ROWS);
        }
        if y.iter().any(|&label| u32::from(label as u16) >= settings.n_classes) {
            return Err(Error::LABELS);
        }
        self.header.n_drawn = share(settings.subsample_ratio, y.len() as u32)?;
        let data = self.data(x, y, y.len())?;
        for items in [&mut *self.rows, &mut *self.features] {
            for (i, item) in items.iter_mut().enumerate() {
                *item = i as u16;
            }
        }
        let rows = self.rows.get(..y.len()).unwrap_or(&[]);
        for (feature, range) in self.ranges.iter_mut().enumerate() {
            *range = data.range(rows, feature as u16);
        }
        self.header.abandon();
        self.header.n_rows = y.len() as u32;
        self.header.next = 0;
        self.header.random = self.header.settings.rng_seed;
        self.begin_tree()
    }

    /// The training data, if there is as much of it as there must be.
    fn data<'a>(&self, x: &'a [i16], y: &'a [i16], n_rows: usize) -> Result<Data<'a>, Error> {
        let n_features = self.header.settings.n_features as usize;
        if y.is_empty() || y.len() != n_rows || y.len().checked_mul(n_features) != Some(x.len()) {
            return Err(Error::ROWS);
        }
        Ok(Data { x, y, n_features })
    }

    /// Draws rows for a tree, which begins as a node of them all.
    fn begin_tree(&mut self) -> Result<(), Error> {
        let mut rows = self.rows.get_mut(..self.header.n_rows as usize).unwrap_or_default();
        for _ in 0..self.header.n_drawn {
            draw(&mut rows, &mut self.header.random);
        }
        let root = self.add_node(0, [0, self.header.n_drawn as u16])?;
        if let Some(place) = self.roots.get_mut(self.header.n_trees_trained as usize) {
            *place = root;
        }
        Ok(())
    }

    /// Adds a node to be split. If there is no room, the training has failed.
    fn add_node(&mut self, depth: u16, rows: [u16; 2]) -> Result<u16, Error> {
        let index = self.header.n_nodes;
        let Some(node) = self.nodes.get_mut(index as usize) else {
            self.header.abandon();
            return Err(Error::NODES);
        };
        node.feature = depth;
        node.children = rows;
        self.header.n_nodes += 1;
        Ok(index as u16)
    }

    /// Splits one node, on the data that the training began with; returns whether the model is trained. What it does is linear
    /// in the node's rows times the candidates for its decision.
    ///
    /// The data may have changed. If its size or a label is wrong now, nothing was done. If there is no room for nodes,
    /// the training has ended without a model.
    pub fn train_step(&mut self, x: &[i16], y: &[i16]) -> Result<bool, Error> {
        if self.header.is_trained() {
            return Ok(true);
        }
        if self.header.n_rows == 0 {
            return Err(Error::NOT_BEGUN);
        }
        let data = self.data(x, y, self.header.n_rows as usize)?;
        self.split(data)?;
        if self.header.next == self.header.n_nodes {
            self.header.n_trees_trained += 1;
            if self.header.is_trained() {
                self.header.n_rows = 0;
                return Ok(true);
            }
            self.begin_tree()?;
        }
        Ok(false)
    }

    /// Splits the next node.
    fn split(&mut self, data: Data) -> Result<(), Error> {
        let settings = self.header.settings;
        let index = self.header.next as usize;
        let mut node = self.nodes.get(index).copied().unwrap_or_default();
        let (depth, [start, end]) = (node.feature, node.children);
        let rows = self.rows.get_mut(usize::from(start)..usize::from(end)).unwrap_or_default();

        self.counts.fill([0; 2]);
        let mut whole = Side::default();
        for &row in rows.iter() {
            let [n, _] = self.counts.get_mut(data.label(row)).ok_or(Error::LABELS)?;
            whole.squares += 2 * u32::from(*n) + 1;
            *n += 1;
            whole.n += 1;
        }

        // Without a decision, all rows go left.
        let mut best = None;
        (node.feature, node.threshold) = (0, i16::MAX);
        let mut features = &mut *self.features;
        let mut n_seen = 0;
        while !whole.is_pure() && (n_seen < self.header.n_candidates || best.is_none()) {
            let Some(&mut feature) = draw(&mut features, &mut self.header.random) else {
                break;
            };
            n_seen += 1;
            let [low, high] = match self.ranges.get(usize::from(feature)) {
                Some(&range) => range,
                None => data.range(rows, feature),
            };
            if low >= high {
                continue;
            }
            for _ in 0..settings.n_thresholds {
                let above = random(&mut self.header.random, (i32::from(high) - i32::from(low)) as u32);
                let threshold = (i32::from(low) + above as i32) as i16;
                let sides = divide(data, rows, self.counts, whole, feature, threshold);
                let purity = Purity::of(sides);
                if sides.iter().all(|side| side.n >= settings.min_samples_leaf) && best.is_none_or(|best| purity.is_above(best)) {
                    best = Some(purity);
                    (node.feature, node.threshold) = (feature, threshold);
                }
            }
        }

        let sides = divide(data, rows, self.counts, whole, node.feature, node.threshold);
        node.feature <<= 2;
        let mut first = start;
        for (i, (child, side)) in node.children.iter_mut().zip(sides).enumerate() {
            let rows = [first, first + side.n as u16];
            [_, first] = rows;
            let is_last = best.is_none() || u32::from(depth) + 1 == settings.max_depth;
            *child = if is_last || side.is_pure() || side.n < 2 * settings.min_samples_leaf {
                node.feature |= 1 << i;
                majority(self.counts, i != 0)
            } else {
                self.add_node(depth + 1, rows)?
            };
        }
        if let Some(place) = self.nodes.get_mut(index) {
            *place = node;
        }
        self.header.next += 1;
        Ok(())
    }

    /// Predicts one sample: the class with most votes, the smallest on a tie, and the share of votes of each.
    pub fn predict(&self, features: &[i16], probabilities: &mut [f32]) -> Result<u32, Error> {
        if !self.header.is_trained() {
            return Err(Error::NOT_TRAINED);
        }
        probabilities.fill(0.0);
        for &root in self.roots.iter() {
            if let Some(votes) = probabilities.get_mut(self.descend(root, features)) {
                *votes += 1.0;
            }
        }
        let (mut winner, mut most) = (0, 0.0);
        for (class, votes) in probabilities.iter_mut().enumerate() {
            if *votes > most {
                (winner, most) = (class as u32, *votes);
            }
            *votes /= self.header.settings.n_trees as f32;
        }
        Ok(winner)
    }

    /// The class of the leaf that a sample reaches from a node.
    fn descend(&self, mut index: u16, features: &[i16]) -> usize {
        while let Some(node) = self.nodes.get(usize::from(index)) {
            let value = features.get(usize::from(node.feature >> 2)).map_or(0, |&value| value);
            let is_right = value > node.threshold;
            let [left, right] = node.children;
            index = if is_right { right } else { left };
            if node.feature >> u32::from(is_right) & 1 != 0 {
                break;
            }
        }
        index.into()
    }

    /// The node that a tree begins with.
    pub fn root(&self, tree: u32) -> Result<u32, Error> {
        match self.roots.get(tree as usize) {
            Some(&root) if self.header.is_trained() => Ok(root.into()),
            _ => Err(Error::NOT_TRAINED),
        }
    }

    /// A node as [`crate::trees`] takes it: left child, right child, feature, and the value below which a sample goes left.
    /// A child > 0 is the distance from this node forward to another, a child < 0 is the leaf of class `-child - 1`.
    pub fn node(&self, index: u32) -> Result<[i32; 4], Error> {
        match self.nodes.get(index as usize) {
            Some(node) if self.header.is_trained() && index < self.header.n_nodes => {
                let [left, right] = node.children.map(i32::from);
                let place = |child: i32, bit: u16| if node.feature & bit != 0 { !child } else { child - index as i32 };
                Ok([place(left, 1), place(right, 2), (node.feature >> 2).into(), i32::from(node.threshold) + 1])
            }
            _ => Err(Error::NOT_TRAINED),
        }
    }
}
