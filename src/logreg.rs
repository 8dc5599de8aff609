//! Logistic regression of several classes with L1 and L2 penalties, trained by gradient descent, in float32.
//!
//! The logits of a row are `W x + b`, the classes' probabilities their softmax. One step computes the gradients of the mean cross
//! entropy, adds `lambda_l2 W`, goes against them by the learning rate, then shrinks the weights toward zero by
//! `lambda_l1` times the learning rate (soft thresholding). Biases are not penalised. What it minimises over n rows is, without
//! L1 penalty, what scikit-learn's `LogisticRegression(C=1 / (n lambda_l2))` does for more than two classes; two have twice the
//! parameters there are in scikit-learn, which halves the penalty.
//!
//! The softmax is that of logits less their largest, so that it can't overflow; a row's cross entropy is computed from
//! logits, so that a probability too small for float32 has a logarithm all the same. A logit is off by at most `n_features + 1`
//! roundings relative to its terms' magnitudes, a sum over n rows by n more, and in practice by a root of that.
//! NaN or infinity in the data spreads to the weights, until they are set anew.

use crate::{
    Error,
    math::{exp, ln, soft_threshold},
};

/// Parameters of a [`Model`]; biases and weights are beside it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LogregHeader {
    /// Length of a row.
    pub n_features: u32,
    /// Number of classes.
    pub n_classes: u32,
    learning_rate: f32,
    lambda_l2: f32,
    lambda_l1: f32,
}

impl LogregHeader {
    /// The header of an untrained model.
    pub fn new(n_features: u32, n_classes: u32, [learning_rate, lambda_l2, lambda_l1]: [f32; 3]) -> LogregHeader {
        LogregHeader {
            n_features,
            n_classes,
            learning_rate,
            lambda_l2,
            lambda_l1,
        }
    }
}

/// A model in memory of the caller's.
pub struct Model<'a> {
    /// Parameters.
    pub header: &'a LogregHeader,
    /// `n_classes` values.
    pub biases: &'a mut [f32],
    /// `n_classes` rows of `n_features` values.
    pub weights: &'a mut [f32],
    /// As many values for [`Model::run`] to work with.
    pub gradients: &'a mut [f32],
}

/// What a softmax tells beside logits and probabilities.
pub struct Prediction {
    /// The most probable class, of equals the first.
    pub class: usize,
    /// The largest logit.
    max: f32,
    /// The sum of `exp(logit - max)`.
    sum: f32,
}

