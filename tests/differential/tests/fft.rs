//! Random points have the same transform in C and in Rust, as near as roundings allow.

use differential::{EmlFFT, eml_fft_fill, eml_fft_forward};
use emlearn::fft::Fft;
use proptest::{collection::vec, prelude::*};

type Points = (Vec<f32>, Vec<f32>);

fn transform_c((re, im): &Points) -> Points {
    let n = re.len();
    let ((mut re, mut im), mut sin, mut cos) = ((re.clone(), im.clone()), vec![0.0; n / 2], vec![0.0; n / 2]);
    let fft = EmlFFT {
        length: (n / 2) as i32,
        sin: sin.as_mut_ptr(),
        cos: cos.as_mut_ptr(),
    };
    // SAFETY: the tables outlive the calls and are as long as `fft` says, and there are n points.
    let statuses = unsafe { [eml_fft_fill(fft, n), eml_fft_forward(fft, re.as_mut_ptr(), im.as_mut_ptr(), n)] };
    assert_eq!(statuses, [0, 0]);
    (re, im)
}

fn transform_rust((re, im): &Points) -> Points {
    let (mut re, mut im) = (re.clone(), im.clone());
    let mut table = vec![[0.0; 2]; Fft::table_len(re.len()).expect("a power of two")];
    Fft::new(&mut table).run(&mut re, &mut im).expect("as many points");
    (re, im)
}

/// The root of the sum of squares.
fn norm(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|x| x * x).sum::<f64>().sqrt()
}

/// What the two may differ by in each stage, relative to the norm of the result (Higham, Accuracy and Stability of Numerical
/// Algorithms, 24.1): in each of them four roundings of complex numbers, and the error of a twiddle factor. That of Rust's is
/// at most 2.4 roundings; C rounds the angle, by up to two, then sine and cosine.
const BOUND: f64 = (2.0 * 4.0 * std::f64::consts::SQRT_2 + 2.4 + 3.5) * f32::EPSILON as f64 / 2.0;

proptest! {
    #[test]
    fn same_spectrum(
        (re, im) in (1..12u32).prop_flat_map(|log| {
            let part = || vec(prop_oneof![Just(0.0), -1f32..1.0], 1 << log);
            (part(), part())
        }),
        exponents in vec(-40..40i32, 1..5),
    ) {
        // Points of very different magnitude.
        let scaled = |part: Vec<f32>| part.iter().zip(exponents.iter().cycle()).map(|(x, &e)| x * (e as f32).exp2()).collect();
        let points = (scaled(re), scaled(im));
        let (c, rust) = (transform_c(&points), transform_rust(&points));
        let parts = || c.0.iter().zip(&rust.0).chain(c.1.iter().zip(&rust.1));
        let difference = norm(parts().map(|(&c, &rust)| f64::from(c) - f64::from(rust)));
        let bound = f64::from(c.0.len().ilog2()) * BOUND * norm(parts().map(|(&c, _)| f64::from(c)));
        prop_assert!(difference <= bound, "{} points differ by {}, {} allowed", c.0.len(), difference, bound);
    }
}
