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
        heap.fill(Rank::MAX);
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
            let votes = ranks.iter().filter(|&&rank| self.label(rank) == label).count();
            if votes > most || votes == most && label < winner {
                (winner, most) = (label, votes);
            }
        }
        winner
    }

    /// The nearest item but `i` of the last prediction, from 0 to `n_ranked - 1`.
    pub fn result(&mut self, i: u32) -> NeighborsResult {
        if i < self.header.first {
            self.header.first = 0;
            self.header.n_ranks = 0;
        }
        let mut from = 0;
        loop {
            let ranks = self.ranks.get(..self.header.n_ranks as usize).unwrap_or(&[]);
            if let Some(&rank) = ranks.get((i - self.header.first) as usize) {
                return NeighborsResult {
                    index: rank as u16 as u32,
                    distance: square_root(rank >> 16),
                    label: self.label(rank),
                };
            }
            if let Some(last) = ranks.last() {
                from = last + 1;
            }
            self.header.first += self.header.n_ranks;
            self.select(self.header.max_ranks, from);
        }
    }
}

fn squared_distance(mut a: &[i16], mut b: &[i16]) -> u64 {
    let square = |a: &i16, b: &i16| {
        let difference = i32::from(*a) - i32::from(*b);
        u64::from(difference.wrapping_mul(difference) as u32)
    };
    let mut sum = 0;
    while let (Some((a4, a_rest)), Some((b4, b_rest))) = (a.split_first_chunk::<4>(), b.split_first_chunk::<4>()) {
        sum += square(&a4[0], &b4[0]) + square(&a4[1], &b4[1]) + square(&a4[2], &b4[2]) + square(&a4[3], &b4[3]);
        (a, b) = (a_rest, b_rest);
    }
    a.iter().zip(b).fold(sum, |sum, (a, b)| sum + square(a, b))
}

/// Puts a value in the place of the first of a heap, the largest.
#[inline(never)]
fn sift_down(heap: &mut [Rank], value: Rank) {
    let mut at = 0;
    loop {
        let mut child = 2 * at + 1;
        let mut larger = value;
        for i in [child, child + 1] {
            if let Some(&other) = heap.get(i) {
                if other > larger {
                    (child, larger) = (i, other);
                }
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
