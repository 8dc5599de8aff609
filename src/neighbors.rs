//! K nearest neighbours of int16 vectors, exactly.
//!
//! A prediction compares with every item. What is kept of it is the query and a window of the ranking: the items from some
//! rank on, nearest first. Other ranks are found, when asked for, by going through the items again, a window at a time, so
//! that memory is spent on items rather than distances.

use crate::Error;
use core::mem;

/// The longest vector; up to it, the square of a distance fits 48 bits.
pub const MAX_FEATURES: u32 = 65535;
/// The most items: an index fits 16 bits.
pub const MAX_ITEMS: u32 = 65535;

/// An item's place in the ranking, as a number: the square of its distance, then its index in the low 16 bits.
type Rank = u64;

/// Sizes and state of a [`Model`]; the arrays are beside it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct NeighborsHeader {
    /// Capacity: items.
    pub max_items: u32,
    /// Length of an item.
    pub n_features: u32,
    /// Number of neighbours that vote.
    pub k: u32,
    /// Capacity: ranks.
    pub max_ranks: u32,
    /// Number of items.
    pub n_items: u32,
    /// Number of items that the last prediction compared with: 0 before the first.
    pub n_ranked: u32,
    /// The rank that the window begins with.
    first: u32,
    /// Length of the window.
    n_ranks: u32,
}

impl NeighborsHeader {
    /// The header of a model without items. All sizes are at least 1.
    pub fn new(max_items: u32, n_features: u32, k: u32) -> NeighborsHeader {
        NeighborsHeader {
            max_items,
            n_features,
            k,
            // The whole ranking takes eight windows at most.
            max_ranks: k.max(max_items.div_ceil(8)).min(max_items),
            n_items: 0,
            n_ranked: 0,
            first: 0,
            n_ranks: 0,
        }
    }
}

/// What there is to know about a neighbour.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NeighborsResult {
    /// Index of the item.
    pub index: u32,
    /// Euclidean distance, rounded down.
    pub distance: u32,
    /// Label of the item.
    pub label: i32,
}

/// A set of labelled items in memory of the caller's, who puts items and queries in place.
pub struct Model<'a> {
    /// Sizes and state.
    pub header: &'a mut NeighborsHeader,
    /// `max_ranks` ranks.
    pub ranks: &'a mut [u64],
    /// `max_items` labels.
    pub labels: &'a mut [i16],
    /// The query, then `max_items` items, `n_features` values each.
    pub rows: &'a [i16],
}

impl Model<'_> {
    /// Counts another item, whose values are in place, and returns its index.
    pub fn add(&mut self, label: i16) -> Result<u32, Error> {
        let index = self.header.n_items;
        *self.labels.get_mut(index as usize).ok_or(Error::NO_ROOM)? = label;
        self.header.n_items += 1;
        Ok(index)
    }

    /// The label with most votes among the `k` items nearest to the query that is in place, the smallest on a tie.
    pub fn predict(&mut self) -> Result<i32, Error> {
        if self.header.k > self.header.n_items {
            return Err(Error::FEW_ITEMS);
        }
        self.header.n_ranked = self.header.n_items;
        self.header.first = 0;
        self.select(self.header.k, 0);
        Ok(self.vote())
    }

    /// Fills the window with the nearest items from a rank on.
    #[inline(never)]
    fn select(&mut self, max: u32, from: Rank) {
        let n_features = self.header.n_features as usize;
        let n = max.min(self.header.n_ranked - self.header.first);
        self.header.n_ranks = n;
        let Some(mut heap) = self.ranks.get_mut(..n as usize) else { return };
        for rank in heap.iter_mut() {
            *rank = Rank::MAX;
        }
        let Some((query, mut items)) = self.rows.split_at_checked(n_features) else {
            return;
        };
        for index in 0..self.header.n_ranked {
            let Some((item, rest)) = items.split_at_checked(n_features) else {
                break;
            };
            items = rest;
            let rank = squared_distance(item, query) << 16 | u64::from(index);
            if rank >= from && heap.first().is_some_and(|last| rank < *last) {
                sift_down(heap, rank);
            }
        }
        while let Some((last, rest)) = heap.split_last_mut() {
            if let Some(first) = rest.first() {
                let value = mem::replace(last, *first);
                sift_down(rest, value);
            }
            heap = rest;
        }
    }

    fn label(&self, rank: Rank) -> i32 {
        self.labels.get(usize::from(rank as u16)).map_or(0, |&label| label.into())
    }

    fn vote(&self) -> i32 {
        let (mut winner, mut most) = (0, 0);
        let ranks = self.ranks.get(..self.header.k as usize).unwrap_or(&[]);
        for &rank in ranks {
            let label = self.label(rank);
            let mut votes = 0;
            for &rank in ranks {
                votes += u32::from(self.label(rank) == label);
            }
            if votes > most || votes == most && label < winner {
                (winner, most) = (label, votes);
            }
        }
        winner
    }

    /// The nearest item but `i` of the last prediction, from 0 to `n_ranked - 1`.
    pub fn result(&mut self, i: u32) -> NeighborsResult {
        if i >= self.header.n_ranked {
            return NeighborsResult::default();
        }
        if i < self.header.first {
            self.header.first = 0;
            self.header.n_ranks = 0;
        }
        while i - self.header.first >= self.header.n_ranks {
            let last = self.header.n_ranks.wrapping_sub(1);
            let from = self.ranks.get(last as usize).map_or(0, |last| last + 1);
            self.header.first += self.header.n_ranks;
            self.select(self.header.max_ranks, from);
        }
        let rank = self.ranks.get((i - self.header.first) as usize).map_or(0, |&rank| rank);
        NeighborsResult {
            index: u32::from(rank as u16),
            distance: square_root(rank >> 16),
            label: self.label(rank),
        }
    }
}

