//! The layers. In a valid plan every tensor and array is where it should be; otherwise a layer ends early.

use super::{
    Network,
    format::{Layer, Tensor, kind, part},
    number::Number,
};
use crate::{ffi::cnn::inner, math};
use core::cell::Cell;

/// A layer to be run.
pub struct Task<'a, T: Number> {
    pub network: &'a Network<'a, T>,
    pub layer: &'a Layer,
    pub finish: T::Finish,
    /// The biases of a convolution.
    pub biases: &'a [[u8; 4]],
    /// Where in the work buffer the outputs of a place begin.
    pub output: u32,
}

impl<T: Number> Task<'_, T> {
    pub fn run(&mut self) {
        match self.layer.kind {
            kind::RESHAPE => {}
            kind::POOL => self.pool(),
            kind::SOFTMAX => self.softmax(),
            kind::ADD => self.add(),
            _ => self.convolve(),
        }
    }

    #[inline(never)]
    fn pool(&self) {
        let (input, output) = (
            self.layer.input().values(self.network.work),
            self.layer.output().values(self.network.work),
        );
        for (channel, out) in output.iter().enumerate() {
            let mut sum = T::Sum::default();
            let mut n = 0;
            let mut at = channel;
            while let Some(value) = input.get(at) {
                sum = T::accumulate(sum, value.get());
                n += 1;
                at += output.len();
            }
            out.set(T::mean(&self.finish, sum, n));
        }
    }

    #[inline(never)]
    fn add(&self) {
        let layer = self.layer;
        let second = layer.second.quantum;
        let ratio = T::ratio(&self.finish, (second.scale / layer.input().place.quantum.scale).to_le_bytes());
        for i in 0..layer.output().len {
            let at = |offset: u32| self.network.work.get((offset + i) as usize);
            if let (Some(a), Some(b), Some(out)) = (
                at(layer.input().place.offset),
                at(layer.second.offset),
                at(layer.output().place.offset),
            ) {
                out.set(T::add(&self.finish, a.get(), b.get(), ratio, second.zero_point));
            }
        }
    }

    /// Over the channels of each place. Exponentials are taken twice, since int8 has no room to keep them.
    #[inline(never)]
    fn softmax(&self) {
        let layer = self.layer;
        let real = |value: &Cell<T>| value.get().to_real(layer.input().place.quantum);
        let mut place = 0;
        while place < layer.input().len {
            let input = part(self.network.work, layer.input().place.offset + place, layer.input().c);
            let output = part(self.network.work, layer.output().place.offset + place, layer.input().c);
            place += layer.input().c;
            let mut max = f32::NEG_INFINITY;
            for value in input {
                let value = real(value);
                if math::is_less(max, value) {
                    max = value;
                }
            }
            let power = |value| math::exp(real(value) - max);
            let mut sum = 0.0;
            for value in input {
                sum += power(value);
            }
            for (value, out) in input.iter().zip(output) {
                out.set(T::from_real(power(value) / sum, layer.output().place.quantum));
            }
        }
    }

    /// For each place of the output, the patch of the input that the kernel sees there is put in the order of the weights.
    #[inline(never)]
    fn convolve(&mut self) {
        let layer = self.layer;
        let channels = layer.output().c;
        let mut scale = layer.arrays[0];
        for ratio in self.network.ratios.iter().take(channels as usize) {
            if let Some(bytes) = part(self.network.model, scale, 4).first_chunk() {
                ratio.set(T::ratio(&self.finish, *bytes));
            }
            scale += layer.scale_step;
        }
        self.biases = part(self.network.model, layer.arrays[2], 4 * channels).as_chunks().0;
        self.output = layer.output().place.offset;
        for y in 0..layer.output().h {
            for x in 0..layer.output().w {
                let [_, _, stride_w, stride_h] = layer.geometry;
                let [top, left] = [y * u32::from(stride_h), x * u32::from(stride_w)];
                let mut patch = self.network.patch;
                if layer.gathers == 0 {
                    patch = layer.input().place.offset + (top * layer.input().w + left) * layer.input().c;
                } else {
                    self.gather(top, left);
                }
                self.place(patch);
                self.output += channels;
            }
        }
    }

    /// All output channels of one place, two at a time.
    #[inline(never)]
    fn place(&self, mut patch: u32) {
        let layer = self.layer;
        let kernel_size = layer.kernel_len * size_of::<T>() as u32;
        let mut kernels = layer.arrays[1];
        let mut channel = 0;
        while channel < layer.output().c {
            let values = part(self.network.work, patch, layer.kernel_len);
            patch += layer.kernel_len;
            let end = channel + layer.group_outputs;
            while channel < end {
                let (first, second) = T::dot(values, self.network.model.get(kernels as usize..).unwrap_or_default());
                kernels += kernel_size;
                self.set(channel, first);
                channel += 1;
                if channel < end {
                    kernels += kernel_size;
                    self.set(channel, second);
                    channel += 1;
                }
            }
        }
    }

    /// An output of a place.
    #[inline(never)]
    fn set(&self, channel: u32, sum: T::Sum) {
        let (index, output) = (channel as usize, (self.output + channel) as usize);
        if let (Some(out), Some(bias), Some(ratio)) = (
            self.network.work.get(output),
            self.biases.get(index),
            self.network.ratios.get(index),
        ) {
            out.set(T::output(&self.finish, T::add_bias(sum, *bias), ratio.get()));
        }
    }

    /// Copies a patch, channel by channel, row by row. What lies outside the input counts as zero.
    #[inline(never)]
    fn gather(&self, top: u32, left: u32) {
        let layer = self.layer;
        let &Tensor { h, w, c, .. } = layer.input();
        let [pad_top, _, pad_left, _] = layer.padding;
        let [kernel_w, kernel_h, ..] = layer.geometry;
        let [kernel_w, kernel_h] = [u32::from(kernel_w), u32::from(kernel_h)];
        let kernel = kernel_w * kernel_h;
        let rows = Inside::new(top, pad_top, kernel_h, h);
        let columns = Inside::new(left, pad_left, kernel_w, w);
        if rows.len * columns.len < kernel {
            let zero = T::zero(layer.input().place.quantum);
            for value in part(self.network.work, self.network.patch, kernel * c) {
                value.set(zero);
            }
        }
        // A run is values that lie side by side in the input, `step` apart in the patch. With one channel a row is a run.
        let (n_runs, run, step) = if c == 1 {
            (1, columns.len as u16, 1)
        } else {
            (columns.len as u16, c as u16, kernel as u16)
        };
        for row in 0..rows.len {
            let from = layer.input().place.offset + ((rows.at + row) * w + columns.at) * c;
            let to = self.network.patch + (rows.start + row) * kernel_w + columns.start;
            inner::spread(self.network.work, from, [n_runs, run], self.network.work, to, step);
        }
    }
}

/// The part of a kernel that lies inside the input, along one axis.
struct Inside {
    /// Where in the kernel it begins.
    start: u32,
    /// Where in the input it begins.
    at: u32,
    len: u32,
}

impl Inside {
    #[inline(never)]
    fn new(start: u32, pad: u8, kernel: u32, len: u32) -> Inside {
        let pad = u32::from(pad);
        let first = pad.saturating_sub(start).min(kernel);
        let end = (len + pad).saturating_sub(start).min(kernel);
        Inside {
            start: first,
            at: (start + first).wrapping_sub(pad),
            len: end.saturating_sub(first),
        }
    }
}
