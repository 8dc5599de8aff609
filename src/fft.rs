//! Complex discrete Fourier transform of 2^k points, in place: `X[k] = sum(x[j] * exp(-2 pi i j k / n))`, unnormalised.
//!
//! Each radix-2 stage goes over the points in natural order, in blocks that have one twiddle factor each. The factors lie in
//! bit-reversed order, so that every stage reads the beginning of the same table in sequence and keeps its factor in
//! registers. Bit reversal of the points follows. Radix 4 would save a third of the instructions on x86-64, and double the code.
//!
//! The stages run in one of two arithmetics. With an FPU that is float32. Without, where an operation in float32 takes a
//! hundred instructions, points become integers with one common exponent for as long as the transform takes: several times
//! faster and no less accurate, see [`Fixed`].

use crate::{Error, ffi::unchecked};
use core::{cell::Cell, f64::consts::PI};

/// The largest number of points.
pub const MAX_POINTS: usize = 1 << 24;

/// What the memory of a transform begins with; the twiddle factors follow.
#[repr(C)]
pub struct FftHeader {
    /// Number of points.
    pub n: u32,
}

/// Bits of a float32 after the point, and of its sign.
#[allow(dead_code)] // as Fixed
const MANTISSA: u32 = (1 << 23) - 1;
#[allow(dead_code)]
const SIGN: u32 = 1 << 31;

/// The arithmetic that is faster on this processor.
#[cfg(any(target_abi = "eabi", all(target_arch = "riscv32", not(target_feature = "f"))))]
type Native = Fixed;
#[cfg(not(any(target_abi = "eabi", all(target_arch = "riscv32", not(target_feature = "f")))))]
type Native = Float;

/// Numbers, each in the memory of a float32.
trait Arithmetic: Copy {
    type Number: Copy;
    /// The one that changes nothing when it loads.
    const PLAIN: Self;
    /// Whether multiplying by one is worth a test.
    const SLOW: bool;
    const ZERO: Self::Number;
    const ONE: Self::Number;
    fn load(self, memory: f32) -> Self::Number;
    fn store(number: Self::Number) -> f32;
    fn add(a: Self::Number, b: Self::Number) -> Self::Number;
    fn sub(a: Self::Number, b: Self::Number) -> Self::Number;
    fn mul(a: Self::Number, b: Self::Number) -> Self::Number;
    /// `(x + i y) * (c - i s)`
    fn rotate(xy: [Self::Number; 2], cs: [Self::Number; 2]) -> [Self::Number; 2];
    fn divide(a: Self::Number, b: i32) -> Self::Number;
    /// `number * pi / 2^32`
    fn angle(number: i32) -> Self::Number;
    fn transform(points: Points, twiddles: &[[f32; 2]]);
}

#[derive(Clone, Copy)]
#[allow(dead_code)] // where the other is used
struct Float;

impl Arithmetic for Float {
    type Number = f32;
    const PLAIN: Float = Float;
    const SLOW: bool = false;
    const ZERO: f32 = 0.0;
    const ONE: f32 = 1.0;

    #[inline(always)]
    fn load(self, memory: f32) -> f32 {
        memory
    }

    #[inline(always)]
    fn store(number: f32) -> f32 {
        number
    }

    #[inline(always)]
    fn add(a: f32, b: f32) -> f32 {
        a + b
    }

    #[inline(always)]
    fn sub(a: f32, b: f32) -> f32 {
        a - b
    }

    #[inline(always)]
    fn mul(a: f32, b: f32) -> f32 {
        a * b
    }

    #[inline(always)]
    fn rotate([x, y]: [f32; 2], [c, s]: [f32; 2]) -> [f32; 2] {
        [x * c + y * s, y * c - x * s]
    }

    #[inline(always)]
    fn divide(a: f32, b: i32) -> f32 {
        if DIVIDES { a / b as f32 } else { a * reciprocal(b) }
    }

    #[inline(always)]
    fn angle(number: i32) -> f32 {
        number as f32 * (PI / (1_u64 << 32) as f64) as f32
    }

