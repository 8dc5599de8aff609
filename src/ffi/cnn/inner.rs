//! The inner loops. Checks of every access take up a third of them, so each checks its slices as a whole and then goes unchecked.

use crate::math::EMULATED;
use core::cell::Cell;

/// Scalar products of int8 values with one or two kernels, one after the other; wrapping.
#[inline(never)]
pub fn dot_int8(values: &[Cell<i8>], kernels: &[u8]) -> (i32, i32) {
    let (n, second) = lengths(values, kernels);
    let (values, a) = (values.as_ptr().cast::<i8>(), kernels.as_ptr().cast::<i8>());
    // SAFETY: as `lengths` says; a Cell is its value, which nothing changes meanwhile.
    unsafe {
        let b = a.add(second);
        let mut i = 0;
        #[cfg(target_arch = "x86_64")]
        let [mut sum_a, mut sum_b] = sse2::dot_int8(&mut i, n, values, [a, b]);
        #[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
        let [mut sum_a, mut sum_b] = dsp::dot_int8(&mut i, n, values, [a, b]);
        #[cfg(not(any(target_arch = "x86_64", all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))))]
        let [mut sum_a, mut sum_b] = [0i32, 0];
        macro_rules! add {
            ($i:expr) => {
                let value = i32::from(*values.add($i));
                sum_a = sum_a.wrapping_add(value * i32::from(*a.add($i)));
                sum_b = sum_b.wrapping_add(value * i32::from(*b.add($i)));
            };
        }
        #[cfg(not(any(target_arch = "x86_64", all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))))]
        while i + 4 <= n {
            add!(i);
            add!(i + 1);
            add!(i + 2);
            add!(i + 3);
            i += 4;
        }
        while i < n {
            add!(i);
            i += 1;
        }
        (sum_a, sum_b)
    }
}

/// Scalar products of float32 values with one or two kernels, one after the other.
#[inline(never)]
pub fn dot_float32(values: &[Cell<f32>], kernels: &[u8]) -> (f32, f32) {
    let (n, second) = lengths(values, kernels);
    let (values, a) = (values.as_ptr().cast::<u32>(), kernels.as_ptr().cast::<u32>());
    // SAFETY: as `lengths` says; a Cell is its value, which nothing changes meanwhile.
    unsafe {
        let b = a.byte_add(second);
        let mut i = 0;
        #[cfg(target_arch = "x86_64")]
        let [mut sum_a, mut sum_b] = sse2::dot_float32(&mut i, n, values.cast(), [a.cast(), b.cast()]);
        #[cfg(not(target_arch = "x86_64"))]
        let [mut sum_a, mut sum_b] = [0.0f32, 0.0];
        macro_rules! add {
            ($i:expr, $read:ident) => {
                let bits = *values.add($i);
                // Where floating point is emulated, multiplying by zero is worth avoiding: rectified values are zero half of the time.
                if !EMULATED || bits << 1 != 0 {
                    let value = f32::from_bits(bits);
                    sum_a += value * f32::from_bits(u32::from_le(a.add($i).$read()));
                    sum_b += value * f32::from_bits(u32::from_le(b.add($i).$read()));
                }
            };
        }
        // Where processors read unaligned numbers byte by byte or not into their floating-point unit, aligned ones are faster.
        #[cfg(not(target_arch = "x86_64"))]
        if a.is_aligned() {
            while i + 2 <= n {
                add!(i, read);
                add!(i + 1, read);
                i += 2;
            }
        }
        while i < n {
            add!(i, read_unaligned);
            i += 1;
        }
        (sum_a, sum_b)
    }
}

/// How many values there are for all of which a kernel has a weight, and where in the bytes the last kernel begins, that has as many.
fn lengths<T>(values: &[Cell<T>], kernels: &[u8]) -> (usize, usize) {
    let size = size_of_val(values);
    if size > kernels.len() {
        (0, 0)
    } else {
        (values.len(), if 2 * size <= kernels.len() { size } else { 0 })
    }
}

