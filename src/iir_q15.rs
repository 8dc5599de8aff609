//! IIR filters in second-order sections, int16 fixed point.
//!
//! Direct form I: the state is past inputs and outputs, so nothing inside can overflow, and there is one place where a
//! result is rounded and saturated. Coefficients have [`SHIFT`] fractional bits, which leaves room for values below 4.

use crate::Error;

/// Coefficients of a section as users give them: `b0 0 b1 b2 -a1 -a2`.
pub const COEFFICIENTS: usize = 6;
/// Fractional bits of a coefficient.
pub const SHIFT: u32 = 13;

/// One second-order section.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct IirQ15Section {
    /// `b0 0 b1 b2 -a1 -a2`, int16 values.
    coefficients: [i32; COEFFICIENTS],
    /// The two inputs and the two outputs before, the latest first: int16 values.
    inputs: [i32; 2],
    outputs: [i32; 2],
}

/// Fills sections from their coefficients, [`COEFFICIENTS`] each, with zero state. Refuses one whose second value is not 0, and
/// less or more than whole sections.
pub fn init(sections: &mut [IirQ15Section], coefficients: &[i16]) -> Result<(), Error> {
    let (each, rest) = coefficients.as_chunks::<COEFFICIENTS>();
    if each.is_empty() || !rest.is_empty() {
        return Err(Error::SECTIONS);
    }
    for (section, values) in sections.iter_mut().zip(each) {
        (section.inputs, section.outputs) = ([0, 0], [0, 0]);
        for (coefficient, &value) in section.coefficients.iter_mut().zip(values) {
            *coefficient = value.into();
        }
        if values[1] != 0 {
            return Err(Error::SECTIONS);
        }
    }
    Ok(())
}

/// Filters a block of samples in place: the sum of products, exact, is shifted right by [`SHIFT`] (rounded down) and saturated.
///
/// The state carries over, so a stream may come in blocks of any size.
pub fn run(sections: &mut [IirQ15Section], values: &mut [i16]) {
    for section in sections {
        let [b0, _, b1, b2, minus_a1, minus_a2] = section.coefficients;
        let ([mut x1, mut x2], [mut y1, mut y2]) = (section.inputs, section.outputs);
        for value in values.iter_mut() {
            let x = i32::from(*value);
            let y = shifted_sum([b0 * x, b1 * x1, b2 * x2, minus_a1 * y1, minus_a2 * y2]);
            let y = y.clamp(i16::MIN.into(), i16::MAX.into());
            (x2, x1, y2, y1) = (x1, x, y1, y);
            *value = y as i16;
        }
        (section.inputs, section.outputs) = ([x1, x2], [y1, y2]);
    }
}

/// Whether the processor adds numbers of two words by a carry.
const CARRIES: bool = cfg!(not(any(target_arch = "xtensa", target_arch = "riscv32")));

/// The sum of products of two int16 values, shifted right by [`SHIFT`]. Each fits 31 bits, five of them do not.
#[inline(always)]
fn shifted_sum(products: [i32; 5]) -> i32 {
    if CARRIES {
        shifted_wide_sum(products)
    } else {
        sum_of_shifted(products)
    }
}

#[inline(always)]
fn shifted_wide_sum([a, b, c, d, e]: [i32; 5]) -> i32 {
    let sum = i64::from(a) + i64::from(b) + i64::from(c) + i64::from(d) + i64::from(e);
    (sum >> SHIFT) as i32
}

/// The same from the sums of what is shifted out and of what is not.
#[inline(always)]
fn sum_of_shifted([a, b, c, d, e]: [i32; 5]) -> i32 {
    const OUT: i32 = (1 << SHIFT) - 1;
    let out = (a & OUT) + (b & OUT) + (c & OUT) + (d & OUT) + (e & OUT);
    (a >> SHIFT) + (b >> SHIFT) + (c >> SHIFT) + (d >> SHIFT) + (e >> SHIFT) + (out >> SHIFT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{vec, vec::Vec};

    fn filter(coefficients: &[i16]) -> Vec<IirQ15Section> {
        let mut sections = vec![IirQ15Section::default(); coefficients.len() / COEFFICIENTS];
        init(&mut sections, coefficients).unwrap();
        sections
    }

    /// The definition, in wide integers.
    fn reference(c: &[i16; 5], signal: &[i16]) -> Vec<i16> {
        let mut out: Vec<i16> = Vec::new();
        for n in 0..signal.len() {
            let x = |k: usize| n.checked_sub(k).map_or(0, |i| i128::from(signal[i]));
            let y = |k: usize| n.checked_sub(k).map_or(0, |i| i128::from(out[i]));
            let c = c.map(i128::from);
            let sum = c[0] * x(0) + c[1] * x(1) + c[2] * x(2) + c[3] * y(1) + c[4] * y(2);
            out.push(sum.div_euclid(1 << SHIFT).clamp(-32768, 32767) as i16);
        }
        out
    }

    proptest! {
        #[test]
        fn exact(c in any::<[i16; 5]>(), mut signal in prop::collection::vec(prop_oneof![any::<i16>(), Just(i16::MIN), Just(i16::MAX)], 0..50)) {
            let expected = reference(&c, &signal);
            run(&mut filter(&[c[0], 0, c[1], c[2], c[3], c[4]]), &mut signal);
            prop_assert_eq!(signal, expected);
        }

        #[test]
        fn sums_are_the_same(products in any::<[i32; 5]>()) {
            let products = products.map(|product| product >> 1);
            prop_assert_eq!(sum_of_shifted(products), shifted_wide_sum(products));
        }

        #[test]
        fn blocks_of_any_size_make_the_same_stream(c in any::<[i16; 5]>(), signal in prop::collection::vec(any::<i16>(), 1..60), size in 1..20usize) {
            let coefficients = [c[0], 0, c[1], c[2], c[3], c[4]];
            let (mut whole, mut parts) = (signal.clone(), signal);
            run(&mut filter(&coefficients), &mut whole);
            let mut sections = filter(&coefficients);
            parts.chunks_mut(size).for_each(|block| run(&mut sections, block));
            prop_assert_eq!(whole, parts);
        }
    }

    #[test]
    fn refuses_a_second_coefficient() {
        assert_eq!(init(&mut [IirQ15Section::default()], &[1, 1, 0, 0, 0, 0]), Err(Error::SECTIONS));
    }
}