    #[inline(always)]
    fn transform(points: Points, twiddles: &[[f32; 2]]) {
        let mut half = points.re.len();
        while half > 1 {
            half /= 2;
            points.stage(Float, twiddles, half);
        }
        points.reorder();
    }
}

/// Whether the processor has an instruction that divides floats, or Rust a routine that modules have room for.
const DIVIDES: bool = cfg!(not(target_arch = "xtensa"));

/// `1 / k`, for k of up to 10.
#[inline(always)]
fn reciprocal(k: i32) -> f32 {
    static RECIPROCALS: [f32; 10] = [
        1.0,
        1.0 / 2.0,
        1.0 / 3.0,
        1.0 / 4.0,
        1.0 / 5.0,
        1.0 / 6.0,
        1.0 / 7.0,
        1.0 / 8.0,
        1.0 / 9.0,
        1.0 / 10.0,
    ];
    RECIPROCALS.get(k as usize - 1).copied().unwrap_or_default()
}

/// Integers of up to 31 bits, times a power of two that all points share; parts of twiddle factors times 2^30.
///
/// A stage at most doubles magnitudes, and none ever exceeds the sum S of those of all points. So the points are halved in
/// as many of the first stages as S has bits more than 30, and never overflow. Each stage cuts off a few units at most. The
/// root mean square of the result is at least S / sqrt(n), so the error relative to it is of the order of 2^-30 * sqrt(n):
/// below float32's for all n up to 2^12, and on a par at 2^16.
#[derive(Clone, Copy)]
#[allow(dead_code)] // where the other is used
struct Fixed {
    /// Halvings in this stage, 0 or 1.
    halvings: u32,
}

impl Arithmetic for Fixed {
    type Number = i32;
    const PLAIN: Fixed = Fixed { halvings: 0 };
    const SLOW: bool = true;
    const ZERO: i32 = 0;
    const ONE: i32 = 1 << 30;

    #[inline(always)]
    fn load(self, memory: f32) -> i32 {
        memory.to_bits() as i32 >> self.halvings
    }

    #[inline(always)]
    fn store(number: i32) -> f32 {
        f32::from_bits(number as u32)
    }

    #[inline(always)]
    fn add(a: i32, b: i32) -> i32 {
        a.wrapping_add(b)
    }

    #[inline(always)]
    fn sub(a: i32, b: i32) -> i32 {
        a.wrapping_sub(b)
    }

    #[inline(always)]
    fn mul(a: i32, b: i32) -> i32 {
        if SHORT_PRODUCTS {
            short_product(a, b)
        } else {
            (long_product(a, b) >> 30) as i32
        }
    }

    #[inline(always)]
    fn rotate([x, y]: [i32; 2], [c, s]: [i32; 2]) -> [i32; 2] {
        if SHORT_PRODUCTS {
            return [short_product(x, c) + short_product(y, s), short_product(y, c) - short_product(x, s)];
        }
        let re = long_product(x, c) + long_product(y, s);
        let im = long_product(y, c) - long_product(x, s);
        [(re >> 30) as i32, (im >> 30) as i32]
    }

    #[inline(always)]
    fn divide(a: i32, b: i32) -> i32 {
        a.checked_div(b).unwrap_or(0)
    }

    #[inline(always)]
    fn angle(number: i32) -> i32 {
        Self::mul(number, (PI * (1 << 28) as f64) as i32)
    }

    #[inline(always)]
    fn transform(points: Points, twiddles: &[[f32; 2]]) {
        let mut largest = 0;
        points.each(|x| largest = largest.max(x.get().to_bits() & !SIGN));
        if largest > f32::MAX.to_bits() {
            return points.each(|x| x.set(f32::NAN));
        }
        let exponent = (largest >> 23).max(1);
        let mut sum = 0_u64;
        points.each(|x| {
            let bits = x.get().to_bits();
            let (own_exponent, leading_one) = match (bits & !SIGN) >> 23 {
                0 => (1, 0),
                normal => (normal, MANTISSA + 1),
            };
            let magnitude = ((bits & MANTISSA | leading_one) << 6) >> (exponent - own_exponent).min(31);
            sum += u64::from(magnitude);
            x.set(Self::store(if bits & SIGN == 0 { magnitude as i32 } else { -(magnitude as i32) }));
        });
        let mut to_halve = u64::BITS - (sum >> 30).leading_zeros();
        // Of one unit: the last place of a mantissa is 2^-23, and 6 bits are below it.
        let mut exponent = exponent as i32 - (23 + 6);
        let mut half = points.re.len();
        while half > 1 {
            half /= 2;
            let halvings = to_halve.min(1);
            to_halve -= halvings;
            exponent += halvings as i32;
            points.stage(Fixed { halvings }, twiddles, half);
        }
        points.reorder();
        points.each(|x| x.set(scale(x.get().to_bits() as i32, exponent)));
    }
}

