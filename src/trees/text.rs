//! The text format of trees models, read in blocks.

use super::{
    Storage,
    TreesKind::{Leaves, Nodes, Trees},
    TreesShape, add_to_leaf, add_to_shape, record,
};
use crate::Error;
use core::slice::Iter;

/// A number or its power of ten: `digits * 10^exponent`.
#[derive(Clone, Copy, Default)]
struct Number {
    /// The first nine significant digits, more than float32 has.
    digits: i32,
    exponent: i32,
    /// 0 if there is no number, or bits of what there was.
    seen: u32,
    /// The character behind it.
    next: u32,
}

const DIGITS_LIMIT: i32 = 100_000_000;
/// Powers of ten beyond which all numbers are zero or infinite, nine digits before the point included.
const MAX_STEPS: u32 = 60;
const DIGIT: u32 = 0x40;
const POINT: u32 = 0x80;
/// The bit in which the characters of the two signs differ.
const MINUS: u32 = 0x04;

impl Number {
    /// Reads a number, if there is one, and the character behind it; behind the text that is `end`.
    #[inline(never)]
    fn read(text: &mut Iter<u8>, end: u32) -> Number {
        let mut number = Number::default();
        loop {
            let byte = text.next().map_or(end, |&byte| byte.into());
            let digit = byte.wrapping_sub(b'0'.into());
            if digit < 10 {
                if number.digits < DIGITS_LIMIT {
                    number.digits = number.digits * 10 + digit as i32;
                    number.exponent -= 1;
                } else {
                    // An odd last digit keeps the number from looking rounder than it is.
                    number.digits |= i32::from(digit != 0);
                }
                if number.seen & POINT == 0 {
                    number.exponent += 1;
                }
                number.seen |= DIGIT;
            } else if byte == b'.'.into() && number.seen & POINT == 0 {
                number.seen |= POINT;
            } else if (byte == b'-'.into() || byte == b'+'.into()) && number.seen == 0 {
                number.seen = byte;
            } else {
                if number.seen & MINUS != 0 {
                    number.digits = -number.digits;
                }
                number.next = byte;
                return number;
            }
        }
    }
}

/// What has been read of a record.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub struct TreesRecord {
    /// Its name, the last character lowest.
    name: u32,
    /// Numbers after it.
    n_fields: u32,
    fields: [i32; 4],
    /// The name has ended.
    named: bool,
    malformed: bool,
}

/// What is behind a text: in the low byte, the character that it stands for; no character at all is as large.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreesEnd {
    /// More of it.
    More = 0x100,
    /// The end of a line.
    Line = 0x10a,
    /// The end of the last line.
    Model = 0x20a,
}

const MORE: u32 = TreesEnd::More as u32;
const MODEL: u32 = TreesEnd::Model as u32;

/// A load in progress: begun as zeros, with `shape.place` 1, then [`TreesLoader::feed`] until the end.
///
/// Until then the model stays empty.
#[repr(C)]
#[derive(Default)]
pub struct TreesLoader {
    /// The model's shape when the load has finished. Its place is the line.
    pub shape: TreesShape,
    /// Size in bytes of the leaf array that the model must have.
    pub leaf_bytes: u32,
    /// How much of the last text was used.
    pub used: u32,
    record: TreesRecord,
}

