//! What differs between int8 and float32 networks.

use super::Layer;
use crate::{
    ffi::cnn::inner,
    math::{ROUND, is_less},
};
use core::cell::Cell;

/// How the integers of a tensor stand for real numbers: `scale * (q - zero_point)`. Those of a float32 tensor mean nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quantum {
    /// Difference between neighbouring numbers, normal and positive.
    pub scale: f32,
    /// What stands for zero, -128 to 127.
    pub zero_point: i32,
}

/// The activations of the format.
pub mod activation {
    /// Clamps to 0 and above.
    pub const RELU: u32 = 1;
    /// Clamps to -1 and 1.
    pub const RELU1: u32 = 2;
    /// Clamps to 0 and 6.
    pub const RELU6: u32 = 3;
    /// Hyperbolic tangent.
    pub const TANH: u32 = 4;
    /// 1 for a negative number, else 0.
    pub const SIGN_BIT: u32 = 5;

    /// What an activation clamps to.
    pub fn bounds(activation: u32) -> [f32; 2] {
        match activation {
            RELU => [0.0, f32::INFINITY],
            RELU1 => [-1.0, 1.0],
            RELU6 => [0.0, 6.0],
            _ => [f32::NEG_INFINITY, f32::INFINITY],
        }
    }

    /// Whether it does more than clamp.
    pub fn is_function(activation: u32) -> bool {
        activation >= TANH
    }

    /// The value of one that does.
    pub fn apply(activation: u32, x: f32) -> f32 {
        if activation == TANH {
            crate::math::tanh(x)
        } else {
            if x.is_sign_negative() { 1.0 } else { 0.0 }
        }
    }
}

/// The numbers of a tensor.
pub trait Number: Copy + Default {
    /// Number type in the model's header.
    const TYPE: u8;
    /// Whether models have scales and zero points.
    const QUANTISED: bool;
    /// What products are summed in.
    type Sum: Copy + Default;
    /// How outputs are made of sums.
    type Finish;
    /// What a sum is multiplied by.
    type Ratio: Copy + Default;

    /// What stands for zero.
    fn zero(quantum: Quantum) -> Self;

    /// From an input byte: int8 gets `byte - 128`, float32 `byte / 255`.
    fn from_byte(byte: u8) -> Self;

    /// Rounds to the nearest number and saturates. What is no number gives zero.
    fn from_real(real: f32, quantum: Quantum) -> Self;

    /// The real number that this stands for.
    fn to_real(self, quantum: Quantum) -> f32;

    /// Adds a value to a sum.
    fn accumulate(sum: Self::Sum, value: Self) -> Self::Sum;

    /// Adds a bias as it is in a model.
    fn add_bias(sum: Self::Sum, bias: [u8; 4]) -> Self::Sum;

    /// Scalar products of values with one or two kernels, one after the other, as they are in a model.
    fn dot(values: &[Cell<Self>], kernels: &[u8]) -> (Self::Sum, Self::Sum);

    /// Prepares the way from sums of a layer to outputs.
    fn finish(layer: &Layer) -> Self::Finish;

    /// What sums are multiplied by if the scale of their weights is this, as it is in a model.
    fn ratio(finish: &Self::Finish, scale: [u8; 4]) -> Self::Ratio;

    /// From a sum to an output.
    fn output(finish: &Self::Finish, sum: Self::Sum, ratio: Self::Ratio) -> Self;

    /// From the sum of `n` values to their mean.
    fn mean(finish: &Self::Finish, sum: Self::Sum, n: u32) -> Self;

    /// The sum of a value and another, which has its own ratio and zero point.
    fn add(finish: &Self::Finish, a: Self, b: Self, ratio: Self::Ratio, zero_point: i32) -> Self;
}

/// More steps than an int8 has.
const LARGE: f32 = 512.0;

/// From int32 sums to int8.
pub struct Requantise {
    activation: u32,
    output: Quantum,
    input_zero: i32,
    /// The input's scale in terms of the output's.
    scale: f32,
    ratio: Ratio,
    low: i32,
    high: i32,
}

/// A positive number as 31 bits to multiply by, then to shift right by 32 and so many more. In integers, since floating point
/// costs much where it is emulated.
#[derive(Clone, Copy, Default)]
pub struct Ratio {
    mantissa: i32,
    shift: i32,
}

