//! Partial least squares regression of one target, trained by NIPALS, in float32.
//!
//! A component is a direction in feature space, its weights `w`, those of the largest covariance with the target. Its scores are
//! `t = X w`, its loadings `p = X't / t't`. What it explains is taken off: `X - t p'`, and `y - t q` with `q = y't / t't`. The
//! next component is found in the rest. For one target NIPALS' iteration is at its fixed point after one step, since `w` is `X'y` up to
//! its length. That makes no difference to the predictions; here the largest weight is 1. Predictions agree with
//! scikit-learn's `PLSRegression(scale=False)`.
//!
//! A component is linear in the original features too: its direction there is `(I - w_1 p_1') ... (I - w_k p_k') w`, for the
//! k components before it. Multiplied out, it does not rely on the orthogonality that rounding spoils, and it makes
//! the model a vector of coefficients, to which `q` times the direction is added.
//!
//! Means are taken off as a component whose scores are 1 is, and twice, since the first time leaves what sums were off.
//! A feature whose covariance with the rest of the target is no more than rounding of its own values can cause gets weight 0: what is
//! left of it is rounding. A component of such weights only changes nothing.

use crate::Error;

/// Sizes and progress of a [`Model`].
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct PlsrHeader {
    /// Number of rows to train with.
    pub n_samples: u32,
    /// Length of a row.
    pub n_features: u32,
    /// Number of components to find.
    pub n_components: u32,
    /// How many of them are found.
    pub n_found: u32,
    /// How far another step would move the weights: infinity before the first, then 0.
    pub metric: f32,
    y_mean: f32,
    /// Whether there are data to train with.
    is_started: bool,
    /// Whether the weights of the next component are known.
    pub is_converged: bool,
    /// Whether all components are found.
    pub is_complete: bool,
    /// Whether means are taken off.
    pub auto_center: bool,
}

impl PlsrHeader {
    /// The header of an untrained model.
    pub fn new(n_samples: u32, n_features: u32, n_components: u32) -> PlsrHeader {
        PlsrHeader {
            n_samples,
            n_features,
            n_components,
            n_found: 0,
            metric: f32::INFINITY,
            y_mean: 0.0,
            is_started: false,
            is_converged: false,
            is_complete: false,
            auto_center: true,
        }
    }
}

/// A model in memory of the caller's.
pub struct Model<'a> {
    /// Sizes and progress.
    pub header: &'a mut PlsrHeader,
    /// What is left of the rows, `n_samples` of `n_features` values.
    pub x: &'a mut [f32],
    /// What is left of their targets, `n_samples` values.
    pub y: &'a mut [f32],
    /// Scores of the component in work, `n_samples` values.
    pub scores: &'a mut [f32],
    /// `n_components` rows of `n_features` values.
    pub weights: &'a mut [f32],
    /// As many.
    pub loadings: &'a mut [f32],
    /// Means of the features.
    pub mean: &'a mut [f32],
    /// Sums of the squares of features less means.
    pub squares: &'a mut [f32],
    /// What predictions multiply the features with.
    pub coefficients: &'a mut [f32],
    /// `n_features` values to work with.
    pub direction: &'a mut [f32],
}

/// The square of how much of a feature is taken for rounding: four units in the last place.
const ROUNDING: f32 = (4.0 * f32::EPSILON) * (4.0 * f32::EPSILON);

