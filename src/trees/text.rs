//! The text format of trees models, read in blocks of any size.

use super::{Arrays, Model, TreesShape, record};
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
    fields: [i32; 4],
    number: TreesNumber,
    /// The number's power of ten, what follows an `e`.
    power: TreesNumber,
}

impl TreesLoader {
    /// Reads on. `end` is what ends with the text: 0 nothing, 1 a line, 2 the model, which is valid then.
    ///
    /// If `used` is less than the length of `text` afterwards, the model needs `leaf_bytes` bytes of leaves before the rest can
    /// be fed. After an error the model is as it was.
    pub fn feed(&mut self, model: &mut Model, text: &[u8], end: u32) -> Result<(), Error> {
        let shape = &model.header.shape;
        // The caller may have used the model since.
        if (shape.trees.count | shape.nodes.count | shape.leaves.count) != 0 {
            return Err(Error::NOT_EMPTY);
        }
        let mut rest = text.iter();
        while self.leaf_bytes <= model.header.leaf_bytes {
            let Some(&byte) = rest.next() else { break };
            self.push(model, byte)?;
        }
        self.used = (text.len() - rest.len()) as u32;
        if end == 0 || !rest.as_slice().is_empty() {
            return Ok(());
        }
        if text.last() != Some(&b'\n') {
            self.separate(model, b'\n')?;
        }
        if end == 2 {
            if self.line.in_list {
                return Err(Error::MALFORMED);
            }
            self.shape.validate()?;
            model.header.shape = self.shape;
        }
        Ok(())
    }

    /// Takes a character.
    fn push(&mut self, model: &mut Model, byte: u8) -> Result<(), Error> {
        let line = &mut self.line;
        if !line.named {
            if byte <= b',' {
                return self.separate(model, byte);
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
            return self.separate(model, byte);
        };
        line.malformed |= !good;
        Ok(())
    }

    /// Takes a character that is part of neither a name nor a number.
    #[inline(never)]
    fn separate(&mut self, model: &mut Model, byte: u8) -> Result<(), Error> {
        if self.number.seen != 0 {
            self.field(&mut model.arrays)?;
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
                    model.arrays.add(&mut self.shape, line.name, &self.fields, good)?;
                    *line = TreesLine::default();
                    let value_size = if self.shape.leaf_bits == 32 { 4 } else { 1 };
                    self.leaf_bytes = model.header.max[2] * self.shape.leaf_len() * value_size;
                }
                self.shape.place += 1;
            }
            b' ' | b'\r' => {}
            _ => line.malformed = true,
        }
        Ok(())
    }

    /// Takes the number that has just ended.
    fn field(&mut self, arrays: &mut Arrays) -> Result<(), Error> {
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
                power *= 10.0;
            } else if exponent > 0 {
                exponent -= 1;
                if value.abs() < DIGITS_LIMIT {
                    value *= 10;
                }
                real *= 10.0;
            } else {
                break;
            }
        }
        real /= power;
        let field = line.n_fields;
        line.n_fields += 1;
        if line.name == record::LEAF {
            if self.shape.leaf_bits == 32 {
                value = real.to_bits() as i32;
            }
            return arrays.add_to_leaf(&mut self.shape, value as u32);
        }
        if let Some(slot) = self.fields.get_mut(field as usize) {
            *slot = value;
        }
        Ok(())
    }
}