impl Ratio {
    /// The sign is ignored.
    #[inline(never)]
    fn new(ratio: f32) -> Ratio {
        let bits = ratio.to_bits();
        Ratio {
            mantissa: (bits << 7 & 0x7fff_ffff | 1 << 30) as i32,
            shift: (124 - (bits >> 23 & 0xff) as i32).min(31),
        }
    }

    /// A multiple, rounded to nearest, halves up.
    #[inline(always)]
    fn multiply(self, mut sum: i32) -> i32 {
        let mut shift = self.shift;
        // For a ratio of 1/4 or more a sum is small, or the result saturates.
        if shift < 0 {
            sum = sum.clamp(-1 << 18, 1 << 18) << 12;
            shift = (shift + 12).max(0);
        }
        let halves = ((i64::from(sum) * i64::from(self.mantissa)) >> 32) as i32 >> shift;
        (halves + 1) >> 1
    }
}

/// Shared by all but the hot loop.
#[inline(never)]
fn multiply(ratio: Ratio, sum: i32) -> i32 {
    ratio.multiply(sum)
}

impl Requantise {
    /// The output of an activation that does more than clamp.
    #[inline(never)]
    fn function(&self, sum: i32, ratio: Ratio) -> i8 {
        // 2^-33 and 2^-shift.
        let ratio = ratio.mantissa as f32 * f32::from_bits(((94 - ratio.shift.clamp(-94, 31)) << 23) as u32);
        let real = sum as f32 * ratio * self.output.scale;
        i8::from_real(activation::apply(self.activation, real), self.output)
    }

    fn saturate(&self, steps: i32) -> i8 {
        (steps + self.output.zero_point).max(self.low).min(self.high) as i8
    }
}

impl Number for i8 {
    const TYPE: u8 = 0;
    const QUANTISED: bool = true;
    type Sum = i32;
    type Finish = Requantise;
    type Ratio = Ratio;

    fn zero(quantum: Quantum) -> i8 {
        quantum.zero_point as i8
    }

    fn from_byte(byte: u8) -> i8 {
        (byte ^ 0x80) as i8
    }

    #[inline(never)]
    fn from_real(real: f32, quantum: Quantum) -> i8 {
        let steps = real / quantum.scale;
        let bits = steps.to_bits();
        let magnitude = bits & 0x7fff_ffff;
        let rounded = if magnitude < LARGE.to_bits() {
            (steps + ROUND).to_bits() as i32 - ROUND.to_bits() as i32
        } else if magnitude <= f32::INFINITY.to_bits() {
            LARGE as i32 ^ bits as i32 >> 31
        } else {
            0
        };
        (rounded + quantum.zero_point).clamp(-128, 127) as i8
    }

    fn to_real(self, quantum: Quantum) -> f32 {
        quantum.scale * (i32::from(self) - quantum.zero_point) as f32
    }

    fn accumulate(sum: i32, value: i8) -> i32 {
        sum.wrapping_add(value.into())
    }

    fn add_bias(sum: i32, bias: [u8; 4]) -> i32 {
        sum.wrapping_add(i32::from_le_bytes(bias))
    }

    fn dot(values: &[Cell<i8>], kernels: &[u8]) -> (i32, i32) {
        inner::dot_int8(values, kernels)
    }

    #[inline(never)]
    fn finish(layer: &Layer) -> Requantise {
        let [low, high] = activation::bounds(layer.activation);
        let [input, output] = [layer.input().place.quantum, layer.output().place.quantum];
        let scale = input.scale / output.scale;
        Requantise {
            activation: layer.activation,
            output,
            input_zero: input.zero_point,
            scale,
            ratio: Ratio::new(scale),
            low: i8::from_real(low, output).into(),
            high: i8::from_real(high, output).into(),
        }
    }

    fn ratio(finish: &Requantise, scale: [u8; 4]) -> Ratio {
        Ratio::new(finish.scale * f32::from_le_bytes(scale))
    }

    #[inline(always)]
    fn output(finish: &Requantise, sum: i32, ratio: Ratio) -> i8 {
        if activation::is_function(finish.activation) {
            return finish.function(sum, ratio);
        }
        finish.saturate(multiply(ratio, sum))
    }