impl Model<'_> {
    /// Starts over with `n_samples` rows of `n_features` values and their targets, which are copied.
    pub fn start(&mut self, x: &[f32], y: &[f32]) {
        copy(self.x, x);
        copy(self.y, y);
        self.coefficients.fill(0.0);
        self.mean.fill(0.0);
        let header = &mut *self.header;
        *header = PlsrHeader {
            auto_center: header.auto_center,
            is_started: true,
            ..PlsrHeader::new(header.n_samples, header.n_features, header.n_components)
        };
        if header.auto_center {
            self.scores.fill(1.0);
            for _ in 0..2 {
                header.y_mean += deflate(self.x, self.y, self.scores, self.direction);
                add(self.mean, 1.0, self.direction);
            }
        }
        self.squares.fill(0.0);
        let mut values = self.x.iter();
        for _ in y {
            for (sum, value) in self.squares.iter_mut().zip(&mut values) {
                *sum += value * value;
            }
        }
    }

    /// Finds the weights of the next component.
    pub fn step(&mut self) -> Result<(), Error> {
        let n = self.header.n_features as usize;
        let i = self.header.n_found as usize;
        if !self.header.is_started || self.header.is_complete {
            return Err(Error::ORDER);
        }
        let weights = row_mut(self.weights, i, n);
        weighted_sum(self.x, self.y, weights);
        let limit = ROUNDING * dot(self.y, self.y);
        let mut max = f32::MIN_POSITIVE;
        for (weight, square) in weights.iter_mut().zip(&*self.squares) {
            if *weight * *weight <= limit * square {
                *weight = 0.0;
            }
            if weight.abs() > max {
                max = weight.abs();
            }
        }
        for weight in &mut *weights {
            *weight /= max;
        }
        for (i, score) in self.scores.iter_mut().enumerate() {
            *score = dot(row_mut(self.x, i, n), weights);
        }
        self.header.is_converged = true;
        self.header.metric = 0.0;
        Ok(())
    }

    /// Makes the component part of the model and takes it off the data.
    pub fn finalize_component(&mut self) -> Result<(), Error> {
        if !self.header.is_converged {
            return Err(Error::ORDER);
        }
        let n = self.header.n_features as usize;
        let i = self.header.n_found as usize;
        let q = deflate(self.x, self.y, self.scores, row_mut(self.loadings, i, n));
        copy(self.direction, row_mut(self.weights, i, n));
        for i in (0..i).rev() {
            let along = dot(row_mut(self.loadings, i, n), self.direction);
            add(self.direction, -along, row_mut(self.weights, i, n));
        }
        add(self.coefficients, q, self.direction);
        self.header.n_found += 1;
        self.header.is_converged = false;
        self.header.is_complete = self.header.n_found == self.header.n_components;
        Ok(())
    }

    /// Prediction for one row, by the components found so far, of which there must be one.
    pub fn predict(&self, x: &[f32]) -> Result<f32, Error> {
        if self.header.n_found == 0 {
            return Err(Error::ORDER);
        }
        let centered = x.iter().zip(&*self.mean).map(|(x, mean)| x - mean);
        Ok(centered
            .zip(&*self.coefficients)
            .fold(self.header.y_mean, |sum, (x, c)| sum + x * c))
    }
}

/// Takes scores' part off the data; fills in their loadings and returns the target's.
fn deflate(x: &mut [f32], y: &mut [f32], scores: &[f32], loadings: &mut [f32]) -> f32 {
    let mut square = dot(scores, scores);
    if square < f32::MIN_POSITIVE {
        // Scores of 0 have loadings of 0.
        square = f32::MIN_POSITIVE;
    }
    weighted_sum(x, scores, loadings);
    for loading in &mut *loadings {
        *loading /= square;
    }
    let q = dot(y, scores) / square;
    add(y, -q, scores);
    for (i, score) in scores.iter().enumerate() {
        add(row_mut(x, i, loadings.len()), -score, loadings);
    }
    q
}

/// Fills in the sum of a matrix's rows, each times its factor.
fn weighted_sum(matrix: &mut [f32], factors: &[f32], sums: &mut [f32]) {
    sums.fill(0.0);
    for (i, factor) in factors.iter().enumerate() {
        add(sums, *factor, row_mut(matrix, i, sums.len()));
    }
}

#[inline(never)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + a * b)
}

#[inline(never)]
fn add(to: &mut [f32], factor: f32, values: &[f32]) {
    for (to, value) in to.iter_mut().zip(values) {
        *to += factor * value;
    }
}

fn copy(to: &mut [f32], values: &[f32]) {
    for (to, value) in to.iter_mut().zip(values) {
        *to = *value;
    }
}

