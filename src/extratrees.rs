//! Extremely randomised trees over int16 features, trained where the data is, in integers throughout.
//!
//! P. Geurts, D. Ernst, L. Wehenkel, "Extremely randomized trees", Machine Learning 63 (2006). A node looks at some features,
//! drawn at random (and at more while none divides its rows), and for each at some thresholds, drawn uniformly between the smallest
//! and the largest value; of these candidates it takes the one after which labels are purest by Gini impurity, compared exactly.
//! A tree votes for the class most common in the leaf that a sample reaches.
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
    /// The part of the rows that a tree sees, in 65536ths, up to all.
    pub subsample: u32,
    /// The part of the features that a node looks at, likewise.
    pub feature_subsample: u32,
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
    /// The next node to be split.
    next: u32,
    /// State of the random numbers.
    random: u32,
}

impl ExtratreesHeader {
    /// The header of an untrained model.
    pub fn new(settings: &ExtratreesSettings) -> ExtratreesHeader {
        ExtratreesHeader {
            settings: *settings,
            n_nodes: 0,
            n_trees_trained: 0,
            n_rows: 0,
            n_drawn: 0,
            next: 0,
            random: 0,
        }
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

/// A part of `n` things, in 65536ths: to the nearest, at least one.
fn share(part: u32, n: u32) -> u32 {
    ((part * n + 0x8000) >> 16).max(1)
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

/// Fills with 0, 1, 2, ...
fn enumerate(items: &mut [u16]) {
    for (i, item) in items.iter_mut().enumerate() {
        *item = i as u16;
    }
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

/// A model in memory of the caller's.
pub struct Model<'a> {
    /// Settings and state.
    pub header: &'a mut ExtratreesHeader,
    /// `max_nodes` nodes.
    pub nodes: &'a mut [ExtratreesNode],
    /// The first node of each of `n_trees` trees.
    pub roots: &'a mut [u16],
}

/// A model and what its training needs, likewise.
pub struct Training<'a> {
    /// The model.
    pub model: Model<'a>,
    /// Indices of `max_samples` rows; those of a node are side by side.
    pub rows: &'a mut [u16],
    /// The `n_features` features.
    pub features: &'a mut [u16],
    /// For each feature the smallest and the largest value of all rows; empty if thresholds lie in the range of a node's.
    pub ranges: &'a mut [[i16; 2]],
    /// For each of `n_classes` classes.
    pub counts: &'a mut [Counts],
}

/// What is on one side of a decision: number of rows, and sum of the squares of each class's.
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

/// How pure both sides of a decision are, more being purer: the sum of squares / n, as a fraction.
#[derive(Clone, Copy)]
struct Purity {
    numerator: u64,
    denominator: u32,
}

impl Purity {
    /// Below that of any decision.
    const NONE: Purity = Purity {
        numerator: 0,
        denominator: 1,
    };

    #[inline(never)]
    fn of([left, right]: &[Side; 2]) -> Purity {
        Purity {
            numerator: u64::from(left.squares) * u64::from(right.n) + u64::from(right.squares) * u64::from(left.n),
            denominator: left.n * right.n,
        }
    }

    /// Compares exactly; with up to 65535 rows, a product has up to 76 bits.
    #[inline(never)]
    fn is_above(&self, other: &Purity) -> bool {
        product(self.numerator, other.denominator) > product(other.numerator, self.denominator)
    }
}

/// The product of two numbers: the part above 32 bits, and the rest.
fn product(a: u64, b: u32) -> (u64, u32) {
    let low = u64::from(a as u32) * u64::from(b);
    ((a >> 32) * u64::from(b) + (low >> 32), low as u32)
}

/// Some of the rows, and the training data.
struct Sample<'a> {
    x: &'a [i16],
    y: &'a [i16],
    n_features: usize,
    rows: &'a [Cell<u16>],
    counts: &'a [Cell<Counts>],
    /// What there is of the rows.
    whole: Side,
}

impl<'a> Sample<'a> {
    #[inline(always)]
    fn value(&self, row: &Cell<u16>, feature: u16) -> i16 {
        let index = usize::from(row.get()) * self.n_features + usize::from(feature);
        self.x.get(index).map_or(0, |&value| value)
    }