fn squared_distance(a: &[i16], b: &[i16]) -> u64 {
    let square = |a: &i16, b: &i16| {
        let difference = i32::from(*a) - i32::from(*b);
        u64::from(difference.wrapping_mul(difference) as u32)
    };
    let mut sum = 0;
    let ((a4, a_rest), (b4, b_rest)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    for (a, b) in a_rest.iter().zip(b_rest) {
        sum += square(a, b);
    }
    for ([a0, a1, a2, a3], [b0, b1, b2, b3]) in a4.iter().zip(b4) {
        sum += square(a0, b0);
        sum += square(a1, b1);
        sum += square(a2, b2);
        sum += square(a3, b3);
    }
    sum
}

/// Puts a value in the place of the first of a heap, the largest.
#[inline(never)]
fn sift_down(heap: &mut [Rank], value: Rank) {
    let mut at = 0;
    loop {
        let mut child = 2 * at + 1;
        let mut larger = value;
        for i in [child, child + 1] {
            let other = heap.get(i).map_or(0, |&other| other);
            if other > larger {
                (child, larger) = (i, other);
            }
        }
        if let Some(slot) = heap.get_mut(at) {
            *slot = larger;
        }
        if larger == value {
            return;
        }
        at = child;
    }
}

/// Rounded down, of a number below 2^48.
fn square_root(square: u64) -> u32 {
    let mut root = 0u32;
    let mut bit = 1 << 23;
    while bit != 0 {
        let next = root | bit;
        if u64::from(next) * u64::from(next) <= square {
            root = next;
        }
        bit >>= 1;
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};
    use std::vec::Vec;

    struct Memory {
        header: NeighborsHeader,
        ranks: Vec<u64>,
        labels: Vec<i16>,
        rows: Vec<i16>,
    }

    impl Memory {
        fn new(max_items: u32, n_features: u32, k: u32) -> Memory {
            let header = NeighborsHeader::new(max_items, n_features, k);
            Memory {
                header,
                ranks: std::vec![0; header.max_ranks as usize],
                labels: std::vec![0; max_items as usize],
                rows: std::vec![0; ((max_items + 1) * n_features) as usize],
            }
        }

        fn put(&mut self, row: usize, values: &[i16]) {
            let n = values.len();
            self.rows[row * n..(row + 1) * n].copy_from_slice(values);
        }

        fn model(&mut self) -> Model<'_> {
            Model {
                header: &mut self.header,
                ranks: &mut self.ranks,
                labels: &mut self.labels,
                rows: &self.rows,
            }
        }
    }

    #[test]
    fn square_roots() {
        for root in [0u64, 1, 2, 255, 65535, 65536, 1 << 23, (1 << 24) - 1] {
            assert_eq!(square_root(root * root), root as u32);
            assert_eq!(square_root(root * root + 2 * root), root as u32);
        }
    }

    #[test]
    fn farthest_items() {
        let mut memory = Memory::new(1, MAX_FEATURES, 1);
        memory.put(0, &[i16::MAX; MAX_FEATURES as usize]);
        memory.put(1, &[i16::MIN; MAX_FEATURES as usize]);
        let mut model = memory.model();
        assert_eq!(model.add(-5), Ok(0));
        assert_eq!(model.predict(), Ok(-5));
        let distance = (65535f64 * 65535f64.sqrt()).floor() as u32;
        assert_eq!(
            model.result(0),
            NeighborsResult {
                index: 0,
                distance,
                label: -5
            }
        );
    }

    #[test]
    fn refuses() {
        let mut memory = Memory::new(2, 1, 2);
        let mut model = memory.model();
        assert_eq!(model.predict(), Err(Error::FEW_ITEMS));
        assert_eq!(model.result(0), NeighborsResult::default());
        assert_eq!([model.add(1), model.add(2), model.add(3)], [Ok(0), Ok(1), Err(Error::NO_ROOM)]);
        assert_eq!(model.predict(), Ok(1));
        assert_eq!(model.result(2), NeighborsResult::default());
    }

    proptest! {
        #[test]
        fn ranking(
            items in vec((vec(prop_oneof![-2i16..3, any::<i16>()], 3), -3i16..3), 1..60),
            queries in vec(vec(prop_oneof![-2i16..3, any::<i16>()], 3), 3),
            k in 1usize..60,
            order in vec(any::<prop::sample::Index>(), 60),
        ) {
            let k = k.min(items.len());
            let mut memory = Memory::new(items.len() as u32 + 3, 3, k as u32);
            for (i, (values, label)) in items.iter().enumerate() {
                memory.put(i + 1, values);
                memory.model().add(*label).unwrap();
            }
            for query in &queries {
                let square = |values: &[i16]| -> u64 { values.iter().zip(query).map(|(&a, &b)| u64::from(a.abs_diff(b)).pow(2)).sum() };
                let mut expected: Vec<_> = items.iter().enumerate().map(|(i, (values, label))| (square(values), i, i32::from(*label))).collect();
                expected.sort();
                let votes = |label: i32| expected[..k].iter().filter(|item| item.2 == label).count();
                let winner = (-3..3).max_by_key(|&label| (votes(label), -label)).unwrap();
                memory.put(0, query);
                prop_assert_eq!(memory.model().predict(), Ok(winner));
                for i in order.iter().map(|i| i.index(items.len())) {
                    let (square, index, label) = expected[i];
                    let result = memory.model().result(i as u32);
                    prop_assert_eq!((result.index as usize, result.distance, result.label), (index, square.isqrt() as u32, label));
                }
            }
        }
    }
}