/// Row `i` of a matrix with `n` columns.
#[inline(never)]
fn row_mut(matrix: &mut [f32], i: usize, n: usize) -> &mut [f32] {
    matrix.get_mut(i * n..).and_then(|rows| rows.get_mut(..n)).unwrap_or(&mut [])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};
    use std::vec::Vec;

    struct Owned {
        header: PlsrHeader,
        arrays: [Vec<f32>; 9],
    }

    impl Owned {
        fn new(n_samples: usize, n_features: usize, n_components: usize) -> Owned {
            let n_weights = n_components * n_features;
            let lens = [
                n_samples * n_features,
                n_samples,
                n_samples,
                n_weights,
                n_weights,
                n_features,
                n_features,
                n_features,
                n_features,
            ];
            Owned {
                header: PlsrHeader::new(n_samples as u32, n_features as u32, n_components as u32),
                arrays: lens.map(|len| std::vec![f32::NAN; len]),
            }
        }

        fn model(&mut self) -> Model<'_> {
            let [x, y, scores, weights, loadings, mean, squares, coefficients, direction] = &mut self.arrays;
            Model {
                header: &mut self.header,
                x,
                y,
                scores,
                weights,
                loadings,
                mean,
                squares,
                coefficients,
                direction,
            }
        }

        fn fit(&mut self, x: &[f32], y: &[f32]) {
            let mut model = self.model();
            model.start(x, y);
            while !model.header.is_complete {
                model.step().unwrap();
                model.finalize_component().unwrap();
            }
        }

        fn predict(&mut self, x: &[f32]) -> Vec<f32> {
            let n = self.header.n_features as usize;
            x.chunks(n).map(|row| self.model().predict(row).unwrap()).collect()
        }
    }

    #[test]
    fn calls_in_order_only() {
        let mut owned = Owned::new(3, 2, 1);
        let mut model = owned.model();
        for start in [false, true] {
            if start {
                model.start(&[1.0, 2.0, 3.0, 5.0, 4.0, 4.0], &[1.0, 2.0, 4.0]);
            } else {
                assert_eq!(model.step(), Err(Error::ORDER));
            }
            assert_eq!(model.finalize_component(), Err(Error::ORDER));
            assert_eq!(model.predict(&[0.0, 0.0]), Err(Error::ORDER));
        }
        model.step().unwrap();
        assert_eq!(model.predict(&[0.0, 0.0]), Err(Error::ORDER));
        model.finalize_component().unwrap();
        assert_eq!(model.finalize_component(), Err(Error::ORDER));
        assert_eq!(model.step(), Err(Error::ORDER));
        model.predict(&[0.0, 0.0]).unwrap();
    }

    #[test]
    fn one_feature_is_a_line() {
        let mut model = Owned::new(3, 1, 1);
        model.fit(&[1.0, 2.0, 3.0], &[1.0, 2.0, 6.0]);
        assert_eq!(model.predict(&[0.0, 2.0, 4.0]), [-2.0, 3.0, 8.0]);
    }

    /// The same in float64, straight from the definition: what all components together predict for each row.
    fn reference(x: &[f32], y: &[f32], n_components: usize) -> Vec<f64> {
        let n = x.len() / y.len();
        let mut rows: Vec<Vec<f64>> = x.chunks(n).map(|row| row.iter().copied().map(f64::from).collect()).collect();
        let mut y: Vec<f64> = y.iter().copied().map(f64::from).collect();
        let mean = y.iter().sum::<f64>() / y.len() as f64;
        let mut predicted = std::vec![mean; y.len()];
        for j in 0..n {
            let mean = rows.iter().map(|row| row[j]).sum::<f64>() / y.len() as f64;
            rows.iter_mut().for_each(|row| row[j] -= mean);
        }
        y.iter_mut().for_each(|y| *y -= mean);
        for _ in 0..n_components {
            let sum = |rows: &[Vec<f64>], by: &[f64]| -> Vec<f64> {
                (0..n).map(|j| rows.iter().zip(by).map(|(row, by)| row[j] * by).sum()).collect()
            };
            let weights = sum(&rows, &y);
            let scores: Vec<f64> = rows.iter().map(|row| row.iter().zip(&weights).map(|(x, w)| x * w).sum()).collect();
            let square: f64 = scores.iter().map(|t| t * t).sum();
            let loadings = sum(&rows, &scores);
            let q = y.iter().zip(&scores).map(|(y, t)| y * t).sum::<f64>() / square;
            for (i, t) in scores.iter().enumerate() {
                rows[i].iter_mut().zip(&loadings).for_each(|(x, p)| *x -= t * p / square);
                y[i] -= q * t;
                predicted[i] += q * t;
            }
        }
        predicted
    }

    proptest! {
        // Features that differ in scale, so that there is always a component to find.
        #[test]
        fn agrees_with_float64(
            (n, k, values, y) in (1usize..5).prop_flat_map(|n| (Just(n), 1..=n, vec(-1.0f32..1.0, n * 12), vec(-5.0f32..5.0, 12))),
            offset in -50.0f32..50.0,
        ) {
            let x: Vec<f32> = values.iter().enumerate().map(|(i, v)| v * (1.0 + (i % n) as f32) + offset).collect();
            let mut model = Owned::new(12, n, k);
            model.fit(&x, &y);
            for (value, expected) in model.predict(&x).into_iter().zip(reference(&x, &y, k)) {
                prop_assert!((f64::from(value) - expected).abs() < 1e-3, "{} {}", value, expected);
            }
        }

        // Columns that are multiples of each other have one component, whatever the others are found in.
        #[test]
        fn exhausted(a in vec(-100i8..100, 6), b in vec(-100i8..100, 4), y in vec(-100i8..100, 6)) {
            let x: Vec<f32> = a.iter().flat_map(|&a| b.iter().map(move |&b| f32::from(a) * f32::from(b))).collect();
            let y: Vec<f32> = y.iter().copied().map(f32::from).collect();
            let (mut one, mut four) = (Owned::new(6, 4, 1), Owned::new(6, 4, 4));
            one.fit(&x, &y);
            four.fit(&x, &y);
            for (one, four) in one.predict(&x).into_iter().zip(four.predict(&x)) {
                prop_assert!((one - four).abs() < 1e-3, "{} {}", one, four);
            }
        }
    }
}
