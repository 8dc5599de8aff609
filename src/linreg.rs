//! Linear regression with elastic-net penalty, trained by gradient descent, in float32.
//!
//! The model is `y = x w + b`. One step computes the gradients of half the mean squared error, averaged over rows, adds the
//! L2 part `alpha (1 - l1_ratio) w`, goes against them by the learning rate, then shrinks the weights toward zero by
//! `alpha l1_ratio learning_rate` (soft thresholding). The bias is not penalised. What it minimises is what scikit-learn's
//! `ElasticNet` does.
//!
//! Rows are taken four at a time, whose sum is added to the total: with n rows, a gradient is off by at most
//! `n_features + n / 4 + 8` roundings relative to the sum of its terms' magnitudes, and in practice by a root of that.
//! NaN or infinity in the data spreads to the weights, until they are set anew.

use crate::Error;

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
        if y.is_empty() || y.len().checked_mul(self.weights.len()) != Some(x.len()) {
            return Err(Error::ROWS);
        }
        let gradients = if is_step { &mut *self.gradients } else { &mut [] };
        gradients.fill(0.0);
        let mean = pass(self.header.bias, self.weights, gradients, x, y) / y.len() as f32;
        if is_step {
            let rate = self.header.learning_rate;
            self.header.bias -= rate * mean;
            let (rate, shrink) = (rate / y.len() as f32, rate * self.header.l2);
            for (weight, gradient) in self.weights.iter_mut().zip(gradients) {
                let w = *weight - rate * *gradient - shrink * *weight;
                *weight = if w > self.header.l1 {
                    w - self.header.l1
                } else if w < -self.header.l1 {
                    w + self.header.l1
                } else {
                    w * 0.0
                };
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
    // Four rows at a time; those that are missing at the end repeat the first, with no error.
    while let (Some(&y0), Some(a)) = (y.first(), x.get(..n)) {
        let row = |i| x.get(i * n..).and_then(|x| x.get(..n)).unwrap_or(a);
        let (b, c, d) = (row(1), row(2), row(3));
        let (mut e, mut f, mut g, mut h) = (bias, bias, bias, bias);
        for ((((w, a), b), c), d) in weights.iter().zip(a).zip(b).zip(c).zip(d) {
            e += w * a;
            f += w * b;
            g += w * c;
            h += w * d;
        }
        let error = |p, i| y.get(i).map_or(0.0, |y| p - y);
        (e, f, g, h) = (e - y0, error(f, 1), error(g, 2), error(h, 3));
        for ((((gradient, a), b), c), d) in gradients.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            *gradient += (e * a + f * b) + (g * c + h * d);
        }
        if gradients.is_empty() {
            (e, f, g, h) = (e * e, f * f, g * g, h * h);
        }
        total += (e + f) + (g + h);
        x = x.get(4 * n..).unwrap_or(&[]);
        y = y.get(4..).unwrap_or(&[]);
    }
    total
}