/// ARMv6-M multiplies 32 bits by 32 to 32 only. It has no atomic operations either, by which it can be told.
#[allow(dead_code)] // as Fixed
const SHORT_PRODUCTS: bool = cfg!(all(target_arch = "arm", not(target_has_atomic = "32")));

#[allow(dead_code)] // as Fixed
#[inline(always)]
fn long_product(a: i32, b: i32) -> i64 {
    i64::from(a) * i64::from(b)
}

/// `a * b / 2^30` for `b` of up to 2^30, less up to 5: without the product of the lower halves.
#[allow(dead_code)] // as Fixed
#[inline(always)]
fn short_product(a: i32, b: i32) -> i32 {
    let ([a1, a0], [b1, b0]) = ([a >> 16, a & 0xffff], [b >> 16, b & 0xffff]);
    ((a1 * b1) << 2) + ((a1 * b0) >> 14) + ((a0 * b1) >> 14)
}

/// `number * 2^(exponent - 127)`
#[allow(dead_code)] // as Fixed
#[inline(always)]
fn scale(number: i32, exponent: i32) -> f32 {
    let zeros = number.unsigned_abs().leading_zeros();
    let exponent = exponent + 30 - zeros as i32;
    // Without its leading one, which the exponent below it adds.
    let mantissa = (number.unsigned_abs() << (zeros & 31)) >> 8;
    let magnitude = if number == 0 {
        0
    } else if exponent > 253 {
        f32::INFINITY.to_bits()
    } else if exponent >= 0 {
        mantissa + ((exponent as u32) << 23)
    } else {
        mantissa >> (-exponent).min(31)
    };
    f32::from_bits(number as u32 & SIGN | magnitude)
}

/// The points, a power of two of them.
#[derive(Clone, Copy)]
struct Points<'a> {
    re: &'a [Cell<f32>],
    im: &'a [Cell<f32>],
}

impl<'a> Points<'a> {
    /// Point `i`, of more. Slices of blocks, which need no checks inside, cost a seventh of the instructions and a tenth of the
    /// code.
    #[inline(always)]
    fn at(self, i: usize) -> [&'a Cell<f32>; 2] {
        [unchecked::item(self.re, i), unchecked::item(self.im, i)]
    }

    #[inline(always)]
    fn each(self, mut f: impl FnMut(&Cell<f32>)) {
        for x in [self.re, self.im] {
            x.iter().for_each(&mut f);
        }
    }

    /// One stage, over blocks of two halves. The number of points is a multiple of `2 * half`.
    #[inline(always)]
    fn stage<A: Arithmetic>(self, arithmetic: A, twiddles: &[[f32; 2]], half: usize) {
        let mut i = 0;
        for &[c, s] in twiddles {
            let twiddle = [A::PLAIN.load(c), A::PLAIN.load(s)];
            let first = i == 0;
            let end = i + half;
            loop {
                // A block begins at i < n, a multiple of 2 * half as n is; in it i stays below end.
                let ([re0, im0], [re1, im1]) = (self.at(i), self.at(i + half));
                let mut xy1 = [arithmetic.load(re1.get()), arithmetic.load(im1.get())];
                if !(A::SLOW && first) {
                    xy1 = A::rotate(xy1, twiddle);
                }
                let [x1, y1] = xy1;
                let [x0, y0] = [arithmetic.load(re0.get()), arithmetic.load(im0.get())];
                re0.set(A::store(A::add(x0, x1)));
                im0.set(A::store(A::add(y0, y1)));
                re1.set(A::store(A::sub(x0, x1)));
                im1.set(A::store(A::sub(y0, y1)));
                i += 1;
                if i == end {
                    break;
                }
            }
            i += half;
            if i >= self.re.len() {
                return;
            }
        }
    }