impl Model<'_> {
    /// Fills in the `n_classes` logits and probabilities of one row.
    #[inline(never)]
    pub fn predict(&self, x: &[f32], logits: &mut [f32], probabilities: &mut [f32]) -> Prediction {
        let mut class = 0;
        let mut max = f32::NEG_INFINITY;
        let mut weights = self.weights.iter();
        for (i, (logit, bias)) in logits.iter_mut().zip(&*self.biases).enumerate() {
            // In this order, the last value of `x` takes no weight of the next class.
            *logit = x.iter().zip(&mut weights).fold(*bias, |sum, (x, w)| sum + w * x);
            if *logit > max {
                (class, max) = (i, *logit);
            }
        }
        let mut sum = 0.0;
        for (p, logit) in probabilities.iter_mut().zip(logits) {
            *p = exp(*logit - max);
            sum += *p;
        }
        for p in probabilities {
            *p /= sum;
        }
        Prediction { class, max, sum }
    }

    /// Over rows `x` of `n_features` values each, one or more, and rows `y` of their classes' probabilities, which are 1 for the
    /// true one: one step down the gradients; or, if `bias_gradients` is empty, the mean cross entropy plus the penalties
    /// `lambda_l2 / 2` times the sum of the weights' squares and `lambda_l1` times that of their magnitudes.
    /// The other arrays, of `n_classes` values, are to work with.
    pub fn run(
        &mut self,
        x: &[f32],
        y: &[f32],
        logits: &mut [f32],
        probabilities: &mut [f32],
        bias_gradients: &mut [f32],
    ) -> Result<f32, Error> {
        let n_features = self.header.n_features as usize;
        let n = y.len().checked_div(self.biases.len()).unwrap_or(0);
        if n == 0 || n * self.biases.len() != y.len() || n.checked_mul(n_features) != Some(x.len()) {
            return Err(Error::CLASSES);
        }
        let is_step = !bias_gradients.is_empty();
        bias_gradients.fill(0.0);
        if is_step {
            self.gradients.fill(0.0);
        }
        let mut loss = 0.0;
        let (mut x, mut y) = (x, y.iter());
        for _ in 0..n {
            let Some((row, rest)) = x.split_at_checked(n_features) else { break };
            x = rest;
            let Prediction { max, sum, .. } = self.predict(row, logits, probabilities);
            if is_step {
                let mut gradients = self.gradients.iter_mut();
                for ((p, total), y) in probabilities.iter().zip(&mut *bias_gradients).zip(&mut y) {
                    let error = p - y;
                    *total += error;
                    for (x, gradient) in row.iter().zip(&mut gradients) {
                        *gradient += error * x;
                    }
                }
            } else {
                // If the sum is NaN, so is what is added to its logarithm.
                let log_sum = ln(sum);
                for (logit, y) in logits.iter().zip(&mut y) {
                    loss += y * (max - logit + log_sum);
                }
            }
        }
        let n = n as f32;
        let rate = self.header.learning_rate;
        for (bias, gradient) in self.biases.iter_mut().zip(bias_gradients) {
            *bias -= rate / n * *gradient;
        }
        loss /= n;
        let LogregHeader { lambda_l2, lambda_l1, .. } = *self.header;
        for (weight, gradient) in self.weights.iter_mut().zip(&*self.gradients) {
            if is_step {
                let moved = *weight - rate / n * gradient - rate * lambda_l2 * *weight;
                *weight = soft_threshold(moved, rate * lambda_l1);
            } else {
                loss += 0.5 * lambda_l2 * *weight * *weight + lambda_l1 * weight.abs();
            }
        }
        Ok(loss)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};
    use std::vec::Vec;

    struct Owned {
        header: LogregHeader,
        biases: Vec<f32>,
        weights: Vec<f32>,
        gradients: Vec<f32>,
    }

    impl Owned {
        fn new(n_features: usize, biases: &[f32], weights: &[f32], parameters: [f32; 3]) -> Owned {
            Owned {
                header: LogregHeader::new(n_features as u32, biases.len() as u32, parameters),
                biases: biases.to_vec(),
                weights: weights.to_vec(),
                gradients: std::vec![f32::NAN; weights.len()],
            }
        }

        fn run(&mut self, x: &[f32], y: &[f32], is_step: bool) -> Result<f32, Error> {
            let n = self.biases.len();
            let mut work = std::vec![f32::NAN; 3 * n];
            let (logits, rest) = work.split_at_mut(n);
            let (probabilities, bias_gradients) = rest.split_at_mut(n);
            let bias_gradients = if is_step { bias_gradients } else { &mut [] };
            self.model().run(x, y, logits, probabilities, bias_gradients)
        }

        fn model(&mut self) -> Model<'_> {
            Model {
                header: &self.header,
                biases: &mut self.biases,
                weights: &mut self.weights,
                gradients: &mut self.gradients,
            }
        }
    }

    #[test]
    fn refuses() {
        for (x, y) in [(0, 0), (2, 0), (0, 3), (1, 3), (2, 2), (2, 4), (4, 3), (2, 6), (3, 5)] {
            let (x, y) = (std::vec![0.0; x], std::vec![0.0; y]);
            let mut model = Owned::new(2, &[0.0; 3], &[0.0; 6], [0.1; 3]);
            for is_step in [false, true] {
                assert_eq!(model.run(&x, &y, is_step), Err(Error::CLASSES));
            }
        }
        assert_eq!(Owned::new(2, &[], &[], [0.1; 3]).run(&[], &[], true), Err(Error::CLASSES));
    }

    #[test]
    fn shrinks() {
        // Without data to fit, only the penalties move weights.
        let mut model = Owned::new(2, &[0.0, 0.0], &[4.0, -4.0, 0.25, -0.25], [0.5, 0.5, 0.5]);
        model.run(&[0.0; 2], &[0.5, 0.5], true).unwrap();
        assert_eq!((&*model.weights, &*model.biases), (&[2.75, -2.75, 0.0, 0.0][..], &[0.0, 0.0][..]));
    }

    #[test]
    fn nan_stays() {
        let mut model = Owned::new(2, &[0.0, 0.0], &[f32::NAN, 1.0, 0.0, 0.0], [0.1, 0.0, 0.1]);
        model.run(&[1.0, 2.0], &[1.0, 0.0], true).unwrap();
        assert!(model.weights.iter().chain(&model.biases).all(|v| v.is_nan()));
    }

    /// The same in float64: logits, probabilities and the cross entropy of a row.
    fn softmax(weights: &[f32], biases: &[f32], x: &[f32], y: &[f32]) -> (Vec<f64>, Vec<f64>, f64) {
        let dot = |row: &[f32]| row.iter().zip(x).map(|(&w, &x)| f64::from(w) * f64::from(x)).sum::<f64>();
        let logits: Vec<f64> = weights
            .chunks(x.len())
            .zip(biases)
            .map(|(row, &b)| dot(row) + f64::from(b))
            .collect();
        let max = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = logits.iter().map(|z| (z - max).exp()).sum();
        let loss = logits.iter().zip(y).map(|(z, &y)| f64::from(y) * (max - z + sum.ln())).sum();
        let probabilities = logits.iter().map(|z| (z - max).exp() / sum).collect();
        (logits, probabilities, loss)
    }

    prop_compose! {
        fn problems()(n in 1usize..5, k in 2usize..5, rows in 1usize..9)(
            n in Just(n),
            weights in vec(-3.0f32..3.0, n * k),
            biases in vec(-3.0f32..3.0, k),
            x in vec(-4.0f32..4.0, n * rows),
            y in vec(0..k, rows),
        ) -> (usize, Vec<f32>, Vec<f32>, Vec<f32>, Vec<f32>) {
            let y = y.iter().flat_map(|&class| (0..biases.len()).map(move |i| f32::from(u8::from(i == class)))).collect();
            (n, weights, biases, x, y)
        }
    }

    proptest! {
        #[test]
        fn agrees_with_float64((n, weights, biases, x, y) in problems()) {
            let k = biases.len();
            let rows = (x.len() / n) as f64;
            let mut loss = 0.0;
            let mut after: Vec<f64> = biases.iter().chain(&weights).copied().map(f64::from).collect();
            let mut model = Owned::new(n, &biases, &weights, [0.5, 0.0, 0.0]);
            for (x, y) in x.chunks(n).zip(y.chunks(k)) {
                let (logits, probabilities, row_loss) = softmax(&weights, &biases, x, y);
                let (mut z, mut p) = (std::vec![0.0; k], std::vec![0.0; k]);
                let class = model.model().predict(x, &mut z, &mut p).class;
                prop_assert!(logits.iter().all(|&logit| logit <= logits[class] + 1e-5));
                for i in 0..k {
                    prop_assert!((f64::from(z[i]) - logits[i]).abs() < 1e-5);
                    prop_assert!((f64::from(p[i]) - probabilities[i]).abs() < 1e-5);
                    let error = probabilities[i] - f64::from(y[i]);
                    after[i] -= 0.5 * error / rows;
                    for j in 0..n {
                        after[k + n * i + j] -= 0.5 * error * f64::from(x[j]) / rows;
                    }
                }
                loss += row_loss / rows;
            }
            prop_assert!((f64::from(model.run(&x, &y, false).unwrap()) - loss).abs() < 1e-5 * (1.0 + loss));
            model.run(&x, &y, true).unwrap();
            for (value, expected) in model.biases.iter().chain(&model.weights).zip(after) {
                prop_assert!((f64::from(*value) - expected).abs() < 2e-5);
            }
        }

        #[test]
        fn probabilities_sum_to_one(biases in vec(-1e30f32..1e30, 1..9)) {
            let k = biases.len();
            let (mut z, mut p) = (std::vec![0.0; k], std::vec![0.0; k]);
            let class = Owned::new(1, &biases, &std::vec![0.0; k], [0.0; 3]).model().predict(&[0.0], &mut z, &mut p).class;
            prop_assert_eq!(&z, &biases);
            prop_assert!((p.iter().sum::<f32>() - 1.0).abs() < 1e-6);
            prop_assert!(p.iter().all(|&value| value <= p[class]));
        }
    }
}
