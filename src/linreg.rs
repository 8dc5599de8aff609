//! Linear regression with elastic-net penalty, trained by gradient descent, in float32.
//!
//! The model is `y = x w + b`. One step computes the gradients of half the mean squared error, averaged over rows, adds the
//! L2 part `alpha (1 - l1_ratio) w`, goes against them by the learning rate, then shrinks the weights toward zero by
//! `alpha l1_ratio learning_rate` (soft thresholding). The bias is not penalised. What it minimises is what scikit-learn's
//! `ElasticNet` does.
//!
//! Rows are taken four at a time, whose sum is added to the total: with n rows, a gradient is off by at most
//! `2 n_features + n / 4 + 8` roundings relative to the sum of its terms' magnitudes, and in practice by a root of that.
//! NaN or infinity in the data spreads to the weights, until they are set anew.

use crate::{Error, math::soft_threshold};

/// Parameters and state of a [`Model`]; the weights are beside it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LinregHeader {
    /// Length of a row.
    pub n_features: u32,
    /// What is added to every prediction.
    pub bias: f32,
    learning_rate: f32,
    /// Factor of the weights in the gradients.
    l2: f32,
    /// What a step takes from the weights' magnitudes.
    l1: f32,
}

impl LinregHeader {
    /// The header of an untrained model.
    pub fn new(n_features: u32, [alpha, l1_ratio, learning_rate]: [f32; 3]) -> LinregHeader {
        LinregHeader {
            n_features,
            bias: 0.0,
            learning_rate,
            l2: alpha * (1.0 - l1_ratio),
            l1: alpha * l1_ratio * learning_rate,
        }
    }
}

/// A model in memory of the caller's.
pub struct Model<'a> {
    /// Parameters and bias.
    pub header: &'a mut LinregHeader,
    /// `n_features` weights.
    pub weights: &'a mut [f32],
    /// As many values for [`Model::step`] to work with.
    pub gradients: &'a mut [f32],
}

impl Model<'_> {
    /// Prediction for one row.
    pub fn predict(&self, x: &[f32]) -> f32 {
        self.weights.iter().zip(x).fold(self.header.bias, |sum, (w, x)| sum + w * x)
    }

    /// Over rows `x` of `n_features` values each, one or more, and their targets `y`: the mean squared error, or one step down
    /// the gradients.
    pub fn run(&mut self, x: &[f32], y: &[f32], is_step: bool) -> Result<f32, Error> {
        if y.is_empty() || y.len() as u64 * self.weights.len() as u64 != x.len() as u64 {
            return Err(Error::ROWS);
        }
        let n_gradients = if is_step { self.weights.len() } else { 0 };
        let gradients = self.gradients.get_mut(..n_gradients).unwrap_or(&mut []);
        gradients.fill(0.0);
        let mean = pass(self.header.bias, self.weights, gradients, x, y) / y.len() as f32;
        if is_step {
            let rate = self.header.learning_rate;
            self.header.bias -= rate * mean;
            let (rate, shrink) = (rate / y.len() as f32, rate * self.header.l2);
            for (weight, gradient) in self.weights.iter_mut().zip(gradients) {
                *weight = soft_threshold(*weight - rate * *gradient - shrink * *weight, self.header.l1);
            }
        }
        Ok(mean)
    }
}