impl TreesLoader {
    /// Reads on. After the last text the model is valid.
    ///
    /// Text that was not `used` is to be fed again: after the model got `leaf_bytes` bytes of leaves, if it has less, else together
    /// with more of it. After an error the model is as it was.
    pub fn feed(&mut self, storage: &mut impl Storage, model: &mut TreesShape, text: &[u8], end: TreesEnd) -> Result<(), Error> {
        // The caller may have used the model since.
        if (model.count(Trees) | model.count(Nodes) | model.count(Leaves)) != 0 {
            return Err(Error::NOT_EMPTY);
        }
        let end = end as u32;
        let mut rest = text.iter();
        loop {
            self.used = (text.len() - rest.len()) as u32;
            if self.leaf_bytes as usize > storage.arrays().leaves.len() {
                return Ok(());
            }
            let record = &mut self.record;
            let number = Number::read(&mut rest, end);
            let mut last = number;
            let mut exponent = number.exponent;
            if number.next == b'e'.into() && number.seen != 0 {
                last = Number::read(&mut rest, end);
                exponent += last.digits;
                record.malformed |= last.exponent != 0;
            }
            let next = last.next;
            if next == MORE {
                return Ok(());
            }
            if number.seen != 0 {
                record.malformed |= number.seen & last.seen & DIGIT == 0;
                if !record.named {
                    record.name = record::UNKNOWN;
                }
                let mut value = number.digits;
                let mut real = value as f32;
                let mut power = 1.0;
                for _ in 0..MAX_STEPS {
                    if exponent < 0 {
                        exponent += 1;
                        value = value.div_euclid(10);
                        power = times_ten(power);
                    } else if exponent > 0 {
                        exponent -= 1;
                        if value.abs() < DIGITS_LIMIT {
                            value *= 10;
                        }
                        real = times_ten(real);
                    } else {
                        break;
                    }
                }
                real /= power;
                if record.name == record::LEAF && self.shape.leaf_bits != 0 {
                    if self.shape.leaf_bits == 32 {
                        value = real.to_bits() as i32;
                    }
                    add_to_leaf(storage, &mut self.shape, value as u32)?;
                } else if let Some(slot) = record.fields.get_mut(record.n_fields as usize) {
                    *slot = value;
                }
                record.n_fields += 1;
            }
            if next as u8 == b'\n' {
                let expected = match record.name {
                    record::NODE => 4,
                    record::LEAF => self.shape.leaf_len(),
                    _ => 1,
                };
                // A leaf's list may go on in the next line.
                if record.name != record::LEAF || record.n_fields.wrapping_sub(1) >= expected.wrapping_sub(1) || next == MODEL {
                    let good = record.n_fields == expected && !record.malformed;
                    add_to_shape(storage, &mut self.shape, record.name, &record.fields, good)?;
                    *record = TreesRecord::default();
                    let value_size = if self.shape.leaf_bits == 32 { 4 } else { 1 };
                    self.leaf_bytes = storage.max_leaves() * self.shape.leaf_len() * value_size;
                }
                self.shape.place += 1;
                if next >= MORE {
                    break;
                }
            } else if matches!(next as u8, b',' | b' ' | b'\r' | b'[' | b']') {
                record.named = true;
            } else if record.named {
                record.malformed = true;
            } else {
                record.name = record.name << 8 | next;
            }
        }
        if end == MODEL {
            self.shape.validate()?;
            *model = self.shape;
        }
        self.used = text.len() as u32;
        Ok(())
    }
}

