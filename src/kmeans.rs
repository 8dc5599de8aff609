//! K-means clustering of uint8 vectors by Lloyd's algorithm, in integers.
//!
//! Everything is exact: squared Euclidean distances, the first of several nearest clusters, means rounded down.

use crate::Error;
use core::{cell::Cell, num::NonZeroU32};

/// The longest vector; up to it, a squared distance fits 32 bits.
pub const MAX_FEATURES: usize = 65535;
/// The most clusters: their indices, and 255 for a sample that was not assigned yet, are bytes.
pub const MAX_CLUSTERS: usize = 255;

/// Index of the vector nearest to a point, the first on a tie, and the square of their distance.
#[inline(never)]
fn nearest(mut vectors: &[Cell<u8>], point: &[Cell<u8>]) -> [u32; 2] {
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
    [nearest, least]
}

/// Index of the vector nearest to a point, the first on a tie, and the square of their distance.
///
/// There is at least one vector, each of the length of the point.
pub fn euclidean_argmin(vectors: &[Cell<u8>], point: &[Cell<u8>]) -> Result<[u32; 2], Error> {
    check(vectors, point.len(), usize::MAX)?;
    Ok(nearest(vectors, point))
}

/// That these are vectors of so many features, and not too many.
#[inline(never)]
fn check(vectors: &[Cell<u8>], features: usize, max: usize) -> Result<(), Error> {
    let n = vectors.len().checked_div(features).unwrap_or(0);
    if features > MAX_FEATURES || n.wrapping_sub(1) >= max || n * features != vectors.len() {
        return Err(Error::VECTORS);
    }
    Ok(())
}

/// Half an iteration: assigns each sample to the nearest centroid, or moves each centroid to the mean of its samples.
///
/// Returns the number of samples whose assignment changed. An empty cluster keeps its centroid.
pub fn step(
    mut values: &[Cell<u8>],
    mut centroids: &[Cell<u8>],
    assignments: &[Cell<u8>],
    features: usize,
    moves: bool,
) -> Result<u32, Error> {
    check(centroids, features, MAX_CLUSTERS)?;
    if assignments.len().wrapping_mul(features) != values.len() {
        return Err(Error::VECTORS);
    }
    let mut changes = 0;
    if !moves {
        for assignment in assignments {
            let Some((point, rest)) = values.split_at_checked(features) else {
                break;
            };
            let index = nearest(centroids, point)[0] as u8;
            changes += u32::from(assignment.replace(index) != index);
            values = rest;
        }
        return Ok(changes);
    }
    let mut index = 0;
    while let Some((centroid, rest)) = centroids.split_at_checked(features) {
        for (j, mean) in centroid.iter().enumerate() {
            let (mut n, mut sum) = (0u32, 0u32);
            let mut points = values.get(j..).unwrap_or(&[]).iter();
            for assignment in assignments {
                if assignment.get() == index {
                    n += 1;
                    sum += u32::from(points.as_slice().first().map_or(0, Cell::get));
                }
                points.nth(features - 1);
            }
            if let Some(n) = NonZeroU32::new(n) {
                mean.set((sum / n) as u8);
            }
        }
        index += 1;
        centroids = rest;
    }
    Ok(changes)
}
