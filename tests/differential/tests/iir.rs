//! Random stable filters give the same signal in C and in Rust, as near as roundings allow: the two add in another order.

use differential::{EmlIIR, eml_iir_check, eml_iir_filter};
use emlearn::iir::{COEFFICIENTS, IirSection, init, run};
use proptest::{collection::vec, prelude::*};
use std::f32::consts::PI;

/// Both poles inside the unit circle, a conjugate pair or real.
fn section() -> impl Strategy<Value = [f32; COEFFICIENTS]> {
    let poles = prop_oneof![
        (0f32..0.999, 0f32..PI).prop_map(|(radius, angle)| [-2.0 * radius * angle.cos(), radius * radius]),
        (-0.999f32..0.999, -0.999f32..0.999).prop_map(|(p, q)| [-p - q, p * q]),
    ];
    (prop::array::uniform3(-2f32..2.0), poles).prop_map(|([b0, b1, b2], [a1, a2])| [b0, b1, b2, 1.0, a1, a2])
}

fn filter_c(sections: &[[f32; COEFFICIENTS]], signal: &[f32]) -> Vec<f32> {
    let mut states = vec![0.0; 4 * sections.len()];
    let filter = EmlIIR {
        n_stages: sections.len() as i32,
        states: states.as_mut_ptr(),
        states_length: states.len() as i32,
        coefficients: sections.as_flattened().as_ptr(),
        coefficients_length: sections.as_flattened().len() as i32,
    };
    // SAFETY: the arrays outlive the calls and are as long as the filter says.
    unsafe {
        assert_eq!(eml_iir_check(filter), 0);
        signal.iter().map(|&x| eml_iir_filter(filter, x)).collect()
    }
}

fn filter_rust(coefficients: &[[f32; COEFFICIENTS]], signal: &[f32], block: usize) -> Vec<f32> {
    let mut sections = vec![IirSection::default(); coefficients.len()];
    init(&mut sections, coefficients.as_flattened()).expect("the sections are good");
    let mut signal = signal.to_vec();
    signal.chunks_mut(block).for_each(|block| run(&mut sections, block));
    signal
}

fn exact(section: &[f64; COEFFICIENTS], signal: &[f64]) -> Vec<f64> {
    let [b0, b1, b2, _, a1, a2] = *section;
    let [mut x1, mut x2, mut y1, mut y2] = [0.0; 4];
    let step = |&x: &f64| {
        let y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
        (x2, x1, y2, y1) = (x1, x, y1, y);
        y
    };
    signal.iter().map(step).collect()
}

/// How far float32 may lie from the exact result, to first order.
///
/// A section rounds nine times for a sample. With inputs up to X and outputs up to Y, what is rounded adds up to at
/// most `(2|b0| + 2|b1| + 3|b2|) X + (2 + 2|a1| + 3|a2|) Y`, since the states are `y - b0 x` and `b2 x - a2 y`. It enters the
/// section beside what is fed back, and goes on through the sections that follow.
fn bound(sections: &[[f32; COEFFICIENTS]], signal: &[f32]) -> f64 {
    let largest = |signal: &[f64]| signal.iter().fold(0f64, |largest, x| largest.max(x.abs()));
    let sections: Vec<_> = sections.iter().map(|section| section.map(f64::from)).collect();
    let mut signal: Vec<_> = signal.iter().copied().map(f64::from).collect();
    let mut bound = 0.0;
    for (i, section) in sections.iter().enumerate() {
        let [b0, b1, b2, _, a1, a2] = section.map(f64::abs);
        let output = exact(section, &signal);
        let rounded = (2.0 * b0 + 2.0 * b1 + 3.0 * b2) * largest(&signal) + (2.0 + 2.0 * a1 + 3.0 * a2) * largest(&output);
        let mut response = vec![0.0; signal.len()];
        response[0] = 1.0;
        response = exact(&[1.0, 0.0, 0.0, 1.0, section[4], section[5]], &response);
        for section in &sections[i + 1..] {
            response = exact(section, &response);
        }
        bound += f64::from(f32::EPSILON / 2.0) * rounded * response.iter().map(|x| x.abs()).sum::<f64>();
        signal = output;
    }
    bound
}

proptest! {
    #[test]
    fn same_signal(sections in vec(section(), 1..5), mut signal in vec(-1000f32..1000.0, 1..200), silence in 0..100usize, block in 1..50usize) {
        signal.resize(signal.len() + silence, 0.0);
        let (c, rust) = (filter_c(&sections, &signal), filter_rust(&sections, &signal, block));
        let bound = 2.0 * bound(&sections, &signal);
        for (i, (&c, &rust)) in c.iter().zip(&rust).enumerate() {
            prop_assert!((f64::from(c) - f64::from(rust)).abs() <= bound, "[{}]: {} in C, {} in Rust; {} allowed", i, c, rust, bound);
        }
    }
}