    /// Where rows of the label of this one are counted; nowhere if it is no class.
    fn counts(&self, row: &Cell<u16>) -> Option<&'a Cell<Counts>> {
        let label = *self.y.get(usize::from(row.get()))?;
        self.counts.get(usize::from(label as u16))
    }

    /// The smallest and the largest value.
    #[inline(never)]
    fn range(&self, feature: u16) -> [i16; 2] {
        let mut range = [i16::MAX, i16::MIN];
        for row in self.rows {
            let value = self.value(row, feature);
            range = [range[0].min(value), range[1].max(value)];
        }
        range
    }

    /// Counts the rows of each class.
    fn count(&mut self) -> Result<(), Error> {
        for counts in self.counts {
            counts.take();
        }
        for row in self.rows {
            let counts = self.counts(row).ok_or(Error::LABELS)?;
            let [n, _] = counts.get();
            counts.set([n + 1, 0]);
            // The squares of n and n + 1 differ by 2 n + 1.
            self.whole.squares += 2 * u32::from(n) + 1;
            self.whole.n += 1;
        }
        Ok(())
    }

    /// Brings rows that go left to the front, and counts them.
    #[inline(never)]
    fn divide(&self, feature: u16, threshold: i16) -> [Side; 2] {
        for counts in self.counts {
            let [n, _] = counts.get();
            counts.set([n, 0]);
        }
        let (mut left, mut right) = (Side::default(), self.whole);
        for row in self.rows {
            if self.value(row, feature) > threshold {
                continue;
            }
            if let (Some(counts), Some(place)) = (self.counts(row), self.rows.get(left.n as usize)) {
                let [n, n_left] = counts.get();
                counts.set([n, n_left + 1]);
                left.squares += 2 * u32::from(n_left) + 1;
                right.squares -= 2 * u32::from(n - n_left) - 1;
                left.n += 1;
                right.n -= 1;
                row.set(place.replace(row.get()));
            }
        }
        [left, right]
    }

    /// The class with most rows on a side, the smallest on a tie.
    fn majority(&self, is_right: bool) -> u16 {
        let (mut winner, mut most) = (0, 0);
        for (class, counts) in self.counts.iter().enumerate() {
            let [n, n_left] = counts.get();
            let n = if is_right { n - n_left } else { n_left };
            if n > most {
                (winner, most) = (class as u16, n);
            }
        }
        winner
    }
}

