//! Linear mapping between arrays of different types: raw samples to real values and back.
//!
//! Computed in float32: `y = (x - in_min) * scale + out_min` with `scale = (out_max - out_min) / (in_max - in_min)`, clamped to
//! what lies between `out_min` and `out_max`, and for integers to the range of their type, then truncated toward zero.
//! Should rounding keep `in_max` short of `out_max`, the scale is two floats further from zero, so that `in_min` gives
//! `out_min` and `in_max` gives `out_max`, both exactly. NaN gives the lower limit.
//!
//! Before truncation, a value is off by at most `5 * 2^-23` of the largest of `|out_min|`, `|out_max|` and `|out_max - out_min|`:
//! half an ulp for each of six operations, two ulps for the scale.

pub use crate::ffi::arrayutils::ArrayutilsItems;
use crate::{Error, ffi::arrayutils::Pair};

/// What to map, and how.
#[repr(C)]
pub struct ArrayutilsMap<'a> {
    /// Where values come from.
    pub input: ArrayutilsItems<'a>,
    /// Where they go to: as many, and in other memory or in the same place.
    pub output: ArrayutilsItems<'a>,
    /// `in_min, in_max, out_min, out_max`; any of them may be the larger.
    pub limits: [f32; 4],
}

/// Maps every item of the input to that of the output, from the first to the last.
///
/// Refuses other types than those, different lengths, arrays that overlap unless they begin together, and an `in_min` that
/// equals `in_max`.
pub fn linear_map(map: &ArrayutilsMap) -> Result<(), Error> {
    let ArrayutilsMap { input, output, limits } = map;
    let pair = Pair::new(input, output).ok_or(Error::ARRAYS)?;
    let &[in_min, in_max, out_min, out_max] = limits;
    if in_min == in_max {
        return Err(Error::LIMITS);
    }

    let (range, span) = (in_max - in_min, out_max - out_min);
    let scale = span / range;
    let is_short = (out_max - (range * scale + out_min)) / span > 0.0;
    let scale = f32::from_bits(scale.to_bits().wrapping_add(2 * u32::from(is_short)));
    let (mut min, mut max) = if out_min < out_max {
        (out_min, out_max)
    } else {
        (out_max, out_min)
    };
    if let Some((least, most)) = pair.limits() {
        (min, max) = (if min > least { min } else { least }, clamp(max, least, most));
    }

    // `clamp` makes a number of NaN.
    pair.each(|x| clamp((x - in_min) * scale + out_min, min, max));
    Ok(())
}