/// Where floating point is emulated, by additions, which predictions need anyway. Only one of them rounds.
#[cfg_attr(any(target_arch = "riscv32", target_abi = "eabi"), inline(never))]
fn times_ten(x: f32) -> f32 {
    if cfg!(any(target_arch = "riscv32", target_abi = "eabi")) {
        let x2 = x + x;
        let x5 = x2 + x2 + x;
        x5 + x5
    } else {
        x * 10.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Arrays, Model, TreesHeader, TreesKind, TreesNode};
    use super::*;
    use proptest::prelude::*;
    use std::{format, string::String, vec, vec::Vec};

    /// Loads a text in blocks of a size, with room for so many of each; returns predictions for samples of one feature.
    fn load_and_predict(text: &str, block: usize, samples: &[i16]) -> Result<Vec<Vec<f32>>, Error> {
        const MAX: [u32; 3] = [4, 20, 20];
        let mut header = TreesHeader::new(&MAX);
        let (mut nodes, mut roots, mut leaves) = (
            vec![TreesNode::default(); MAX[1] as usize],
            vec![0; MAX[0] as usize],
            vec![0; MAX[2] as usize],
        );
        let mut loader = TreesLoader::default();
        loader.shape.place = 1;
        let mut rest = Vec::new();
        let mut blocks = text.as_bytes().chunks(block);
        let mut end = TreesEnd::More;
        while end != TreesEnd::Model {
            match blocks.next() {
                Some(block) => rest.extend_from_slice(block),
                None => end = TreesEnd::Model,
            }
            loop {
                let arrays = Arrays {
                    nodes: &mut nodes,
                    roots: &mut roots,
                    leaves: &mut leaves,
                };
                let header = &mut header;
                Model { header, arrays }.load(&mut loader, &rest, end)?;
                rest.drain(..loader.used as usize);
                if loader.leaf_bytes as usize <= leaves.len() {
                    break;
                }
                leaves = vec![0; loader.leaf_bytes as usize];
            }
        }
        assert!(rest.is_empty());
        header.leaf_bytes = leaves.len() as u32;
        let arrays = Arrays {
            nodes: &mut nodes,
            roots: &mut roots,
            leaves: &mut leaves,
        };
        let mut model = Model {
            header: &mut header,
            arrays,
        };
        let predict = |&sample: &i16| {
            let mut out = vec![0.0; model.header.shape.count(TreesKind::Outputs) as usize];
            model.predict(&[sample], &mut out).map(|()| out)
        };
        samples.iter().map(predict).collect()
    }

    fn decision(threshold: &str) -> String {
        format!("f,1\nc,2\nl,0\nl,1\nr,0\nn,0,{threshold},-1,-2\n")
    }

    proptest! {
        #[test]
        fn decides_as_the_real_threshold(t in prop_oneof![-40000.0..40000.0f64, -2.0..2.0f64, (-40000..40000i32).prop_map(f64::from)], sample: i16, scientific: bool) {
            let text = if scientific { format!("{t:e}") } else { format!("{t}") };
            let out = load_and_predict(&decision(&text), 7, &[sample]).unwrap();
            prop_assert_eq!(out[0][0] == 1.0, f64::from(sample) <= t);
        }

        #[test]
        fn values_are_within_an_ulp(value in prop_oneof![-1e9..1e9f64, -1.0..1.0f64]) {
            let text = format!("f,1\nc,0\nlb,32\nl,{value}\nr,0\nn,0,0,-1,-1\n");
            let out = load_and_predict(&text, 1000, &[0]).unwrap()[0][0];
            let exact = value as f32;
            // More than ten digits behind the point cost another rounding.
            prop_assert!((out - exact).abs() <= 2.0 * f32::EPSILON * exact.abs(), "{} {}", out, value);
        }

        #[test]
        fn blocks_of_any_size(block in 1..40usize) {
            let text = "f,1\r\nc,3\nlb,8\nl,[  0 255   0]\nl,[ 51\n   0 204]\n# note, 1\nr,0\nr,1\nn,0,0.5,1,-2\nn,0,-10.5,-1,-2";
            prop_assert_eq!(load_and_predict(text, block, &[-11, 0, 1]), load_and_predict(text, 1000, &[-11, 0, 1]));
            prop_assert!(load_and_predict(text, block, &[0]).is_ok());
        }

        #[test]
        fn any_text_is_refused_or_predicts(text in "([fclrn]|lb)?[,0-9eE.\\[\\] x\r\n-]{0,80}", block in 1..90usize) {
            let _ = load_and_predict(&text, block, &[0, i16::MIN, i16::MAX]);
        }

        #[test]
        fn any_change_of_a_model_is_refused_or_predicts(place in 0..100usize, byte: u8) {
            let mut text = "f,1\nc,3\nlb,8\nl,[  0 255   0]\nl,[ 51   0 204]\nr,0\nr,1\nn,0,0.5,1,-2\nn,0,-10.5,-1,-2\n".as_bytes().to_vec();
            let place = place % text.len();
            text[place] = byte & 0x7f;
            let _ = load_and_predict(core::str::from_utf8(&text).unwrap(), 16, &[0, i16::MIN, i16::MAX]);
        }
    }
}
