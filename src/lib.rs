//! Machine-learning and signal-processing kernels for microcontrollers.
//!
//! The caller owns all memory: kernels borrow slices, allocate nothing, keep no global state and never panic.
//! What comes from outside is validated once, where it enters; [`Error`] says what was wrong.
//! Each module is one algorithm and one MicroPython module of the same name; `ffi` is its C view.
//! Unsafe code is in `ffi` only.

#![no_std]
#![deny(unsafe_code)]
#![warn(missing_docs)]

#[cfg(test)]
extern crate std;

pub mod arrayutils;
pub mod cnn;
mod error;
pub mod extratrees;
pub mod ffi;
pub mod fft;
pub mod iir;
pub mod iir_q15;
pub mod kmeans;
pub mod linreg;
pub mod logreg;
mod math;
pub mod neighbors;
pub mod plsr;
pub mod trees;

pub use error::Error;