/// As `f32::clamp`, but `min` for NaN, and in two instructions where there is an FPU.
fn clamp(x: f32, min: f32, max: f32) -> f32 {
    let x = if x > min { x } else { min };
    if x < max { x } else { max }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::cell::Cell;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn bytes<T: Copy, const N: usize>(items: &[T], to_bytes: fn(T) -> [u8; N]) -> Vec<u8> {
        items.iter().flat_map(|&item| to_bytes(item)).collect()
    }

    fn map(input: &[u8], in_typecode: u8, output: &mut [u8], out_typecode: u8, limits: [f32; 4]) -> Result<(), Error> {
        let mut input = input.to_vec();
        linear_map(&ArrayutilsMap {
            input: ArrayutilsItems::new(Cell::from_mut(&mut input[..]).as_slice_of_cells(), in_typecode),
            output: ArrayutilsItems::new(Cell::from_mut(output).as_slice_of_cells(), out_typecode),
            limits,
        })
    }

    fn from_floats(input: &[f32], out_typecode: u8, limits: [f32; 4]) -> Vec<f32> {
        let size = if out_typecode == b'f' {
            4
        } else {
            2 - (out_typecode & 2) as usize / 2
        };
        let mut output = std::vec![0; size * input.len()];
        map(&bytes(input, f32::to_ne_bytes), b'f', &mut output, out_typecode, limits).unwrap();
        let item = |item: &[u8]| match out_typecode {
            b'b' => f32::from(item[0] as i8),
            b'B' => f32::from(item[0]),
            b'h' => f32::from(i16::from_ne_bytes(item.try_into().unwrap())),
            b'H' => f32::from(u16::from_ne_bytes(item.try_into().unwrap())),
            _ => f32::from_ne_bytes(item.try_into().unwrap()),
        };
        output.chunks_exact(size).map(item).collect()
    }

    #[test]
    fn int16_to_float_and_back() {
        let all: Vec<i16> = (i16::MIN..=i16::MAX).collect();
        let mut floats = std::vec![0; 4 * all.len()];
        let mut back = std::vec![0; 2 * all.len()];
        let limits = [-32768.0, 32768.0, -1.0, 1.0];
        map(&bytes(&all, i16::to_ne_bytes), b'h', &mut floats, b'f', limits).unwrap();
        for (&integer, float) in all.iter().zip(floats.chunks_exact(4)) {
            assert_eq!(f32::from_ne_bytes(float.try_into().unwrap()), f32::from(integer) / 32768.0);
        }
        map(&floats, b'f', &mut back, b'h', [-1.0, 1.0, -32768.0, 32768.0]).unwrap();
        assert_eq!(back, bytes(&all, i16::to_ne_bytes));
    }

    #[test]
    fn saturates_and_truncates() {
        let x = [
            f32::NEG_INFINITY,
            -1e30,
            -1.0,
            -0.999,
            -0.5,
            0.0,
            0.5,
            0.999,
            1.0,
            f32::MAX,
            f32::INFINITY,
            f32::NAN,
        ];
        for (typecode, min, max) in [
            (b'b', -128.0, 127.0),
            (b'B', 0.0, 255.0),
            (b'h', -32768.0, 32767.0),
            (b'H', 0.0, 65535.0),
        ] {
            let wide = from_floats(&x, typecode, [-1.0, 1.0, -1e6, 1e6]);
            assert_eq!(wide, [min, min, min, min, min, 0.0, max, max, max, max, max, min]);
            let falling = from_floats(&x, typecode, [-1.0, 1.0, 1e6, -1e6]);
            assert_eq!(falling, [max, max, max, max, max, 0.0, min, min, min, min, min, min]);
            let beside = from_floats(&x, typecode, [-1.0, 1.0, 1e6, 2e6]);
            assert_eq!(beside, [max; 12]);
            let small = from_floats(&x, typecode, [-1.0, 1.0, -2.9, 2.9]);
            let low = f32::max(min, -2.0);
            assert_eq!(small, [low, low, low, low, f32::max(min, -1.0), 0.0, 1.0, 2.0, 2.0, 2.0, 2.0, low]);
        }
    }

    #[test]
    fn in_place() {
        let mut data = [5, 10, 250];
        let cells = Cell::from_mut(&mut data[..]).as_slice_of_cells();
        let items = || ArrayutilsItems::new(cells, b'B');
        let limits = [0.0, 255.0, 255.0, 0.0];
        linear_map(&ArrayutilsMap {
            input: items(),
            output: items(),
            limits,
        })
        .unwrap();
        assert_eq!(data, [250, 245, 5]);
    }

    #[test]
    fn refuses() {
        let (a, mut b) = ([0; 8], [7; 9]);
        let limits = [0.0, 1.0, 0.0, 1.0];
        for typecode in [0, b'F', b'i', b'd', b'O', b'Q'] {
            assert_eq!(map(&a, typecode, &mut b[..8], b'B', limits), Err(Error::ARRAYS));
            assert_eq!(map(&a, b'B', &mut b[..8], typecode, limits), Err(Error::ARRAYS));
        }
        assert_eq!(map(&a, b'h', &mut b[..8], b'b', limits), Err(Error::ARRAYS));
        assert_eq!(map(&a, b'B', &mut b, b'B', limits), Err(Error::ARRAYS));
        assert_eq!(map(&a, b'B', &mut b[..8], b'b', [1.0, 1.0, 0.0, 1.0]), Err(Error::LIMITS));
        assert_eq!(b, [7; 9]);
        let cells = Cell::from_mut(&mut b[..]).as_slice_of_cells();
        for (from, to) in [(0..8, 1..9), (1..9, 0..8), (0..2, 1..3)] {
            let (input, output) = (ArrayutilsItems::new(&cells[from], b'B'), ArrayutilsItems::new(&cells[to], b'B'));
            assert_eq!(linear_map(&ArrayutilsMap { input, output, limits }), Err(Error::ARRAYS));
        }
        for (from, to) in [(0..4, 4..8), (4..8, 0..4), (3..3, 0..0)] {
            let (input, output) = (ArrayutilsItems::new(&cells[from], b'B'), ArrayutilsItems::new(&cells[to], b'B'));
            linear_map(&ArrayutilsMap { input, output, limits }).unwrap();
        }
    }

    proptest! {
        #[test]
        fn ends_are_exact(in_min in -1e6f32..1e6, in_max in -1e6f32..1e6, out_min in -1e6f32..1e6, out_max in -1e6f32..1e6) {
            prop_assume!(in_min != in_max);
            let limits = [in_min, in_max, out_min, out_max];
            let y = from_floats(&[in_min, in_max, in_max + (in_max - in_min), in_min - (in_max - in_min)], b'f', limits);
            prop_assert_eq!(y, [out_min, out_max, out_max, out_min]);
        }

        #[test]
        fn close_to_float64(in_min in -1e4f32..1e4, in_max in -1e4f32..1e4, out_min in -1e4f32..1e4, out_max in -1e4f32..1e4, x in -1e4f32..1e4) {
            prop_assume!(in_min != in_max);
            let y = from_floats(&[x], b'f', [in_min, in_max, out_min, out_max])[0];
            let [in_min, in_max, out_min, out_max, x] = [in_min, in_max, out_min, out_max, x].map(f64::from);
            let expected = (x - in_min) / (in_max - in_min) * (out_max - out_min) + out_min;
            let expected = expected.clamp(out_min.min(out_max), out_min.max(out_max));
            let bound = 5.0 * f64::from(f32::EPSILON) * out_min.abs().max(out_max.abs()).max((out_max - out_min).abs());
            prop_assert!((f64::from(y) - expected).abs() <= bound, "{} instead of {}", y, expected);
        }

        #[test]
        fn any_bits(input in prop::collection::vec(any::<u32>(), 1..20), limits: [u32; 4], typecode in prop::sample::select(&b"bBhHf"[..])) {
            let input: Vec<f32> = input.into_iter().map(f32::from_bits).collect();
            let limits = limits.map(f32::from_bits);
            prop_assume!(limits[0] != limits[1]);
            from_floats(&input, typecode, limits);
        }
    }
}