impl Training<'_> {
    /// Begins a training on rows `x` of `n_features` values each, and their labels `y`. A model that there was is gone,
    /// unless an error is returned.
    pub fn train_init(&mut self, x: &[i16], y: &[i16]) -> Result<(), Error> {
        let header = &mut *self.model.header;
        let Some(rows) = self.rows.get_mut(..y.len()) else {
            return Err(Error::MANY_ROWS);
        };
        if y.is_empty() || y.len().checked_mul(self.features.len()) != Some(x.len()) {
            return Err(Error::ROWS);
        }
        if y.iter().any(|&label| usize::from(label as u16) >= self.counts.len()) {
            return Err(Error::LABELS);
        }
        header.n_drawn = share(header.settings.subsample, y.len() as u32);
        enumerate(rows);
        enumerate(self.features);
        let sample = Sample {
            x,
            y,
            n_features: self.features.len(),
            rows: Cell::from_mut(rows).as_slice_of_cells(),
            counts: Cell::from_mut(&mut *self.counts).as_slice_of_cells(),
            whole: Side::default(),
        };
        for (feature, range) in self.ranges.iter_mut().enumerate() {
            *range = sample.range(feature as u16);
        }
        header.abandon();
        header.n_rows = y.len() as u32;
        header.next = 0;
        header.random = header.settings.rng_seed;
        self.begin_tree()
    }

    /// Draws rows for a tree, which begins as a node of them all.
    #[inline(never)]
    fn begin_tree(&mut self) -> Result<(), Error> {
        let header = &mut *self.model.header;
        let mut rows = self.rows.get_mut(..header.n_rows as usize).unwrap_or_default();
        for _ in 0..header.n_drawn {
            draw(&mut rows, &mut header.random);
        }
        let (tree, n_drawn) = (header.n_trees_trained, header.n_drawn);
        let root = self.model.add_node(0, [0, n_drawn as u16])?;
        if let Some(place) = self.model.roots.get_mut(tree as usize) {
            *place = root;
        }
        Ok(())
    }

    /// Splits one node, on the data that the training began with; returns whether the model is trained. What it does is linear
    /// in the node's rows times the candidates for its decision.
    ///
    /// The data may have changed. If its size or a label is wrong now, nothing was done. If there is no room for nodes,
    /// the training has ended without a model.
    pub fn train_step(&mut self, x: &[i16], y: &[i16]) -> Result<bool, Error> {
        let header = &mut *self.model.header;
        if header.is_trained() {
            return Ok(true);
        }
        if header.n_rows == 0 {
            return Err(Error::NOT_BEGUN);
        }
        if y.len() != header.n_rows as usize || x.len() != y.len() * self.features.len() {
            return Err(Error::ROWS);
        }
        self.split(x, y)?;
        let header = &mut *self.model.header;
        if header.next == header.n_nodes {
            header.n_trees_trained += 1;
            if header.is_trained() {
                header.n_rows = 0;
                return Ok(true);
            }
            self.begin_tree()?;
        }
        Ok(false)
    }

    /// Splits the next node.
    fn split(&mut self, x: &[i16], y: &[i16]) -> Result<(), Error> {
        let header = &mut *self.model.header;
        let index = header.next as usize;
        let mut node = self.model.nodes.get(index).copied().unwrap_or_default();
        let (depth, [start, end]) = (node.feature, node.children);
        let rows = self.rows.get_mut(usize::from(start)..usize::from(end)).unwrap_or_default();
        let mut sample = Sample {
            x,
            y,
            n_features: self.features.len(),
            rows: Cell::from_mut(rows).as_slice_of_cells(),
            counts: Cell::from_mut(&mut *self.counts).as_slice_of_cells(),
            whole: Side::default(),
        };
        sample.count()?;

        // Without a decision, all rows go left.
        let mut best = Purity::NONE;
        (node.feature, node.threshold) = (0, i16::MAX);
        let min_samples_leaf = header.settings.min_samples_leaf;
        let mut features = &mut *self.features;
        let n_candidates = share(header.settings.feature_subsample, header.settings.n_features);
        let mut n_seen = 0;
        while !sample.whole.is_pure() && (n_seen < n_candidates || best.numerator == 0) {
            let Some(&mut feature) = draw(&mut features, &mut header.random) else {
                break;
            };
            n_seen += 1;
            let [low, high] = match self.ranges.get(usize::from(feature)) {
                Some(&range) => range,
                None => sample.range(feature),
            };
            if low >= high {
                continue;
            }
            for _ in 0..header.settings.n_thresholds {
                let above = random(&mut header.random, (i32::from(high) - i32::from(low)) as u32);
                let threshold = low.wrapping_add(above as i16);
                let sides = sample.divide(feature, threshold);
                let purity = Purity::of(&sides);
                if sides[0].n >= min_samples_leaf && sides[1].n >= min_samples_leaf && purity.is_above(&best) {
                    best = purity;
                    (node.feature, node.threshold) = (feature, threshold);
                }
            }
        }

        let is_last = best.numerator == 0 || u32::from(depth) + 1 == header.settings.max_depth;
        let sides = sample.divide(node.feature, node.threshold);
        node.feature <<= 2;
        let mut end = start;
        for (i, (child, side)) in node.children.iter_mut().zip(&sides).enumerate() {
            let start = end;
            end += side.n as u16;
            *child = if is_last || side.is_pure() || side.n < 2 * min_samples_leaf {
                node.feature |= 1 << i;
                sample.majority(i != 0)
            } else {
                self.model.add_node(depth + 1, [start, end])?
            };
        }
        if let Some(place) = self.model.nodes.get_mut(index) {
            *place = node;
        }
        self.model.header.next += 1;
        Ok(())
    }
}

