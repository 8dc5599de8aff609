//! IIR filters in second-order sections, float32.
//!
//! Each section is a transposed direct form II (Oppenheim & Schafer, Discrete-Time Signal Processing, 6.3): of the direct
//! forms it has the fewest state variables and rounds best in floating point, since sums stay near the size of the output.
//! It is also what `scipy.signal.sosfilt` computes.

use crate::Error;

/// Coefficients of a section as users give them: `b0 b1 b2 a0 a1 a2`.
pub const COEFFICIENTS: usize = 6;

/// One second-order section.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct IirSection {
    /// `b0 b1 b2 a0 a1 a2`, a0 being 1.
    coefficients: [f32; COEFFICIENTS],
    /// What is carried from sample to sample.
    state: [f32; 2],
}

/// Fills sections from their coefficients, [`COEFFICIENTS`] each, with zero state. Refuses an a0 that is not 1, and less or more than whole
/// sections.
pub fn init(sections: &mut [IirSection], coefficients: &[f32]) -> Result<(), Error> {
    let (each, rest) = coefficients.as_chunks::<COEFFICIENTS>();
    if each.is_empty() || !rest.is_empty() {
        return Err(Error::SECTIONS);
    }
    for (section, coefficients) in sections.iter_mut().zip(each) {
        if coefficients[3].to_bits() != 1.0_f32.to_bits() {
            return Err(Error::SECTIONS);
        }
        section.coefficients = *coefficients;
        section.state = [0.0, 0.0];
    }
    Ok(())
}

/// Filters a block of samples in place. The state carries over, so a stream may come in blocks of any size.
pub fn run(sections: &mut [IirSection], values: &mut [f32]) {
    for section in sections {
        let [b0, b1, b2, _, a1, a2] = section.coefficients;
        let [mut first, mut second] = section.state;
        for value in values.iter_mut() {
            let x = *value;
            let y = b0 * x + first;
            first = b1 * x - a1 * y + second;
            second = b2 * x - a2 * y;
            *value = y;
        }
        section.state = [first, second];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{vec, vec::Vec};

    fn filter(coefficients: &[f32]) -> Vec<IirSection> {
        let mut sections = vec![IirSection::default(); coefficients.len() / COEFFICIENTS];
        init(&mut sections, coefficients).unwrap();
        sections
    }

    #[test]
    fn passes_through() {
        let mut sections = filter(&[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
        let mut values = [1.0, -2.0, 3.5];
        run(&mut sections, &mut values);
        assert_eq!(values, [1.0, -2.0, 3.5]);
    }

    #[test]
    fn impulse_response() {
        // y[n] = x[n] + 0.5 y[n-1]
        let mut sections = filter(&[1.0, 0.0, 0.0, 1.0, -0.5, 0.0]);
        let mut values = [1.0, 0.0, 0.0, 0.0];
        run(&mut sections, &mut values);
        assert_eq!(values, [1.0, 0.5, 0.25, 0.125]);
    }

    #[test]
    fn blocks_of_any_size_make_the_same_stream() {
        let coefficients = [0.2, 0.3, 0.2, 1.0, -0.5, 0.2, 0.1, 0.0, -0.1, 1.0, 0.3, 0.4];
        let signal: Vec<f32> = (0..100).map(|i| (i * 37 % 19) as f32 - 9.0).collect();
        let mut whole = signal.clone();
        run(&mut filter(&coefficients), &mut whole);
        for size in [1, 3, 7, 64, 99] {
            let mut parts = signal.clone();
            let mut sections = filter(&coefficients);
            parts.chunks_mut(size).for_each(|block| run(&mut sections, block));
            assert_eq!(parts, whole);
        }
    }

    #[test]
    fn refuses_another_a0() {
        let mut sections = [IirSection::default()];
        for a0 in [0.0, 0.5, -1.0, f32::NAN] {
            assert_eq!(init(&mut sections, &[1.0, 0.0, 0.0, a0, 0.0, 0.0]), Err(Error::SECTIONS));
        }
    }
}