    #[inline(never)]
    fn mean(finish: &Requantise, sum: i32, n: u32) -> i8 {
        let sum = sum.wrapping_sub(finish.input_zero.wrapping_mul(n as i32));
        finish.saturate(multiply(Ratio::new(finish.scale / n as i32 as f32), sum))
    }

    #[inline(never)]
    fn add(finish: &Requantise, a: i8, b: i8, ratio: Ratio, zero_point: i32) -> i8 {
        // In steps of 1/256.
        let a = multiply(finish.ratio, (i32::from(a) - finish.input_zero) << 8);
        let b = multiply(ratio, (i32::from(b) - zero_point) << 8);
        finish.saturate((a + b + 128) >> 8)
    }
}

/// The activation of a float32 layer.
pub struct Activate {
    activation: u32,
    bounds: [f32; 2],
}

impl Number for f32 {
    const TYPE: u8 = 2;
    const QUANTISED: bool = false;
    type Sum = f32;
    type Finish = Activate;
    type Ratio = ();

    fn zero(_: Quantum) -> f32 {
        0.0
    }

    fn from_byte(byte: u8) -> f32 {
        f32::from(byte) / 255.0
    }

    fn from_real(real: f32, _: Quantum) -> f32 {
        real
    }

    fn to_real(self, _: Quantum) -> f32 {
        self
    }

    fn accumulate(sum: f32, value: f32) -> f32 {
        sum + value
    }

    fn add_bias(sum: f32, bias: [u8; 4]) -> f32 {
        sum + f32::from_le_bytes(bias)
    }

    fn dot(values: &[Cell<f32>], kernels: &[u8]) -> (f32, f32) {
        inner::dot_float32(values, kernels)
    }

    fn finish(layer: &Layer) -> Activate {
        Activate {
            activation: layer.activation,
            bounds: activation::bounds(layer.activation),
        }
    }

    fn ratio(_: &Activate, _: [u8; 4]) {}

    fn output(finish: &Activate, sum: f32, (): ()) -> f32 {
        let [low, high] = finish.bounds;
        if activation::is_function(finish.activation) {
            activation::apply(finish.activation, sum)
        } else if is_less(sum, low) {
            low
        } else if is_less(high, sum) {
            high
        } else {
            sum
        }
    }

    fn mean(_: &Activate, sum: f32, n: u32) -> f32 {
        sum / n as i32 as f32
    }

    fn add(_: &Activate, a: f32, b: f32, (): (), _: i32) -> f32 {
        a + b
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Rounded from the exact product, of which the mantissa keeps 24 bits and a fraction of a step is lost.
        #[test]
        fn multiples_are_rounded(sum in -(1i32 << 24)..1 << 24, ratio in 1e-9f32..2.0) {
            let exact = f64::from(sum) * f64::from(ratio);
            let result = f64::from(Ratio::new(ratio).multiply(sum));
            // Beyond, where it is larger than any output, a sum may be limited.
            if exact.abs() < 65_000.0 {
                prop_assert!((result - exact).abs() <= 0.5 + 1e-6, "{result} {exact}");
            } else {
                prop_assert!(result.abs() > 300.0 && result.signum() == exact.signum());
            }
        }

        #[test]
        fn any_ratio_is_defined(sum: i32, bits: u32) {
            Ratio::new(f32::from_bits(bits)).multiply(sum);
        }

        #[test]
        fn reals_are_rounded(real in -200f32..200.0, scale in 0.01f32..10.0, zero_point in -128..128i32) {
            let exact = (f64::from(real) / f64::from(scale) + f64::from(zero_point)).clamp(-128.0, 127.0);
            let result = i8::from_real(real, Quantum { scale, zero_point });
            prop_assert!((f64::from(result) - exact).abs() <= 0.501);
        }
    }

    #[test]
    fn halves_round_up() {
        for (sum, expected) in [(1, 1), (-1, 0), (3, 2), (-3, -1), (2, 1)] {
            assert_eq!(Ratio::new(0.5).multiply(sum), expected);
        }
        assert_eq!(Ratio::new(1.5).multiply(3), 5);
        assert_eq!(Ratio::new(1.0).multiply(-100), -100);
    }
}