    /// Puts the points into natural order.
    #[inline(always)]
    fn reorder(self) {
        let n = self.re.len() as u32;
        let mut reversed = 0;
        for i in 1..n {
            reversed = next_reversed(reversed, n >> 1);
            if i < reversed {
                // Both have no more bits than n - 1.
                let ([re0, im0], [re1, im1]) = (self.at(i as usize), self.at(reversed as usize));
                let (x, y) = (re0.get(), im0.get());
                re0.set(re1.get());
                im0.set(im1.get());
                re1.set(x);
                im1.set(y);
            }
        }
    }
}

/// The bit-reversed number that follows this one, which is not the last; `bit` is the highest.
#[inline(always)]
fn next_reversed(mut reversed: u32, mut bit: u32) -> u32 {
    loop {
        reversed ^= bit;
        if reversed & bit != 0 {
            return reversed;
        }
        bit >>= 1;
    }
}

/// Fills a table: cosine and sine of half a turn times the bit-reversed index, taken as a fraction.
#[inline(always)]
fn fill<A: Arithmetic>(twiddles: &mut [[f32; 2]]) {
    let mut reversed = 0_u32;
    for twiddle in twiddles {
        // Quarter turns, and an eighth of one or less in either direction, for which Horner's scheme of exp(i x) gets by with
        // these terms.
        let quarters = ((reversed >> 30) + 1) >> 1;
        let x = A::angle(reversed.wrapping_sub(quarters << 31) as i32);
        let (mut c, mut s) = (A::ONE, A::ZERO);
        let mut k = 10;
        loop {
            let y = A::divide(x, k);
            (c, s) = (A::sub(A::ONE, A::mul(y, s)), A::mul(y, c));
            k -= 1;
            if k == 0 {
                break;
            }
        }
        for _ in 0..quarters {
            (c, s) = (A::sub(A::ZERO, s), c);
        }
        *twiddle = [A::store(c), A::store(s)];
        // A table is too short for the last number of 32 bits.
        reversed = next_reversed(reversed, 1 << 31);
    }
}

/// The transform of a number of points.
pub struct Fft<'a> {
    twiddles: &'a [[f32; 2]],
}

impl<'a> Fft<'a> {
    /// Length of the table that a transform of `n` points needs; `n` is a power of two, from 2 to [`MAX_POINTS`].
    pub fn table_len(n: usize) -> Result<usize, Error> {
        // For a power of two: n > 1 && n <= MAX_POINTS.
        if n.is_power_of_two() && n.wrapping_sub(2) < MAX_POINTS {
            Ok(n / 2)
        } else {
            Err(Error::POINTS)
        }
    }

    /// Makes a table, of the length that [`Fft::table_len`] tells. Its numbers are within 1e-7 of the exact ones.
    pub fn new(twiddles: &'a mut [[f32; 2]]) -> Self {
        fill::<Native>(twiddles);
        Fft { twiddles }
    }

    /// The transform whose table [`Fft::new`] has made.
    pub fn from_table(twiddles: &'a [[f32; 2]]) -> Self {
        Fft { twiddles }
    }

