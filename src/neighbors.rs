//! K nearest neighbours of int16 vectors, exactly.
//!
//! A prediction compares with every item and keeps the k nearest, in a heap that is sorted afterwards. Others are found, when asked
//! for, by going through the items again and keeping all.

use crate::Error;
use core::{cell::Cell, mem};

/// The longest vector; up to it, the square of a distance fits 48 bits.
pub const MAX_FEATURES: u16 = u16::MAX;
/// The most items.
pub const MAX_ITEMS: u16 = u16::MAX;

/// An item's place in the ranking, as a number: the square of its distance, then its index in the low 16 bits.
type Rank = u64;

/// Sizes and state of a [`Model`]; the arrays are beside it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct NeighborsHeader {
    /// Capacity: items.
    pub max_items: u16,
    /// Length of an item.
    pub n_features: u16,
    /// Number of neighbours that vote.
    pub k: u16,
    /// Number of items.
    pub n_items: u16,
    /// Number of items that the last prediction compared with: 0 before the first.
    pub n_ranked: u32,
    /// Number of ranks that are known.
    n_ranks: u32,
}

impl NeighborsHeader {
    /// The header of a model without items. All sizes are at least 1.
    pub fn new(max_items: u16, n_features: u16, k: u16) -> NeighborsHeader {
        NeighborsHeader {
            max_items,
            n_features,
            k,
            n_items: 0,
            n_ranked: 0,
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
    /// `max_items` ranks.
    pub ranks: &'a mut [u64],
    /// The query, then for each of `max_items` items its label and itself; query and items are `n_features` values each.
    pub rows: &'a mut [i16],
}

impl Model<'_> {
    /// Counts another item, whose values are in place.
    pub fn add(&mut self, label: i16) -> Result<(), Error> {
        let place = self.label_place(self.header.n_items);
        *self.rows.get_mut(place).ok_or(Error::NO_ROOM)? = label;
        self.header.n_items += 1;
        Ok(())
    }

    /// The label with most votes among the `k` items nearest to the query that is in place, the smallest on a tie.
    pub fn predict(&mut self) -> Result<i32, Error> {
        if self.header.k > self.header.n_items {
            return Err(Error::FEW_ITEMS);
        }
        self.header.n_ranked = self.header.n_items.into();
        self.select(self.header.k.into());
        Ok(self.vote())
    }

    /// Finds so many ranks, the first ones.
    #[inline(never)]
    fn select(&mut self, n: u32) {
        self.header.n_ranks = n;
        let Some(mut heap) = self.ranks.get_mut(..n as usize) else { return };
        for rank in heap.iter_mut() {
            *rank = Rank::MAX;
        }
        let n_features = usize::from(self.header.n_features);
        let Some((query, mut rows)) = self.rows.split_at_checked(n_features) else {
            return;
        };
        'items: for index in 0..self.header.n_ranked {
            let Some((row, rest)) = rows.split_at_checked(n_features + 1) else {
                return;
            };
            let [_, item @ ..] = row else { return };
            rows = rest;
            // An item as far away as the farthest in the heap comes after it.
            let Some(limit) = heap.first().map(|last| (last >> 16) as i64 - 1) else {
                return;
            };
            let mut left = limit;
            let ((a4, a_rest), (b4, b_rest)) = (item.as_chunks::<4>(), query.as_chunks::<4>());
            for (a, b) in a_rest.iter().zip(b_rest) {
                left -= square(*a, *b);
            }
            let mut chunks = a4.iter().zip(b4);
            loop {
                if left < 0 {
                    continue 'items;
                }
                let Some(([a0, a1, a2, a3], [b0, b1, b2, b3])) = chunks.next() else {
                    break;
                };
                left -= square(*a0, *b0);
                left -= square(*a1, *b1);
                left -= square(*a2, *b2);
                left -= square(*a3, *b3);
            }
            sift_down(heap, ((limit - left) as u64) << 16 | u64::from(index));
        }
        while let [first, .., last] = heap {
            let value = mem::replace(last, *first);
            let Some((_, rest)) = heap.split_last_mut() else { return };
            sift_down(rest, value);
            heap = rest;
        }
    }

    fn label_place(&self, index: u16) -> usize {
        (usize::from(index) + 1) * (usize::from(self.header.n_features) + 1) - 1
    }