/// Adds each row's gradients to `gradients`; returns the sum of the errors, or, with no gradients, of their squares.
#[inline(never)]
fn pass(bias: f32, weights: &[f32], gradients: &mut [f32], mut x: &[f32], mut y: &[f32]) -> f32 {
    let n = weights.len();
    let mut total = 0.0;
    // Four rows at a time; in the end one, three times more with no error.
    while let Some((a, rest)) = x.split_at_checked(n) {
        let (mut b, mut c, mut d) = (a, a, a);
        x = rest;
        if y.len() >= 4 {
            let Some((row, rest)) = x.split_at_checked(n) else { break };
            b = row;
            let Some((row, rest)) = rest.split_at_checked(n) else { break };
            c = row;
            let Some((row, rest)) = rest.split_at_checked(n) else { break };
            d = row;
            x = rest;
        }
        let (mut e, mut f, mut g, mut h) = (bias, bias, bias, bias);
        for ((((w, a), b), c), d) in weights.iter().zip(a).zip(b).zip(c).zip(d) {
            e += w * a;
            f += w * b;
            g += w * c;
            h += w * d;
        }
        if let [y0, y1, y2, y3, rest @ ..] = y {
            (e, f, g, h) = (e - y0, f - y1, g - y2, h - y3);
            y = rest;
        } else if let [y0, rest @ ..] = y {
            (e, f, g, h) = (e - y0, 0.0, 0.0, 0.0);
            y = rest;
        } else {
            break;
        }
        for ((((gradient, a), b), c), d) in gradients.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            *gradient += (e * a + f * b) + (g * c + h * d);
        }
        if gradients.is_empty() {
            (e, f, g, h) = (e * e, f * f, g * g, h * h);
        }
        total += (e + f) + (g + h);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};
    use std::vec::Vec;

    fn run(weights: &mut [f32], bias: &mut f32, parameters: [f32; 3], x: &[f32], y: &[f32], is_step: bool) -> Result<f32, Error> {
        let mut header = LinregHeader::new(weights.len() as u32, parameters);
        header.bias = *bias;
        let mut gradients = std::vec![f32::NAN; weights.len()];
        let mut model = Model {
            header: &mut header,
            weights,
            gradients: &mut gradients,
        };
        let result = model.run(x, y, is_step);
        *bias = header.bias;
        result
    }

    #[test]
    fn refuses() {
        for (x, y) in [(0, 0), (2, 0), (0, 1), (3, 1), (2, 2), (5, 2)] {
            let (x, y) = (std::vec![0.0; x], std::vec![0.0; y]);
            for is_step in [false, true] {
                assert_eq!(run(&mut [0.0; 2], &mut 0.0, [0.0; 3], &x, &y, is_step), Err(Error::ROWS));
            }
        }
    }

    #[test]
    fn shrinks() {
        // Without data to fit, only the penalty moves weights.
        let (mut weights, mut bias) = ([4.0, -4.0, 0.25, -0.25], 1.0);
        run(&mut weights, &mut bias, [1.0, 0.5, 0.5], &[0.0; 4], &[1.0], true).unwrap();
        assert_eq!((weights, bias), ([2.75, -2.75, 0.0, 0.0], 1.0));
    }

    #[test]
    fn nan_stays() {
        let (mut weights, mut bias) = ([f32::NAN, 1.0], 0.0);
        run(&mut weights, &mut bias, [0.0, 0.0, 0.1], &[1.0, 2.0], &[1.0], true).unwrap();
        assert!(weights[0].is_nan() && bias.is_nan());
    }

    proptest! {
        // Small integers, whose sums are exact in any order.
        #[test]
        fn exact(
            (rows, mut weights) in (1usize..6).prop_flat_map(|n| (vec((vec(-4i8..5, n), -4i8..5), 1..14), vec((-4i8..5).prop_map(f32::from), n))),
            bias in -4i8..5,
        ) {
            let mut bias = f32::from(bias);
            let x: Vec<f32> = rows.iter().flat_map(|(row, _)| row.iter().map(|&v| v.into())).collect();
            let y: Vec<f32> = rows.iter().map(|&(_, target)| target.into()).collect();
            let n = y.len() as f32;
            let errors: Vec<f32> = x.chunks(weights.len()).zip(&y).map(|(row, y)| row.iter().zip(&weights).map(|(x, w)| x * w).sum::<f32>() + bias - y).collect();
            let mse = run(&mut weights, &mut bias, [0.0; 3], &x, &y, false).unwrap();
            prop_assert_eq!(mse, errors.iter().map(|e| e * e).sum::<f32>() / n);
            let before = weights.clone();
            run(&mut weights, &mut bias, [0.0, 0.0, n], &x, &y, true).unwrap();
            for (j, (after, before)) in weights.iter().zip(&before).enumerate() {
                let gradient: f32 = x.chunks(weights.len()).zip(&errors).map(|(row, e)| row[j] * e).sum();
                prop_assert_eq!(*after, before - gradient);
            }
        }
    }
}