impl Model<'_> {
    /// Adds a node to be split. If there is no room, the training has failed.
    #[inline(never)]
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

    /// Predicts one sample: the class with most votes, the smallest on a tie, and the share of votes of each.
    pub fn predict(&self, features: &[i16], probabilities: &mut [f32]) -> Result<u32, Error> {
        if !self.header.is_trained() {
            return Err(Error::NOT_TRAINED);
        }
        probabilities.fill(0.0);
        // Votes are counted as integers where the shares will be.
        for &root in self.roots.iter() {
            if let Some(votes) = probabilities.get_mut(self.descend(root, features)) {
                *votes = f32::from_bits(votes.to_bits() + 1);
            }
        }
        let (mut winner, mut most) = (0, 0);
        for (class, share) in probabilities.iter_mut().enumerate() {
            let votes = share.to_bits();
            if votes > most {
                (winner, most) = (class as u32, votes);
            }
            *share = votes as f32 / self.header.settings.n_trees as f32;
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
                Ok([
                    place(left, 1),
                    place(right, 2),
                    (node.feature >> 2).into(),
                    i32::from(node.threshold) + 1,
                ])
            }
            _ => Err(Error::NOT_TRAINED),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trees::{self, TreesHeader, TreesNode};
    use proptest::{collection::vec, prelude::*};
    use std::vec::Vec;

    struct Memory {
        header: ExtratreesHeader,
        nodes: Vec<ExtratreesNode>,
        roots: Vec<u16>,
        rows: Vec<u16>,
        features: Vec<u16>,
        ranges: Vec<[i16; 2]>,
        counts: Vec<Counts>,
    }

    impl Memory {
        fn new(settings: ExtratreesSettings) -> Memory {
            let n_features = settings.n_features as usize;
            Memory {
                header: ExtratreesHeader::new(&settings),
                nodes: std::vec![ExtratreesNode::default(); settings.max_nodes as usize],
                roots: std::vec![0; settings.n_trees as usize],
                rows: std::vec![0; settings.max_samples as usize],
                features: std::vec![0; n_features],
                ranges: std::vec![[0; 2]; if settings.use_global_feature_range { n_features } else { 0 }],
                counts: std::vec![[0; 2]; settings.n_classes as usize],
            }
        }

        fn training(&mut self) -> Training<'_> {
            Training {
                model: Model {
                    header: &mut self.header,
                    nodes: &mut self.nodes,
                    roots: &mut self.roots,
                },
                rows: &mut self.rows,
                features: &mut self.features,
                ranges: &mut self.ranges,
                counts: &mut self.counts,
            }
        }

        fn train(&mut self, x: &[i16], y: &[i16]) -> Result<(), Error> {
            let mut training = self.training();
            training.train_init(x, y)?;
            while !training.train_step(x, y)? {}
            Ok(())
        }

        fn predict(&mut self, features: &[i16]) -> Result<(u32, Vec<f32>), Error> {
            let mut probabilities = std::vec![f32::NAN; self.counts.len()];
            let class = self.training().model.predict(features, &mut probabilities)?;
            Ok((class, probabilities))
        }
    }

    fn settings(n_features: u32, n_classes: u32) -> ExtratreesSettings {
        ExtratreesSettings {
            n_features,
            n_classes,
            n_trees: 3,
            max_depth: 100,
            min_samples_leaf: 1,
            n_thresholds: 2,
            max_nodes: 1000,
            max_samples: 100,
            rng_seed: 1,
            use_global_feature_range: false,
            subsample: 65536,
            feature_subsample: 65536,
        }
    }

    const FEATURES: usize = 3;
    const CLASSES: u32 = 4;

    prop_compose! {
        fn any_settings()(
            n_trees in 1..5u32,
            max_depth in prop_oneof![1..8u32, Just(65535)],
            min_samples_leaf in 1..6u32,
            n_thresholds in 1..4u32,
            rng_seed: u32,
            use_global_feature_range: bool,
            subsample in 0..=65536u32,
            feature_subsample in 0..=65536u32,
        ) -> ExtratreesSettings {
            ExtratreesSettings {
                n_trees, max_depth, min_samples_leaf, n_thresholds, rng_seed, use_global_feature_range, subsample, feature_subsample,
                ..settings(FEATURES as u32, CLASSES)
            }
        }
    }

    fn value() -> impl Strategy<Value = i16> {
        prop_oneof![-2..3i16, any::<i16>(), Just(i16::MIN), Just(i16::MAX)]
    }

    fn data() -> impl Strategy<Value = (Vec<i16>, Vec<i16>)> {
        vec((vec(value(), FEATURES), 0..CLASSES as i16), 1..60).prop_map(|rows| {
            let (x, y): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
            (x.concat(), y)
        })
    }

    #[test]
    fn refuses() {
        let mut memory = Memory::new(settings(2, 3));
        let mut training = memory.training();
        for (x, y) in [(0, 0), (2, 0), (0, 1), (3, 1), (2, 2), (5, 2)] {
            assert_eq!(training.train_init(&std::vec![0; x], &std::vec![0; y]), Err(Error::ROWS));
        }
        assert_eq!(training.train_init(&[0; 202], &[0; 101]), Err(Error::MANY_ROWS));
        for label in [3, -1, i16::MAX, i16::MIN] {
            assert_eq!(training.train_init(&[0; 4], &[0, label]), Err(Error::LABELS));
        }
        assert_eq!(training.train_step(&[0; 4], &[0, 1]), Err(Error::NOT_BEGUN));
        assert_eq!(training.model.predict(&[0; 2], &mut [0.0; 3]), Err(Error::NOT_TRAINED));
        assert_eq!(training.model.node(0), Err(Error::NOT_TRAINED));
        assert_eq!(training.model.root(0), Err(Error::NOT_TRAINED));
        training.train_init(&[0; 4], &[0, 1]).unwrap();
        assert_eq!(training.train_step(&[0; 2], &[0]), Err(Error::ROWS));
        assert_eq!(training.train_step(&[0; 4], &[0, 3]), Err(Error::LABELS));
        assert_eq!(training.train_step(&[0; 4], &[0, 1]), Ok(false));
        assert_eq!(training.model.predict(&[0; 2], &mut [0.0; 3]), Err(Error::NOT_TRAINED));
    }

    #[test]
    fn most_rows() {
        let n = MAX_COUNT as usize;
        let mut memory = Memory::new(ExtratreesSettings {
            max_samples: MAX_COUNT,
            n_trees: 1,
            ..settings(1, 2)
        });
        let x: Vec<i16> = (0..n).map(|i| (i as i32 - 32768) as i16).collect();
        for border in [1, n / 2, n - 1] {
            let y: Vec<i16> = (0..n).map(|i| (i >= border).into()).collect();
            memory.train(&x, &y).unwrap();
            for i in [0, border - 1, border, n - 1] {
                assert_eq!(memory.predict(&x[i..=i]).unwrap().0, u32::from(i >= border));
            }
        }
    }

    #[test]
    fn random_numbers_are_even() {
        let mut state = 0;
        let mut counts = [0u32; 10];
        for _ in 0..100_000 {
            counts[random(&mut state, 10) as usize] += 1;
        }
        // Within five standard deviations.
        assert!(counts.iter().all(|n| n.abs_diff(10_000) < 5 * 95), "{counts:?}");
        assert_eq!(random(&mut state, 1), 0);
    }

    proptest! {
        #[test]
        fn purities((n, m, k, l) in (1..32768u32, 1..32768u32, 1..32768u32, 1..32768u32), part in vec(0.0..1.0, 4)) {
            let side = |n: u32, part: f64| Side { n, squares: (f64::from(n) * f64::from(n) * part) as u32 };
            let [a, b] = [[side(n, part[0]), side(m, part[1])], [side(k, part[2]), side(l, part[3])]];
            let fraction = |[left, right]: [Side; 2]| {
                let [p, n, q, m] = [left.squares, left.n, right.squares, right.n].map(u128::from);
                (p * m + q * n, n * m)
            };
            let ((p, q), (r, s)) = (fraction(a), fraction(b));
            prop_assert_eq!(Purity::of(&a).is_above(&Purity::of(&b)), p * s > r * q);
        }

        /// Without limits, a tree knows every row that it has seen, unless another with the same values has another label.
        #[test]
        fn knows_its_rows((x, mut y) in data(), n_thresholds in 1..4u32, feature_subsample in 0..=65536u32) {
            for i in 0..y.len() {
                let same = (0..i).find(|j| x[j * FEATURES..][..FEATURES] == x[i * FEATURES..][..FEATURES]);
                y[i] = same.map_or(y[i], |j| y[j]);
            }
            let mut memory = Memory::new(ExtratreesSettings { n_thresholds, feature_subsample, ..settings(FEATURES as u32, CLASSES) });
            memory.train(&x, &y).unwrap();
            for (row, &label) in x.chunks(FEATURES).zip(&y) {
                let (class, probabilities) = memory.predict(row).unwrap();
                prop_assert_eq!((class as i16, probabilities[label as usize]), (label, 1.0));
            }
        }

        #[test]
        fn trees_are_trees((x, y) in data(), settings in any_settings(), samples in vec(vec(value(), FEATURES), 10)) {
            let mut memory = Memory::new(settings);
            memory.train(&x, &y).unwrap();
            let n_nodes = memory.header.n_nodes;
            let training = memory.training();
            let nodes: Vec<_> = (0..n_nodes).map(|i| training.model.node(i).unwrap()).collect();
            let roots: Vec<_> = (0..settings.n_trees).map(|i| training.model.root(i).unwrap()).collect();
            prop_assert_eq!(training.model.node(n_nodes), Err(Error::NOT_TRAINED));
            prop_assert_eq!(training.model.root(settings.n_trees), Err(Error::NOT_TRAINED));

            // Children lie behind their parents, each with one parent, not too deep.
            let mut depths = std::vec![u32::MAX; nodes.len()];
            for &root in &roots {
                depths[root as usize] = 0;
            }
            for (i, &[left, right, feature, value]) in nodes.iter().enumerate() {
                prop_assert!(depths[i] < settings.max_depth);
                prop_assert!((0..FEATURES as i32).contains(&feature) && (-32767..=32768).contains(&value));
                for child in [left, right] {
                    if child < 0 {
                        prop_assert!(-child <= CLASSES as i32);
                    } else {
                        prop_assert_eq!(depths[i + child as usize], u32::MAX);
                        depths[i + child as usize] = depths[i] + 1;
                    }
                }
            }
            prop_assert!(!depths.contains(&u32::MAX));

            // Enough rows on either side of every decision. A node without one sends all rows left.
            if settings.subsample == 65536 {
                for &root in &roots {
                    let mut reached = std::vec![0u32; 2 * nodes.len()];
                    for row in x.chunks(FEATURES) {
                        let mut at = root as usize;
                        loop {
                            let [left, right, feature, value] = nodes[at];
                            let is_right = i32::from(row[feature as usize]) >= value;
                            reached[2 * at + usize::from(is_right)] += 1;
                            let child = if is_right { right } else { left };
                            if child < 0 {
                                break;
                            }
                            at += child as usize;
                        }
                    }
                    for (sides, node) in reached.chunks(2).zip(&nodes) {
                        if sides != [0, 0] && node[3] != 32768 {
                            prop_assert!(sides.iter().all(|&n| n >= settings.min_samples_leaf));
                        }
                    }
                }
            }

            // The same predictions when all of it is moved to the module that only predicts.
            let max = [settings.n_trees, n_nodes, CLASSES];
            let mut header = TreesHeader::new(&max);
            let (mut tree_nodes, mut tree_roots, mut leaves) =
                (std::vec![TreesNode::default(); nodes.len()], std::vec![0; roots.len()], std::vec![0; CLASSES as usize]);
            let mut model = trees::Model {
                header: &mut header,
                arrays: trees::Arrays { nodes: &mut tree_nodes, roots: &mut tree_roots, leaves: &mut leaves },
            };
            let mut add = |name: u8, fields: [i32; 4]| model.add(name.into(), &fields).unwrap();
            add(b'f', [FEATURES as i32, CLASSES as i32, 0, 0]);
            for class in 0..CLASSES as i32 {
                add(b'l', [class, 0, 0, 0]);
            }
            for &root in &roots {
                add(b'r', [root as i32, 0, 0, 0]);
            }
            for &[left, right, feature, value] in &nodes {
                add(b'n', [feature, value - 1, left, right]);
            }
            for sample in samples.iter().map(|sample| &sample[..]).chain(x.chunks(FEATURES)) {
                let mut out = [0.0; CLASSES as usize];
                model.predict(sample, &mut out).unwrap();
                let (class, probabilities) = memory.predict(sample).unwrap();
                prop_assert_eq!(&out[..], &probabilities[..]);
                prop_assert!(out.iter().enumerate().all(|(i, &p)| p < out[class as usize] || p == out[class as usize] && i >= class as usize));
            }
        }

        /// What there was before leaves no trace.
        #[test]
        fn trains_again((x, y) in data(), (x2, y2) in data(), settings in any_settings(), steps in 0..20) {
            let mut memory = Memory::new(settings);
            memory.train(&x, &y).unwrap();
            let mut again = Memory::new(settings);
            again.training().train_init(&x2, &y2).unwrap();
            for _ in 0..steps {
                again.training().train_step(&x2, &y2).unwrap();
            }
            again.train(&x, &y).unwrap();
            let nodes = |memory: &mut Memory| (0..memory.header.n_nodes).map(|i| memory.training().model.node(i).unwrap()).collect::<Vec<_>>();
            prop_assert_eq!(nodes(&mut memory), nodes(&mut again));
        }

        #[test]
        fn out_of_nodes((x, y) in data(), settings in any_settings()) {
            let mut memory = Memory::new(settings);
            memory.train(&x, &y).unwrap();
            let needed = memory.header.n_nodes;
            for max_nodes in 0..needed {
                let mut memory = Memory::new(ExtratreesSettings { max_nodes, ..settings });
                prop_assert_eq!(memory.train(&x, &y), Err(Error::NODES));
                prop_assert_eq!(memory.training().train_step(&x, &y), Err(Error::NOT_BEGUN));
                prop_assert_eq!(memory.predict(&x[..FEATURES]), Err(Error::NOT_TRAINED));
            }
            prop_assert_eq!(Memory::new(ExtratreesSettings { max_nodes: needed, ..settings }).train(&x, &y), Ok(()));
        }

        /// Data that changes while it is learned gives some model; labels that are none are refused.
        #[test]
        fn data_changes((x, y) in data(), settings in any_settings(), changes in vec((any::<prop::sample::Index>(), value(), -1..=CLASSES as i16), 40)) {
            let (mut x, mut y) = (x, y);
            let mut memory = Memory::new(settings);
            memory.training().train_init(&x, &y).unwrap();
            for (place, value, label) in changes.iter().cycle().take(400) {
                let (i, j) = (place.index(x.len()), place.index(y.len()));
                let old = y[j];
                (x[i], y[j]) = (*value, *label);
                match memory.training().train_step(&x, &y) {
                    Ok(true) => break,
                    Ok(false) => {}
                    Err(error) => prop_assert_eq!(error, Error::LABELS),
                }
                if !(0..CLASSES as i16).contains(label) {
                    y[j] = old;
                }
            }
            if let Ok((class, _)) = memory.predict(&x[..FEATURES]) {
                prop_assert!(class < CLASSES);
            }
        }
    }
}