    /// Transforms `re + i im` in place. Where a value is not finite, so are results, and which are is not defined.
    pub fn run(&self, re: &mut [f32], im: &mut [f32]) -> Result<(), Error> {
        // The number of points must be a power of two, since Points::at relies on that.
        let n = 2 * self.twiddles.len();
        if !n.is_power_of_two() || re.len() != n || im.len() != n {
            return Err(Error::LENGTH);
        }
        let (re, im) = (Cell::from_mut(re).as_slice_of_cells(), Cell::from_mut(im).as_slice_of_cells());
        Native::transform(Points { re, im }, self.twiddles);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{vec, vec::Vec};

    /// The definition, in float64.
    fn dft(re: &[f32], im: &[f32]) -> Vec<(f64, f64)> {
        let n = re.len();
        let turn = |k: usize| (-2.0 * core::f64::consts::PI * (k % n) as f64 / n as f64).sin_cos();
        let point = |k| {
            let terms = re.iter().zip(im).enumerate().map(|(j, (&x, &y))| {
                let ((s, c), x, y) = (turn(j * k), f64::from(x), f64::from(y));
                (x * c - y * s, x * s + y * c)
            });
            terms.fold((0.0, 0.0), |(re, im), (x, y)| (re + x, im + y))
        };
        (0..n).map(point).collect()
    }

    fn transform<A: Arithmetic>(re: &[f32], im: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let mut table = vec![[0.0; 2]; Fft::table_len(re.len()).unwrap()];
        fill::<A>(&mut table);
        let (mut re, mut im) = (re.to_vec(), im.to_vec());
        let points = Points {
            re: Cell::from_mut(&mut re[..]).as_slice_of_cells(),
            im: Cell::from_mut(&mut im[..]).as_slice_of_cells(),
        };
        A::transform(points, &table);
        (re, im)
    }

    /// The largest error relative to the largest magnitude, in units of log2(n) * 2^-24.
    fn error_of(expected: &[(f64, f64)], (re, im): &(Vec<f32>, Vec<f32>)) -> f64 {
        let largest = expected.iter().map(|(x, y)| x.hypot(*y)).fold(0.0, f64::max);
        let errors = expected.iter().zip(re.iter().zip(im));
        let error = errors
            .map(|(e, (&x, &y))| (f64::from(x) - e.0).hypot(f64::from(y) - e.1))
            .fold(0.0, f64::max);
        error / largest * f64::from(1 << 24) / f64::from(re.len().ilog2())
    }

    /// A stage rounds three times, and its twiddle factors are within 1e-7, or 1.7 units; most of that cancels.
    const LIMIT: f64 = 2.0;

    fn check(re: &[f32], im: &[f32]) {
        let expected = dft(re, im);
        for (name, result) in [("Float", transform::<Float>(re, im)), ("Fixed", transform::<Fixed>(re, im))] {
            let error = error_of(&expected, &result);
            assert!(error <= LIMIT, "{name}, {} points: {error}", re.len());
        }
    }

    fn noise(seed: u32, n: usize) -> Vec<f32> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1664525).wrapping_add(1013904223);
            state as i32 as f32 / i32::MAX as f32
        };
        (0..n).map(|_| next()).collect()
    }

    #[test]
    fn reciprocals() {
        for k in 1..=10 {
            assert_eq!(reciprocal(k), 1.0 / k as f32);
        }
    }

    #[test]
    fn all_lengths() {
        for log in 1..=12 {
            let n = 1 << log;
            check(&noise(1, n), &noise(2, n));
            check(&noise(3, n), &vec![0.0; n]);
        }
    }

    #[test]
    fn impulses() {
        for n in [2, 8, 64, 1024] {
            for at in [0, 1, n / 2, n - 1] {
                let mut re = vec![0.0; n];
                re[at] = 0.7;
                check(&re, &vec![0.0; n]);
                check(&vec![0.0; n], &re);
            }
        }
    }

    #[test]
    fn pure_tones_at_full_scale() {
        for n in [4, 256, 4096] {
            for bin in [0, 1, n / 4, n / 2, n - 1] {
                let angle = |i: usize| 2.0 * core::f64::consts::PI * (i * bin % n) as f64 / n as f64;
                let re: Vec<f32> = (0..n).map(|i| angle(i).cos() as f32).collect();
                let im: Vec<f32> = (0..n).map(|i| angle(i).sin() as f32).collect();
                check(&re, &im);
                check(&vec![1.0; n], &vec![-1.0; n]);
            }
        }
    }

    #[test]
    fn any_magnitude() {
        for exponent in [-126, -100, -30, 0, 30, 100, 118] {
            let scale = (exponent as f32).exp2();
            let [re, im] = [1, 2].map(|seed| noise(seed, 128).iter().map(|x| x * scale).collect::<Vec<f32>>());
            check(&re, &im);
        }
    }

    #[test]
    fn smallest_and_largest() {
        let tiny = f32::from_bits(1);
        assert_eq!(
            transform::<Fixed>(&[tiny, -tiny], &[0.0, tiny]),
            (vec![0.0, 2.0 * tiny], vec![tiny, -tiny])
        );
        let (re, _) = transform::<Fixed>(&[f32::MAX; 4], &[0.0; 4]);
        assert_eq!(re, [f32::INFINITY, 0.0, 0.0, 0.0]);
        assert_eq!(transform::<Fixed>(&[0.0; 4], &[-0.0; 4]), (vec![0.0; 4], vec![0.0; 4]));
    }

    #[test]
    fn exact_where_it_can_be() {
        for (re, im) in [
            transform::<Float>(&[1.0, 2.0, 3.0, 4.0], &[0.0; 4]),
            transform::<Fixed>(&[1.0, 2.0, 3.0, 4.0], &[0.0; 4]),
        ] {
            for (x, expected) in re.iter().chain(&im).zip([10.0, -2.0, -2.0, -2.0, 0.0, 2.0, 0.0, -2.0]) {
                assert!((x - expected).abs() <= 1e-6, "{re:?} {im:?}");
            }
        }
    }

    #[test]
    fn not_finite() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut re = noise(1, 16);
            re[5] = bad;
            for (re, _) in [transform::<Float>(&re, &[0.0; 16]), transform::<Fixed>(&re, &[0.0; 16])] {
                assert!(re.iter().all(|x| !x.is_finite()), "{re:?}");
            }
        }
    }

    #[test]
    fn twiddle_factors() {
        let mut table = [[0.0; 2]; 1 << 12];
        fill::<Float>(&mut table);
        assert_eq!(table[..2], [[1.0, 0.0], [0.0, 1.0]]);
        for (i, [c, s]) in table.into_iter().enumerate() {
            let angle = core::f64::consts::PI * f64::from((i as u32).reverse_bits()) / f64::from(2.0_f32.powi(32));
            assert!(
                (f64::from(c) - angle.cos()).abs() < 1e-7 && (f64::from(s) - angle.sin()).abs() < 1e-7,
                "{i}: {c} {s}"
            );
        }
    }

    #[test]
    fn short_products() {
        for a in [
            -0x6000_0000,
            -0x1234_5678,
            -65537,
            -65536,
            -1,
            0,
            1,
            65535,
            0x3fff_ffff,
            0x5fff_ffff,
        ] {
            for b in [
                -1 << 30,
                -0x3fff_ffff,
                -0x1234_5678,
                -65536,
                -65535,
                -1,
                0,
                1,
                65535,
                0x2345_6789,
                0x3fff_ffff,
                1 << 30,
            ] {
                let error = (long_product(a, b) >> 30) - i64::from(short_product(a, b));
                assert!((0..=5).contains(&error), "{a} {b}: {error}");
            }
        }
    }

    #[test]
    fn lengths() {
        for n in [0, 1, 3, 6, 255, 257, MAX_POINTS + 1, 2 * MAX_POINTS, usize::MAX] {
            assert_eq!(Fft::table_len(n), Err(Error::POINTS));
        }
        assert_eq!(Fft::table_len(MAX_POINTS), Ok(MAX_POINTS / 2));
        let mut table = [[0.0; 2]; 4];
        let fft = Fft::new(&mut table);
        assert_eq!(fft.run(&mut [0.0; 8], &mut [0.0; 8]), Ok(()));
        for (re, im) in [(8, 4), (4, 8), (4, 4), (9, 9), (16, 16), (0, 0)] {
            assert_eq!(fft.run(&mut vec![0.0; re], &mut vec![0.0; im]), Err(Error::LENGTH));
        }
    }

    proptest! {
        #[test]
        fn any_points(log in 1..8_u32, seed: u32, scales in proptest::array::uniform4(-40..40_i32)) {
            // Points of very different magnitude.
            let n = 1 << log;
            let scaled = |seed| noise(seed, n).iter().zip(scales.iter().cycle()).map(|(x, &e)| x * (e as f32).exp2()).collect::<Vec<f32>>();
            check(&scaled(seed), &scaled(!seed));
        }
    }
}
