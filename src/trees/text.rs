//! The text format of trees models, read in blocks of any size.

use super::{Model, TreesShape, record};
use crate::Error;

/// A number as it is read: `mantissa * 10^exponent`.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub struct TreesNumber {
    /// The first nine significant digits, more than float32 has.
    mantissa: i32,
    exponent: i32,
    digits: bool,
    negative: bool,
    point: bool,
}

const MANTISSA_LIMIT: i32 = 100_000_000;

impl TreesNumber {
    fn signed(&self) -> i32 {
        if self.negative { -self.mantissa } else { self.mantissa }
    }
}

/// A load in progress: begun as zeros, then [`TreesLoader::feed`] until an empty text ends it.
///
/// Until then the model stays empty.
#[repr(C)]
#[derive(Default)]
pub struct TreesLoader {
    /// The model's shape when the load has finished.
    pub shape: TreesShape,
    /// Size in bytes of the leaf array that the model must have.
    pub leaf_bytes: u32,
    /// The number being read, or its power of ten, and what stands before that.
    number: TreesNumber,
    base: TreesNumber,
    fields: [i32; 4],
    /// Numbers read in this line.
    n_fields: u32,
    /// The line's name, its last character lowest.
    name: u32,
    named: bool,
    in_number: bool,
    has_power: bool,
    /// Inside brackets a line goes on.
    in_list: bool,
}

impl TreesLoader {
    /// Reads on, and returns how much of `text` was used. If not all was, the model needs `leaf_bytes` bytes of
    /// leaves before the rest can be fed. An empty text ends the load: the model is valid, or as it was.
    pub fn feed(&mut self, model: &mut Model, text: &[u8]) -> Result<usize, Error> {
        let shape = &mut model.header.shape;
        // The caller may have used the model since.
        if (shape.n_trees | shape.n_nodes | shape.n_leaves) != 0 {
            return Err(Error::NOT_EMPTY);
        }
        if text.is_empty() {
            self.push(model, b'\n')?;
            self.shape.validate()?;
            model.header.shape = self.shape;
        }
        for (used, &byte) in text.iter().enumerate() {
            if self.name == record::LEAF && self.leaf_bytes as usize > model.arrays.leaves.len() {
                return Ok(used);
            }
            self.push(model, byte)?;
        }
        Ok(text.len())
    }

    #[inline(never)]
    fn push(&mut self, model: &mut Model, byte: u8) -> Result<(), Error> {
        if !matches!(byte, b'\n' | b' ' | b'\r' | b',' | b'[' | b']') {
            if !self.named {
                self.name = self.name << 8 | u32::from(byte);
                return Ok(());
            }
            self.in_number = true;
            let number = &mut self.number;
            let digit = i32::from(byte) - i32::from(b'0');
            let good = match byte {
                b'0'..=b'9' => {
                    number.digits = true;
                    if number.mantissa < MANTISSA_LIMIT {
                        number.mantissa = number.mantissa * 10 + digit;
                        number.exponent -= i32::from(number.point);
                    } else {
                        // An odd last digit keeps the number from looking rounder than it is.
                        number.mantissa |= i32::from(digit != 0);
                        number.exponent += i32::from(!number.point);
                    }
                    true
                }
                b'.' => {
                    number.point = true;
                    !self.has_power
                }
                b'e' => {
                    self.base = core::mem::take(number);
                    self.has_power = true;
                    self.base.digits
                }
                b'-' => {
                    number.negative = true;
                    !number.digits
                }
                b'+' => !number.digits,
                _ => false,
            };
            return if good || self.name == 0 { Ok(()) } else { Err(Error::MALFORMED) };
        }
        self.named = true;
        if core::mem::take(&mut self.in_number) {
            self.field(model)?;
        }
        self.in_list = (self.in_list | (byte == b'[')) & (byte != b']');
        if byte == b'\n' {
            self.shape.place += 1;
            if !self.in_list && self.name != 0 {
                self.record(model)?;
            }
        }
        Ok(())
    }

    /// Takes the number that has just ended.
    #[inline(never)]
    fn field(&mut self, model: &mut Model) -> Result<(), Error> {
        let number = core::mem::take(&mut self.number);
        let (mut value, mut exponent) = (number.signed(), number.exponent);
        if core::mem::take(&mut self.has_power) {
            exponent = self.base.exponent + value;
            value = self.base.signed();
        }
        let mantissa = value as f32;
        let mut power = 1.0;
        for _ in 0..exponent.abs().min(40) {
            value = if exponent < 0 {
                value.div_euclid(10)
            } else {
                value.saturating_mul(10)
            };
            power *= 10.0;
        }
        let mut width = 1;
        let mut bits = value as u32;
        if self.shape.leaf_bits == 32 {
            width = 4;
            bits = if exponent < 0 { mantissa / power } else { mantissa * power }.to_bits();
        }
        let field = self.n_fields;
        self.n_fields += 1;
        if self.name == record::LEAF && self.shape.leaf_bits != 0 {
            let index = self.shape.n_leaves * self.shape.leaf_size() + field;
            let leaf = model.arrays.leaves.get_mut(index as usize..).unwrap_or_default();
            if width == 1 && bits > 255 {
                return Err(Error::MALFORMED);
            }
            for (slot, byte) in leaf.iter_mut().take(width).zip(bits.to_le_bytes()) {
                *slot = byte;
            }
        } else if let Some(slot) = self.fields.get_mut(field as usize) {
            *slot = value;
        }
        Ok(())
    }

    /// Takes the line that has just ended.
    #[inline(never)]
    fn record(&mut self, model: &mut Model) -> Result<(), Error> {
        let mut expected = 1;
        let soft_leaf = self.name == record::LEAF && self.shape.leaf_bits != 0;
        if self.name == record::NODE {
            expected = 4;
        }
        if soft_leaf && self.shape.leaf_bits != 32 {
            expected = self.shape.n_outputs;
        }
        if self.n_fields != expected {
            return Err(Error::MALFORMED);
        }
        if soft_leaf {
            self.shape.n_leaves += 1;
        } else {
            model.arrays.add(&mut self.shape, self.name, &self.fields)?;
        }
        (self.named, self.name, self.n_fields) = (false, 0, 0);
        self.leaf_bytes = self.shape.leaf_size() * model.header.max_leaves;
        Ok(())
    }
}
