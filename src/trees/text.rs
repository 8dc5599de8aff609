//! The text format of trees models, read in blocks of any size.

use super::{Storage, TreesShape, add_to_leaf, add_to_shape, record};
use crate::Error;

/// What has been read of a number or of its power of ten: `digits * 10^exponent`, signed.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub struct TreesNumber {
    /// The first nine significant digits, more than float32 has.
    digits: i32,
    exponent: i32,
    /// 0 at the start, then bits of what there was.
    seen: u32,
}

const DIGITS_LIMIT: i32 = 100_000_000;
/// Powers of ten beyond which all numbers are zero or infinite, nine digits before the point included.
const MAX_STEPS: u32 = 60;
const DIGIT: u32 = 0x40;
const POINT: u32 = 0x80;
const POWER: u32 = 0x100;
/// The bit in which the characters of the two signs differ.
const MINUS: u32 = 0x04;

impl TreesNumber {
    #[inline(never)]
    fn signed(&self) -> i32 {
        if self.seen & MINUS != 0 { -self.digits } else { self.digits }
    }
}

/// What has been read of a line.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub struct TreesLine {
    /// The record's name, its last character lowest.
    name: u32,
    /// Numbers after it.
    n_fields: u32,
    fields: [i32; 4],
    /// The name has ended.
    named: bool,
    /// There was no number since the last comma.
    empty: bool,
    malformed: bool,
    /// Inside brackets a record goes on in the next line.
    in_list: bool,
}

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
    line: TreesLine,
    number: TreesNumber,
    /// The number's power of ten, what follows an `e`.
    power: TreesNumber,
}

impl TreesLoader {
    /// Reads on. `end` is what ends with the text: 0 nothing, 1 a line, 2 the model, which is valid then.
    ///
    /// If `used` is less than the length of `text` afterwards, the model needs `leaf_bytes` bytes of leaves before the rest can
    /// be fed. After an error the model is as it was.
    pub fn feed(&mut self, storage: &mut impl Storage, text: &[u8], end: u32) -> Result<(), Error> {
        let shape = &storage.header().shape;
        // The caller may have used the model since.
        if (shape.trees.count | shape.nodes.count | shape.leaves.count) != 0 {
            return Err(Error::NOT_EMPTY);
        }
        let mut rest = text.iter();
        while self.leaf_bytes <= storage.header().leaf_bytes {
            let Some(&byte) = rest.next() else { break };
            self.push(storage, byte)?;
        }
        self.used = (text.len() - rest.len()) as u32;
        if end == 0 || !rest.as_slice().is_empty() {
            return Ok(());
        }
        if text.last() != Some(&b'\n') {
            self.separate(storage, b'\n')?;
        }
        if end == 2 {
            if self.line.in_list {
                return Err(Error::MALFORMED);
            }
            self.shape.validate()?;
            storage.header().shape = self.shape;
        }
        Ok(())
    }

    /// Takes a character.
    fn push(&mut self, storage: &mut impl Storage, byte: u8) -> Result<(), Error> {
        let line = &mut self.line;
        if !line.named {
            if byte <= b',' {
                return self.separate(storage, byte);
            }
            line.name = line.name << 8 | u32::from(byte);
            return Ok(());
        }
        let base = self.number.seen;
        let number = if base & POWER != 0 { &mut self.power } else { &mut self.number };
        let seen = number.seen;
        let digit = i32::from(byte) - i32::from(b'0');
        let good = if (0..10).contains(&digit) {
            number.seen |= DIGIT;
            if number.digits < DIGITS_LIMIT {
                number.digits = number.digits * 10 + digit;
                number.exponent -= 1;
            } else {
                // An odd last digit keeps the number from looking rounder than it is.
                number.digits |= i32::from(digit != 0);
            }
            if seen & POINT == 0 {
                number.exponent += 1;
            }
            return Ok(());
        } else if byte == b'.' {
            number.seen |= POINT;
            base & (POINT | POWER) == 0
        } else if byte == b'e' {
            number.seen |= POWER;
            base & (DIGIT | POWER) == DIGIT
        } else if byte == b'-' || byte == b'+' {
            number.seen |= u32::from(byte);
            seen == 0
        } else {
            return self.separate(storage, byte);
        };
        line.malformed |= !good;
        Ok(())
    }

    /// Takes a character that is part of neither a name nor a number.
    #[inline(never)]
    fn separate(&mut self, storage: &mut impl Storage, byte: u8) -> Result<(), Error> {
        if self.number.seen != 0 {
            self.field(storage)?;
        }
        let line = &mut self.line;
        match byte {
            b'[' => line.in_list = line.name == record::LEAF,
            b']' => line.in_list = false,
            b',' => {
                line.malformed |= line.empty;
                line.empty = true;
                line.named = true;
            }
            b'\n' => {
                if !line.in_list {
                    let expected = match line.name {
                        record::NODE => 4,
                        record::LEAF => self.shape.leaf_len(),
                        _ => 1,
                    };
                    let good = line.n_fields == expected && !line.malformed && !line.empty;
                    add_to_shape(storage, &mut self.shape, line.name, &line.fields, good)?;
                    *line = TreesLine::default();
                    let value_size = if self.shape.leaf_bits == 32 { 4 } else { 1 };
                    self.leaf_bytes = storage.header().max[2] * self.shape.leaf_len() * value_size;
                }
                self.shape.place += 1;
            }
            b' ' | b'\r' => {}
            _ => line.malformed = true,
        }
        Ok(())
    }

    /// Takes the number that has just ended.
    fn field(&mut self, storage: &mut impl Storage) -> Result<(), Error> {
        let mut exponent = self.number.exponent + self.power.signed();
        let mut value = self.number.signed();
        let last = if self.number.seen & POWER != 0 { &self.power } else { &self.number };
        let line = &mut self.line;
        line.malformed |= last.seen & DIGIT == 0;
        line.empty = false;
        (self.number, self.power) = Default::default();
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
        let field = line.n_fields;
        line.n_fields += 1;
        if line.name == record::LEAF && self.shape.leaf_bits != 0 {
            if self.shape.leaf_bits == 32 {
                value = real.to_bits() as i32;
            }
            return add_to_leaf(storage, &mut self.shape, value as u32);
        }
        if let Some(slot) = line.fields.get_mut(field as usize) {
            *slot = value;
        }
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
    use super::super::{Arrays, Model, TreesHeader, TreesNode};
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
        let mut feed = |text: &[u8], end| {
            let mut rest = text;
            loop {
                let arrays = Arrays {
                    nodes: &mut nodes,
                    roots: &mut roots,
                    leaves: &mut leaves,
                };
                loader.feed(
                    &mut Model {
                        header: &mut header,
                        arrays,
                    },
                    rest,
                    end,
                )?;
                rest = &rest[loader.used as usize..];
                if rest.is_empty() {
                    return Ok(());
                }
                assert!(loader.leaf_bytes > header.leaf_bytes);
                header.leaf_bytes = loader.leaf_bytes;
                leaves.resize(loader.leaf_bytes as usize, 0);
            }
        };
        for block in text.as_bytes().chunks(block) {
            feed(block, 0)?;
        }
        feed(&[], 2)?;
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
            let mut out = vec![0.0; model.header.shape.outputs.count as usize];
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
