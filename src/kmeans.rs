//! K-means clustering of uint8 vectors by Lloyd's algorithm, in integers.
//!
//! Everything is exact: squared Euclidean distances, the first of several nearest clusters, means rounded down.
//! Arrays are cells, so that it is harmless if they share memory.

use crate::Error;
use core::{cell::Cell, num::NonZeroU32};

/// The longest vector; up to it, a squared distance fits 32 bits.
pub const MAX_FEATURES: usize = 65535;
/// The most clusters: their indices, and 255 for a sample that was not assigned yet, are bytes.
pub const MAX_CLUSTERS: usize = 255;

/// Index of the vector nearest to a point, the first on a tie, and the square of their distance.
///
/// Vectors are as long as the point, 1 to [`MAX_FEATURES`] values. There is at least one.
pub fn euclidean_argmin(mut vectors: &[Cell<u8>], point: &[Cell<u8>]) -> (u32, u32) {
    let (mut nearest, mut least, mut index) = (0, u32::MAX, 0);
    while let Some((vector, rest)) = vectors.split_at_checked(point.len()) {
        let mut distance = 0;
        for (a, b) in vector.iter().zip(point) {
            let difference = u32::from(a.get()).wrapping_sub(b.get().into());
            distance += difference.wrapping_mul(difference);
            if distance >= least {
                break;
            }
        }
        if distance < least {
            (nearest, least) = (index, distance);
        }
        index += 1;
        vectors = rest;
    }
    (nearest, least)
}

/// What a [`step`] found.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KmeansFound {
    /// Number of samples whose assignment changed.
    pub changes: u32,
    /// The cluster of the last sample.
    pub index: u32,
    /// The square of its distance from the last sample.
    pub distance: u32,
}

/// Half an iteration: assigns each sample to the nearest centroid, or moves each centroid to the mean of its samples.
///
/// An empty cluster keeps its centroid. Refuses vectors that are not of so many features, 1 to [`MAX_FEATURES`], other than
/// 1 to `max_clusters` centroids, and not one assignment for each sample.
pub fn step(
    mut values: &[Cell<u8>],
    centroids: &[Cell<u8>],
    assignments: &[Cell<u8>],
    features: usize,
    max_clusters: usize,
    moves: bool,
) -> Result<KmeansFound, Error> {
    if features.wrapping_sub(1) >= MAX_FEATURES
        || (centroids.len() / features).wrapping_sub(1) >= max_clusters
        || (centroids.len() % features) | (assignments.len().wrapping_mul(features) ^ values.len()) != 0
    {
        return Err(Error::VECTORS);
    }
    let mut found = KmeansFound::default();
    if moves {
        for (i, mean) in centroids.iter().enumerate() {
            let (index, mut at) = (i / features, i % features);
            let (mut n, mut sum) = (0u32, 0u32);
            for assignment in assignments {
                if usize::from(assignment.get()) == index {
                    n += 1;
                    sum += values.get(at).map_or(0, |value| value.get().into());
                }
                at += features;
            }
            if let Some(n) = NonZeroU32::new(n) {
                mean.set((sum / n) as u8);
            }
        }
    } else {
        for assignment in assignments {
            let Some((point, rest)) = values.split_at_checked(features) else {
                break;
            };
            (found.index, found.distance) = euclidean_argmin(centroids, point);
            found.changes += u32::from(assignment.replace(found.index as u8) != found.index as u8);
            values = rest;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};
    use std::vec::Vec;

    fn run(values: &[u8], centroids: &mut [u8], assignments: &mut [u8], features: usize, moves: bool) -> Result<u32, Error> {
        let mut values = values.to_vec();
        let [values, centroids, assignments] =
            [&mut values[..], centroids, assignments].map(|bytes| Cell::from_mut(bytes).as_slice_of_cells());
        step(values, centroids, assignments, features, MAX_CLUSTERS, moves).map(|found| found.changes)
    }

    fn squared_distance(a: &[u8], b: &[u8]) -> u32 {
        a.iter().zip(b).map(|(&a, &b)| u32::from(a.abs_diff(b)).pow(2)).sum()
    }

    #[test]
    fn longest_vectors() {
        let (mut zeros, mut ones) = (std::vec![0; MAX_FEATURES], std::vec![255; MAX_FEATURES]);
        let [zeros, ones] = [&mut zeros, &mut ones].map(|bytes| Cell::from_mut(&mut bytes[..]).as_slice_of_cells());
        assert_eq!(euclidean_argmin(zeros, ones), (0, 255 * 255 * MAX_FEATURES as u32));
    }

    #[test]
    fn refuses() {
        let lengths = [
            (12, 6, 4, 0),
            (12, 6, 4, 2),
            (12, 6, 4, 4),
            (12, 5, 4, 3),
            (12, 0, 4, 3),
            (13, 6, 4, 3),
            (12, 6, 5, 3),
            (0, 256, 0, 1),
            (0, 65536, 0, 65536),
        ];
        for (values, centroids, assignments, features) in lengths {
            let [values, mut centroids, mut assignments] = [values, centroids, assignments].map(|len| std::vec![0; len]);
            for moves in [false, true] {
                let result = run(&values, &mut centroids, &mut assignments, features, moves);
                assert_eq!(result, Err(Error::VECTORS));
            }
        }
    }

    proptest! {
        #[test]
        fn steps(
            (features, values, centroids) in (1usize..6).prop_flat_map(|features| {
                let vectors = move |n| vec(vec(any::<u8>(), features), n).prop_map(|vectors| vectors.concat());
                (Just(features), vectors(0..30), vectors(1..9))
            }),
            assignments in vec(any::<u8>(), 30),
        ) {
            let mut assignments = assignments[..values.len() / features].to_vec();
            let before = assignments.clone();
            let mut means = centroids.clone();
            let changes = run(&values, &mut means, &mut assignments, features, false).unwrap();
            prop_assert_eq!(&means, &centroids);
            prop_assert_eq!(changes as usize, before.iter().zip(&assignments).filter(|(a, b)| a != b).count());
            for (point, &assignment) in values.chunks(features).zip(&assignments) {
                let distances: Vec<_> = centroids.chunks(features).map(|centroid| squared_distance(centroid, point)).collect();
                let least = distances.iter().min().unwrap();
                prop_assert_eq!(usize::from(assignment), distances.iter().position(|d| d == least).unwrap());
            }

            run(&values, &mut means, &mut assignments, features, true).unwrap();
            for (i, mean) in means.iter().enumerate() {
                let members: Vec<u32> = (values.chunks(features).zip(&assignments))
                    .filter(|&(_, &a)| usize::from(a) == i / features)
                    .map(|(point, _)| point[i % features].into())
                    .collect();
                let expected = members.iter().sum::<u32>().checked_div(members.len() as u32);
                prop_assert_eq!(u32::from(*mean), expected.unwrap_or(centroids[i].into()));
            }
        }
    }
}
