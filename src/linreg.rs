//! Linear regression with elastic-net penalty, trained by proximal gradient descent (Parikh & Boyd, Proximal Algorithms, 4.2).
//!
//! The loss is that of scikit-learn's `ElasticNet`: half the mean squared error, plus `alpha * l1_ratio * |w|` and
//! `alpha * (1 - l1_ratio) / 2 * w^2`; the bias is not penalised. Sums over rows are taken in float32, one after the other:
//! their relative error is at most `rows * 2^-24`, and in practice about the square root of that.

use crate::Error;

/// What a model is besides its weights.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct LinregHeader {
    /// Number of features.
    pub n_features: u32,
    /// Value of the prediction where all features are 0.
    pub bias: f32,
    /// Settings of the training.
    pub settings: LinregSettings,
}

/// Settings of the training.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct LinregSettings {
    /// Strength of the penalty, 0 or more.
    pub alpha: f32,
    /// How much of the penalty is on absolute values, from 0 to 1; the rest is on squares.
    pub l1_ratio: f32,
    /// Length of a step, more than 0.
    pub learning_rate: f32,
}

/// A model in memory of the caller's.
pub struct Model<'a> {
    /// All but the weights.
    pub header: &'a mut LinregHeader,
    /// One for each feature.
    pub weights: &'a mut [f32],
    /// Workspace, as long.
    pub gradients: &'a mut [f32],
}

impl Model<'_> {
    /// Begins with zero weights. Refuses settings out of their range.
    pub fn init(&mut self, settings: LinregSettings) -> Result<(), Error> {
        let LinregSettings {
            alpha,
            l1_ratio,
            learning_rate,
        } = settings;
        // NaN is in no range.
        if !(alpha >= 0.0 && (0.0..=1.0).contains(&l1_ratio) && learning_rate > 0.0 && alpha + learning_rate < f32::INFINITY) {
            return Err(Error::SETTINGS);
        }
        *self.header = LinregHeader {
            n_features: self.weights.len() as u32,
            bias: 0.0,
            settings,
        };
        self.weights.fill(0.0);
        Ok(())
    }

    /// The value for a row of features.
    #[inline(never)]
    pub fn predict(&self, row: &[f32]) -> f32 {
        self.weights.iter().zip(row).fold(self.header.bias, |sum, (w, x)| sum + w * x)
    }

    /// One step of gradient descent on all rows. `x` has a row of features for each value of `y`.
    pub fn step(&mut self, x: &[f32], y: &[f32]) {
        self.gradients.fill(0.0);
        let mut bias_gradient = 0.0;
        for (row, y) in x.chunks_exact(self.weights.len().max(1)).zip(y) {
            let error = self.predict(row) - y;
            bias_gradient += error;
            for (gradient, x) in self.gradients.iter_mut().zip(row) {
                *gradient += error * x;
            }
        }
        let LinregSettings {
            alpha,
            l1_ratio,
            learning_rate,
        } = self.header.settings;
        let rate = learning_rate / y.len() as f32;
        let threshold = alpha * l1_ratio * learning_rate;
        let decay = 1.0 - alpha * (1.0 - l1_ratio) * learning_rate;
        for (weight, gradient) in self.weights.iter_mut().zip(&*self.gradients) {
            let w = *weight * decay - gradient * rate;
            let size = w.abs() - threshold;
            // NaN stays NaN.
            *weight = if size <= 0.0 { 0.0 } else { size.copysign(w) };
        }
        self.header.bias -= bias_gradient * rate;
    }

    /// The mean squared error over rows. `x` has a row of features for each value of `y`.
    pub fn score_mse(&self, x: &[f32], y: &[f32]) -> f32 {
        let rows = x.chunks_exact(self.weights.len().max(1));
        let sum = rows.zip(y).fold(0.0, |sum, (row, y)| {
            let error = self.predict(row) - y;
            sum + error * error
        });
        sum / y.len() as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn train(settings: LinregSettings, x: &[f32], y: &[f32], steps: usize) -> ([f32; 2], f32) {
        let (mut header, mut weights, mut gradients) = (LinregHeader::default(), [1.0; 2], [0.0; 2]);
        let mut model = Model {
            header: &mut header,
            weights: &mut weights,
            gradients: &mut gradients,
        };
        model.init(settings).unwrap();
        for _ in 0..steps {
            model.step(x, y);
        }
        let bias = model.header.bias;
        (weights, bias)
    }

    const X: [f32; 8] = [0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0];
    const Y: [f32; 4] = [1.0, 3.0, 0.5, 2.5];

    #[test]
    fn finds_an_exact_line() {
        let (weights, bias) = train(
            LinregSettings {
                alpha: 0.0,
                l1_ratio: 0.0,
                learning_rate: 0.5,
            },
            &X,
            &Y,
            1000,
        );
        assert!((weights[0] - 2.0).abs() < 1e-5 && (weights[1] + 0.5).abs() < 1e-5 && (bias - 1.0).abs() < 1e-5);
    }

    #[test]
    fn absolute_penalty_makes_weights_zero() {
        let (weights, _) = train(
            LinregSettings {
                alpha: 0.3,
                l1_ratio: 1.0,
                learning_rate: 0.1,
            },
            &X,
            &Y,
            1000,
        );
        assert!(weights[0] > 0.5);
        assert_eq!(weights[1], 0.0);
    }

    #[test]
    fn refuses_settings() {
        let good = LinregSettings {
            alpha: 0.1,
            l1_ratio: 0.5,
            learning_rate: 0.1,
        };
        for settings in [
            LinregSettings { alpha: -0.1, ..good },
            LinregSettings {
                alpha: f32::INFINITY,
                ..good
            },
            LinregSettings { l1_ratio: 1.1, ..good },
            LinregSettings {
                l1_ratio: f32::NAN,
                ..good
            },
            LinregSettings {
                learning_rate: 0.0,
                ..good
            },
            LinregSettings {
                learning_rate: f32::NAN,
                ..good
            },
        ] {
            let (mut header, mut weights, mut gradients) = (LinregHeader::default(), [1.0; 2], [0.0; 2]);
            let mut model = Model {
                header: &mut header,
                weights: &mut weights,
                gradients: &mut gradients,
            };
            assert_eq!(model.init(settings), Err(Error::SETTINGS));
        }
    }
}
