//! K-means clustering of uint8 vectors by Lloyd's algorithm, in integers.
//!
//! Everything is exact: squared Euclidean distances, the first of several nearest clusters, means rounded down.
//! Arrays are cells, so that it is harmless if they share memory.

use crate::Error;
use core::{
    cell::Cell,
    num::{NonZeroU32, NonZeroUsize},
};

/// The longest vector; up to it, a squared distance fits 32 bits.
pub const MAX_FEATURES: usize = 65535;
/// The most clusters: their indices, and 255 for a sample that was not assigned yet, are bytes.
pub const MAX_CLUSTERS: usize = 255;

/// Index of the vector nearest to a point, the first on a tie, and the square of their distance.
///
/// Vectors are as long as the point, 1 to [`MAX_FEATURES`] values. There is at least one.
#[inline(never)]
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
    let Some(n_features) = NonZeroUsize::new(features) else {
        return Err(Error::VECTORS);
    };
    if features > MAX_FEATURES
        || (centroids.len() / n_features).wrapping_sub(1) >= max_clusters
        || centroids.len() % n_features != 0
        || assignments.len().wrapping_mul(features) != values.len()
    {
        return Err(Error::VECTORS);
    }
    let mut found = KmeansFound::default();
    if moves {
        for (i, mean) in centroids.iter().enumerate() {
            let (index, mut at) = (i / n_features, i % n_features);
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
