//! Functions that core lacks, for the arguments that occur.

/// What, added to a number of less than 2^22, rounds it to an integer, in the low bits of the sum.
pub const ROUND: f32 = 12_582_912.0;

/// Whether floating point is in software.
pub const EMULATED: bool = cfg!(not(any(
    target_arch = "x86_64",
    target_arch = "aarch64",
    target_abi = "eabihf",
    target_feature = "f"
)));

/// Whether a < b, in integers where floating point is emulated: that spares a module routines. Of Xtensa's processors, which get
/// the same code, most have an FPU.
#[inline(always)]
pub fn is_less(a: f32, b: f32) -> bool {
    if !EMULATED || cfg!(target_arch = "xtensa") {
        return a < b;
    }
    emulated_is_less(a, b)
}

#[inline(never)]
fn emulated_is_less(a: f32, b: f32) -> bool {
    a.total_cmp(&b).is_lt() && (b.to_bits() as i32) <= f32::INFINITY.to_bits() as i32
}

/// e^x for x <= 0, within 3e-7 of the result; 0 below -87.
pub fn exp(x: f32) -> f32 {
    if is_less(x, -87.0) {
        return 0.0;
    }
    const LN_2: f32 = core::f32::consts::LN_2;
    // e^x = 2^k * e^r with |r| <= ln(2) / 2; the high part of ln(2) times k is exact.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let rounded = x * (1.0 / LN_2) + ROUND;
    let k = rounded - ROUND;
    let r = x - k * LN_2_HIGH - k * LN_2_LOW;
    static SERIES: [f32; 7] = [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0];
    polynomial(r, &SERIES) * f32::from_bits(rounded.to_bits().wrapping_add(127) << 23)
}

/// Hyperbolic tangent, within 2e-7.
pub fn tanh(x: f32) -> f32 {
    let e = exp(-2.0 * x.abs());
    ((1.0 - e) / (1.0 + e)).copysign(x)
}

/// Natural logarithm of a normal positive number, within 3e-7 of the result.
pub fn ln(x: f32) -> f32 {
    // x = 2^k * m with sqrt(1/2) <= m < sqrt(2), and ln(m) = 2 atanh((m - 1) / (m + 1)).
    let bits = x.to_bits().wrapping_sub(core::f32::consts::FRAC_1_SQRT_2.to_bits());
    let k = bits as i32 >> 23;
    let m = f32::from_bits(x.to_bits().wrapping_sub((k << 23) as u32));
    let t = (m - 1.0) / (m + 1.0);
    static SERIES: [f32; 5] = [2.0 / 9.0, 2.0 / 7.0, 2.0 / 5.0, 2.0 / 3.0, 2.0];
    t * polynomial(t * t, &SERIES) + k as f32 * core::f32::consts::LN_2
}

/// Coefficients from that of the highest power on.
fn polynomial(x: f32, coefficients: &[f32]) -> f32 {
    coefficients.iter().fold(0.0, |sum, c| sum * x + c)
}

/// A value moved toward zero by an amount, at most as far as zero. NaN stays.
#[inline(always)]
pub fn soft_threshold(value: f32, amount: f32) -> f32 {
    if value > amount {
        value - amount
    } else if value < -amount {
        value + amount
    } else {
        value * 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ln_is_accurate() {
        for bits in (f32::MIN_POSITIVE.to_bits()..f32::INFINITY.to_bits()).step_by(1009) {
            let x = f32::from_bits(bits);
            let expected = f64::from(x).ln();
            assert!((f64::from(ln(x)) - expected).abs() <= 3e-7 * expected.abs(), "{x}");
        }
        for bits in 1.0f32.to_bits() - 100_000..1.0f32.to_bits() + 100_000 {
            let x = f32::from_bits(bits);
            let expected = f64::from(x).ln();
            assert!((f64::from(ln(x)) - expected).abs() <= 3e-7 * expected.abs(), "{x}");
        }
        assert_eq!(ln(1.0), 0.0);
    }

    #[test]
    fn soft_threshold_moves_toward_zero() {
        for (value, expected) in [(3.0, 2.0), (-3.0, -2.0), (1.0, 0.0), (-0.5, 0.0), (f32::INFINITY, f32::INFINITY)] {
            assert_eq!(soft_threshold(value, 1.0), expected);
        }
        assert!(soft_threshold(f32::NAN, 1.0).is_nan());
    }

    #[test]
    fn exp_is_accurate() {
        for i in 0..870_000 {
            let x = i as f32 * -1e-4;
            let expected = f64::from(x).exp();
            assert!((f64::from(exp(x)) / expected - 1.0).abs() < 3e-7, "{x}");
        }
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(-0.0), 1.0);
        assert_eq!(exp(-88.0), 0.0);
        assert_eq!(exp(f32::NEG_INFINITY), 0.0);
        assert!(exp(f32::NAN).is_nan());
    }

    #[test]
    fn tanh_is_accurate() {
        for i in -100_000..100_000 {
            let x = i as f32 * 1e-3;
            assert!((f64::from(tanh(x)) - f64::from(x).tanh()).abs() < 2e-7, "{x}");
        }
        assert_eq!(tanh(f32::INFINITY), 1.0);
        assert_eq!(tanh(f32::NEG_INFINITY), -1.0);
        assert!(tanh(f32::NAN).is_nan());
    }
}