/// Copies `n_runs` runs of `run` values that lie side by side from `from[start]` on: run `r` to `to[first + r]` and every `step`th
/// place after it. Nothing, unless there is room for all.
#[inline(always)]
pub fn spread<T: Copy>(from: &[Cell<T>], start: u32, [n_runs, run]: [u16; 2], to: &[Cell<T>], first: u32, step: u16) {
    let [start, n_runs, run, first, step] = [start as usize, n_runs.into(), run.into(), first as usize, step.into()];
    // (2^16 - 1)^2 + 2^16 - 1 is less than 2^32: nothing overflows.
    let last_start = from.len().checked_sub(n_runs * run);
    let last_first = (to.len() + step).checked_sub(n_runs + run * step);
    if last_start.is_some_and(|last| start <= last) && last_first.is_some_and(|last| first <= last) {
        let mut index = start;
        for r in 0..n_runs {
            let mut to_index = first + r;
            for _ in 0..run {
                // SAFETY: the last index of each is n_runs * run - 1 after `start`, n_runs - 1 + (run - 1) * step after `first`.
                unsafe { to.get_unchecked(to_index).set(from.get_unchecked(index).get()) };
                index += 1;
                to_index += step;
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod sse2 {
    use core::arch::x86_64::*;

    /// Eight values at a time, from 0 to `i`, which is left where fewer than eight remain.
    #[inline(always)]
    pub unsafe fn dot_int8(i: &mut usize, n: usize, values: *const i8, kernels: [*const i8; 2]) -> [i32; 2] {
        // SAFETY: every x86-64 processor has SSE2; the caller vouches for `n` values and weights.
        unsafe {
            let load = |bytes: *const i8, i: usize| {
                let bytes = _mm_loadl_epi64(bytes.add(i).cast());
                _mm_srai_epi16(_mm_unpacklo_epi8(bytes, bytes), 8)
            };
            let (mut a, mut b) = (_mm_setzero_si128(), _mm_setzero_si128());
            while *i + 8 <= n {
                let v = load(values, *i);
                a = _mm_add_epi32(a, _mm_madd_epi16(v, load(kernels[0], *i)));
                b = _mm_add_epi32(b, _mm_madd_epi16(v, load(kernels[1], *i)));
                *i += 8;
            }
            // Both sums at once.
            let sums = _mm_add_epi32(_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b));
            let sums = _mm_cvtsi128_si64(_mm_add_epi32(sums, _mm_unpackhi_epi64(sums, sums)));
            [sums as i32, (sums >> 32) as i32]
        }
    }

    /// Four values at a time, as above.
    #[inline(always)]
    pub unsafe fn dot_float32(i: &mut usize, n: usize, values: *const f32, kernels: [*const u8; 2]) -> [f32; 2] {
        // SAFETY: as above.
        unsafe {
            let (mut a, mut b) = (_mm_setzero_ps(), _mm_setzero_ps());
            while *i + 4 <= n {
                let v = _mm_loadu_ps(values.add(*i));
                a = _mm_add_ps(a, _mm_mul_ps(v, _mm_loadu_ps(kernels[0].cast::<f32>().add(*i))));
                b = _mm_add_ps(b, _mm_mul_ps(v, _mm_loadu_ps(kernels[1].cast::<f32>().add(*i))));
                *i += 4;
            }
            let sums = _mm_add_ps(_mm_unpacklo_ps(a, b), _mm_unpackhi_ps(a, b));
            let sums = _mm_add_ps(sums, _mm_movehl_ps(sums, sums));
            [_mm_cvtss_f32(sums), _mm_cvtss_f32(_mm_shuffle_ps(sums, sums, 1))]
        }
    }
}

/// Cortex-M4 and later: targets with an FPU have the DSP instructions, too.
#[cfg(all(target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
mod dsp {
    use core::arch::asm;

    /// Four values at a time, from 0 to `i`, which is left where fewer than four remain.
    #[inline(always)]
    pub unsafe fn dot_int8(i: &mut usize, n: usize, values: *const i8, kernels: [*const i8; 2]) -> [i32; 2] {
        let mut sums = [0i32; 2];
        // SAFETY: the caller vouches for `n` values and weights; the instructions work on registers only.
        unsafe {
            let four = |bytes: *const i8, i: usize| bytes.add(i).cast::<u32>().read_unaligned();
            while *i + 4 <= n {
                asm!(
                    "sxtb16 {even}, {v}",
                    "sxtb16 {odd}, {v}, ror #8",
                    "sxtb16 {v}, {a}",
                    "sxtb16 {a}, {a}, ror #8",
                    "smlad {sum_a}, {even}, {v}, {sum_a}",
                    "smlad {sum_a}, {odd}, {a}, {sum_a}",
                    "sxtb16 {v}, {b}",
                    "sxtb16 {b}, {b}, ror #8",
                    "smlad {sum_b}, {even}, {v}, {sum_b}",
                    "smlad {sum_b}, {odd}, {b}, {sum_b}",
                    v = inout(reg) four(values, *i) => _,
                    a = inout(reg) four(kernels[0], *i) => _,
                    b = inout(reg) four(kernels[1], *i) => _,
                    even = out(reg) _,
                    odd = out(reg) _,
                    sum_a = inout(reg) sums[0],
                    sum_b = inout(reg) sums[1],
                    options(pure, nomem, nostack),
                );
                *i += 4;
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(any::<u8>(), 0..70)
    }

    proptest! {
        #[test]
        fn int8_is_exact(values: Vec<i8>, kernels in bytes()) {
            let cells: Vec<_> = values.iter().map(|&value| Cell::new(value)).collect();
            let n = values.len();
            let dot = |kernel: &[u8]| values.iter().zip(kernel).map(|(&v, &w)| i32::from(v) * i32::from(w as i8)).sum::<i32>();
            let expected = match kernels.get(n..2 * n) {
                Some(second) => (dot(&kernels[..n]), dot(second)),
                None if n <= kernels.len() => (dot(&kernels[..n]), dot(&kernels[..n])),
                None => (0, 0),
            };
            prop_assert_eq!(dot_int8(&cells, &kernels), expected);
        }

        #[test]
        fn float32_is_near(values in prop::collection::vec(-9f32..9.0, 0..20), weights in prop::collection::vec(-9f32..9.0, 40), start in 0..8usize) {
            let cells: Vec<_> = values.iter().map(|&value| Cell::new(value)).collect();
            let mut kernels = std::vec![0; start];
            kernels.extend(weights.iter().flat_map(|weight| weight.to_le_bytes()));
            let n = values.len();
            for (result, weights) in <[f32; 2]>::from(dot_float32(&cells, &kernels[start..])).into_iter().zip([&weights[..n], &weights[n..]]) {
                let exact: f64 = values.iter().zip(weights).map(|(&v, &w)| f64::from(v) * f64::from(w)).sum();
                prop_assert!((f64::from(result) - exact).abs() < 20.0 * 81.0 * 20.0 * f64::from(f32::EPSILON));
            }
        }

        #[test]
        fn spread_stays_inside(from in bytes(), to in bytes(), start in 0..80u32, n_runs in 0..9u16, run in 0..20u16, first in 0..80u32, step in 0..20u16) {
            let cells: Vec<_> = from.iter().map(|&value| Cell::new(value)).collect();
            let result: Vec<_> = to.iter().map(|&value| Cell::new(value)).collect();
            spread(&cells, start, [n_runs, run], &result, first, step);
            let [start, first] = [start, first].map(|index| index as usize);
            let [n_runs, run, step] = [n_runs, run, step].map(usize::from);
            let mut expected = to;
            if n_runs * run != 0 && start + n_runs * run <= from.len() && first + n_runs - 1 + (run - 1) * step < expected.len() {
                (0..n_runs * run).for_each(|i| expected[first + i / run + i % run * step] = from[start + i]);
            }
            prop_assert_eq!(result.iter().map(Cell::get).collect::<Vec<_>>(), expected);
        }
    }
}