    #[inline(never)]
    fn label(&self, index: u16) -> i32 {
        let place = self.label_place(index);
        self.rows.get(place).map_or(0, |&label| label.into())
    }

    fn vote(&self) -> i32 {
        // The number of votes, then the label, of which the smallest counts most.
        let mut winner = 0;
        let ranks = self.ranks.get(..usize::from(self.header.k)).unwrap_or_default();
        for &rank in ranks {
            let label = self.label(rank as u16);
            let mut candidate = (label ^ i32::from(i16::MAX)) as u32 & 0xffff;
            for &rank in ranks {
                if self.label(rank as u16) == label {
                    candidate += 1 << 16;
                }
            }
            winner = winner.max(candidate);
        }
        i32::from(winner as i16 ^ i16::MAX)
    }

    /// The nearest item but `i` of the last prediction, from 0 to `n_ranked - 1`.
    pub fn result(&mut self, i: u32) -> NeighborsResult {
        if i >= self.header.n_ranks {
            self.select(self.header.n_ranked);
        }
        let rank = self.ranks.get(i as usize).map_or(0, |&rank| rank);
        NeighborsResult {
            index: u32::from(rank as u16),
            distance: distance(rank),
            label: self.label(rank as u16),
        }
    }
}

#[inline(always)]
fn square(a: i16, b: i16) -> i64 {
    let difference = i32::from(a) - i32::from(b);
    i64::from(difference.wrapping_mul(difference) as u32)
}

/// Puts a value in the place of the first of a heap, the largest.
#[inline(never)]
fn sift_down(heap: &mut [Rank], value: Rank) {
    let heap = Cell::from_mut(heap).as_slice_of_cells();
    let Some(mut slot) = heap.first() else { return };
    let mut child = 1;
    loop {
        if let [left, right, ..] = heap.get(child..).unwrap_or_default()
            && right.get() > left.get()
        {
            child += 1;
        }
        let Some(next) = heap.get(child) else { break };
        if next.get() <= value {
            break;
        }
        slot.set(next.get());
        slot = next;
        child = 2 * child + 1;
    }
    slot.set(value);
}

/// The square root, rounded down, of what is above the index.
fn distance(mut rank: Rank) -> u32 {
    let (mut root, mut rest) = (0, 0);
    // Digit by digit: two bits of the square give one of the root.
    for _ in 0..24 {
        rest = rest << 2 | (rank >> 62) as u32;
        rank <<= 2;
        root <<= 1;
        if rest > 2 * root {
            rest -= 2 * root + 1;
            root += 1;
        }
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
        rows: Vec<i16>,
    }

    impl Memory {
        fn new(max_items: u16, n_features: u16, k: u16) -> Memory {
            let items = usize::from(max_items);
            Memory {
                header: NeighborsHeader::new(max_items, n_features, k),
                ranks: std::vec![0; items],
                rows: std::vec![0; (items + 1) * (usize::from(n_features) + 1) - 1],
            }
        }

        fn put(&mut self, row: usize, values: &[i16]) {
            let start = row * (values.len() + 1);
            self.rows[start..start + values.len()].copy_from_slice(values);
        }

        fn model(&mut self) -> Model<'_> {
            Model {
                header: &mut self.header,
                ranks: &mut self.ranks,
                rows: &mut self.rows,
            }
        }
    }

    #[test]
    fn square_roots() {
        for root in [0u64, 1, 2, 255, 65535, 65536, 1 << 23, (1 << 24) - 1] {
            assert_eq!(distance((root * root) << 16 | 0xffff), root as u32);
            assert_eq!(distance((root * root + 2 * root) << 16), root as u32);
        }
    }

    #[test]
    fn farthest_items() {
        let mut memory = Memory::new(1, MAX_FEATURES, 1);
        memory.put(0, &[i16::MAX; MAX_FEATURES as usize]);
        memory.put(1, &[i16::MIN; MAX_FEATURES as usize]);
        let mut model = memory.model();
        assert_eq!(model.add(-5), Ok(()));
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
        assert_eq!([model.add(1), model.add(2), model.add(3)], [Ok(()), Ok(()), Err(Error::NO_ROOM)]);
        assert_eq!(model.predict(), Ok(1));
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
            let mut memory = Memory::new(items.len() as u16 + 3, 3, k as u16);
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
