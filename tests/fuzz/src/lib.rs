//! Kernels with whatever bytes, called through their C view as the glue calls them.
//!
//! Every array and state lies in a block of exactly its size, so that a sanitizer sees each access outside; without one, what
//! lies behind a block is compared afterwards. What a call may be given is up to the glue's checks, so the drivers
//! here check as much and no more.

use emlearn::ffi::{
    Status, arrayutils::*, cnn_fp32::*, cnn_int8::*, extratrees::*, fft::*, iir::*, iir_q15::*, kmeans::*, linreg::*, logreg::*,
    neighbors::*, plsr::*, trees::*,
};
use emlearn::{
    arrayutils::{ArrayutilsItems, ArrayutilsMap},
    cnn::{CnnHeader, CnnSize},
    extratrees::ExtratreesSettings,
    kmeans::KmeansFound,
    logreg::LogregHeader,
    neighbors::{NeighborsHeader, NeighborsResult},
    plsr::PlsrHeader,
    trees::{TreesEnd, TreesKind, TreesLoader},
};
use std::{
    alloc::{Layout, alloc, dealloc, handle_alloc_error},
    cell::Cell,
    ptr,
};

/// What lies behind a block.
const GUARD: [u8; 16] = *b"nobody writes it";

/// Memory of exactly so many bytes, on which it begins aligned as on MicroPython's heap, or misaligned by some bytes.
pub struct Block {
    start: *mut u8,
    size: usize,
    offset: usize,
}

impl Block {
    fn layout(&self) -> Layout {
        // Under a sanitizer nothing may be behind it.
        let guard = if cfg!(fuzzing) { 0 } else { GUARD.len() };
        Layout::from_size_align((self.offset + self.size + guard).max(1), 16).expect("blocks are small")
    }

    /// Filled with the byte, as old memory is with anything.
    pub fn new(size: usize, offset: usize, fill: u8) -> Block {
        let mut block = Block {
            start: ptr::null_mut(),
            size,
            offset,
        };
        let layout = block.layout();
        // SAFETY: the layout is not empty; the guard is within it.
        unsafe {
            block.start = alloc(layout);
            if block.start.is_null() {
                handle_alloc_error(layout);
            }
            block.bytes::<u8>().write_bytes(fill, size);
            if !cfg!(fuzzing) {
                block.bytes::<[u8; 16]>().byte_add(size).write_unaligned(GUARD);
            }
        }
        block
    }

    pub fn from<T: Copy>(values: &[T], offset: usize) -> Block {
        let block = Block::new(size_of_val(values), offset, 0);
        // SAFETY: the block has as many bytes.
        unsafe { block.bytes::<u8>().copy_from(values.as_ptr().cast(), block.size) };
        block
    }

    pub fn bytes<T>(&self) -> *mut T {
        // SAFETY: the offset is part of it.
        unsafe { self.start.add(self.offset).cast() }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: made with this layout.
        unsafe {
            if !cfg!(fuzzing) {
                assert_eq!(
                    self.bytes::<[u8; 16]>().byte_add(self.size).read_unaligned(),
                    GUARD,
                    "wrote out of bounds"
                );
            }
            dealloc(self.start, self.layout());
        }
    }
}

/// Bytes to take arguments from; zeros when they are used up.
pub struct Bytes<'a>(pub &'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> u8 {
        let (&first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        first
    }

    fn short(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    fn float(&mut self) -> f32 {
        f32::from_bits(u32::from(self.short()) | u32::from(self.short()) << 16)
    }

    /// A length that is mostly small.
    fn len(&mut self) -> usize {
        let byte = self.byte();
        if byte == 255 { self.short() as usize } else { (byte & 31).into() }
    }

    fn list<T>(&mut self, n: usize, item: impl Fn(&mut Self) -> T) -> Vec<T> {
        (0..n).map(|_| item(self)).collect()
    }

    fn shorts(&mut self, n: usize) -> Vec<i16> {
        self.list(n, |bytes| bytes.short() as i16)
    }

    fn floats(&mut self, n: usize) -> Vec<f32> {
        self.list(n, Self::float)
    }
}

/// Functions of a network of one type.
type Size = unsafe extern "C" fn(*const u8, usize, &mut CnnSize) -> Status;
type Init = unsafe extern "C" fn(*mut CnnHeader, &CnnSize, *const u8, usize) -> Status;
type Run = unsafe extern "C" fn(*mut CnnHeader, *const u8, *const u8, *mut f32);

/// Networks with more memory, or more inputs times outputs, are loaded but not run.
const MAX_MEMORY: usize = 1 << 16;

/// Loads a model and runs it; whether it was accepted.
pub fn cnn(model: &[u8], is_float: bool, offset: usize) -> bool {
    let (size_of, init, run): (Size, Init, Run) = if is_float {
        (eml_cnn_fp32_size, eml_cnn_fp32_init, eml_cnn_fp32_run)
    } else {
        (eml_cnn_int8_size, eml_cnn_int8_init, eml_cnn_int8_run)
    };
    let block = Block::from(model, offset);
    let mut size = CnnSize::default();
    // SAFETY: as `emlearn_cnn_*.c` does it.
    unsafe {
        if !size_of(block.bytes(), model.len(), &mut size).is_null() {
            return false;
        }
        let state_block = Block::new(size.bytes, 0, 0xa5);
        let state = state_block.bytes::<CnnHeader>();
        if !init(state, &size, block.bytes(), model.len()).is_null() {
            return false;
        }
        let header = &mut *state;
        if header.memory_size <= MAX_MEMORY {
            let memory = Block::new(header.memory_size, 0, 0);
            header.memory = memory.bytes();
            let input = Block::new(header.input_len as usize, 1, 0x77);
            let out = Block::new(header.output_len as usize * 4, 0, 0);
            run(state, block.bytes(), input.bytes(), out.bytes());
            // Whatever becomes of the model's content later.
            block.bytes::<u8>().write_bytes(0x81, model.len());
            run(state, block.bytes(), input.bytes(), out.bytes());
        }
    }
    true
}

/// Loads a model from blocks of text and predicts a few samples; whether it was accepted. `max` are trees, nodes and leaves.
pub fn trees(text: &[u8], block: usize, max: [u32; 3]) -> bool {
    // SAFETY: as `emlearn_trees.c` does it.
    unsafe {
        let mut leaves = Block::new(max[2] as usize, 0, 0xa5);
        let memory = Block::new(eml_trees_size(&max), 0, 0xa5);
        let state = memory.bytes::<TreesState>();
        eml_trees_init(state, &max, leaves.bytes());
        let mut loader = TreesLoader::default();
        loader.shape.place = 1;
        let mut rest = Vec::new();
        let blocks = text
            .chunks(block.max(1))
            .map(|text| (text, TreesEnd::More))
            .chain([(&[][..], TreesEnd::Model)]);
        for (text, end) in blocks {
            rest.extend_from_slice(text);
            loop {
                let text_block = Block::from(&rest, 0);
                if !eml_trees_load(state, &mut loader, text_block.bytes(), rest.len(), end).is_null() {
                    return false;
                }
                rest.drain(..loader.used as usize);
                if loader.leaf_bytes <= (*state).header.leaf_bytes {
                    break;
                }
                leaves = Block::new(loader.leaf_bytes as usize, 0, 0xa5);
                (*state).leaves = leaves.bytes();
                (*state).header.leaf_bytes = loader.leaf_bytes;
            }
        }
        let shape = (*state).header.shape;
        for value in [0, 1, -1, i16::MIN, i16::MAX] {
            let features = Block::from(&vec![value; shape.count(TreesKind::Features) as usize], 0);
            let out = Block::new(shape.count(TreesKind::Outputs) as usize * 4, 0, 0);
            eml_trees_predict(state, features.bytes(), out.bytes());
        }
    }
    true
}

/// A model that is built by calls in any order and with any numbers, then predicts.
fn trees_by_calls(bytes: &mut Bytes) {
    let max = [bytes.len() as u32 + 1, bytes.len() as u32 + 1, bytes.len() as u32 + 1];
    // SAFETY: as `emlearn_trees.c` does it.
    unsafe {
        let leaves = Block::new(max[2] as usize, 0, 0xa5);
        let memory = Block::new(eml_trees_size(&max), 0, 0xa5);
        let state = memory.bytes::<TreesState>();
        eml_trees_init(state, &max, leaves.bytes());
        while !bytes.0.is_empty() {
            let name = [b'n', b'r', b'l', b'f', b'n', b'n', b'?', b'c'][usize::from(bytes.byte() & 7)];
            let number = |bytes: &mut Bytes| match bytes.byte() {
                255 => i32::from(bytes.short()),
                254 => -i32::from(bytes.short()),
                small => i32::from(small as i8),
            };
            let fields = [number(bytes), number(bytes), number(bytes), number(bytes)];
            eml_trees_add(state, name.into(), &fields);
        }
        let features = Block::new((*state).header.shape.count(TreesKind::Features) as usize * 2, 0, 3);
        let out = Block::new((*state).header.shape.count(TreesKind::Outputs) as usize * 4, 0, 0);
        eml_trees_predict(state, features.bytes(), out.bytes());
    }
}

fn extratrees(bytes: &mut Bytes) {
    let count = |bytes: &mut Bytes| match bytes.byte() {
        255 => u32::from(bytes.short()).max(1),
        small => u32::from(small & 15) + 1,
    };
    let part = |bytes: &mut Bytes| u32::from(bytes.short()) + u32::from(bytes.byte() & 1);
    let settings = ExtratreesSettings {
        n_features: count(bytes).min(1 << 14),
        n_classes: count(bytes).min(256),
        n_trees: count(bytes),
        max_depth: count(bytes),
        min_samples_leaf: count(bytes),
        // More only take longer.
        n_thresholds: count(bytes).min(40),
        max_nodes: count(bytes),
        max_samples: count(bytes),
        rng_seed: bytes.short().into(),
        use_global_feature_range: bytes.byte() & 1 != 0,
        subsample: part(bytes),
        feature_subsample: part(bytes),
    };
    let (n_features, n_classes) = (settings.n_features as usize, settings.n_classes as u16);
    let memory = Block::new(eml_extratrees_size(&settings), 0, 0xa5);
    let state: *mut ExtratreesState = memory.bytes();
    // SAFETY: as `emlearn_extratrees.c` does it.
    unsafe {
        eml_extratrees_init(state, &settings);
        let mut data = [Block::new(0, 0, 0), Block::new(0, 0, 0)];
        let (mut x_len, mut y_len) = (0, 0);
        for _ in 0..100 {
            let what = bytes.byte();
            if what & 3 == 0 {
                y_len = bytes.len();
                let exact = bytes.byte() != 255;
                x_len = if exact { (y_len * n_features).min(1 << 16) } else { bytes.len() };
                let labels = bytes.list(y_len, |bytes| if exact { bytes.short() % n_classes } else { bytes.short() } as i16);
                data = [Block::from(&bytes.shorts(x_len), 0), Block::from(&labels, 0)];
            }
            let [x, y] = &data;
            if what & 4 == 0 {
                eml_extratrees_train_init(state, x.bytes(), x_len, y.bytes(), y_len);
            }
            let mut is_trained = false;
            for _ in 0..usize::from(what >> 3) * 8 {
                eml_extratrees_train_step(state, x.bytes(), x_len, y.bytes(), y_len, &mut is_trained);
            }
            let features = Block::from(&bytes.shorts(n_features), 0);
            let probabilities = Block::new(settings.n_classes as usize * 4, 0, 0);
            let mut class = 0;
            if eml_extratrees_predict(state, features.bytes(), probabilities.bytes(), &mut class).is_null() {
                assert!(class < settings.n_classes);
            }
            let (mut root, mut node) = (0, [0; 4]);
            for index in 0..20 {
                eml_extratrees_root(state, index, &mut root);
                eml_extratrees_node(state, index, &mut node);
            }
            if bytes.0.is_empty() {
                break;
            }
        }
    }
}

fn fft(bytes: &mut Bytes) {
    let n = match bytes.byte() {
        byte @ 0..200 => 1usize.wrapping_shl(u32::from(byte) % 40),
        byte => byte.into(),
    };
    let mut size = 0;
    if !eml_fft_size(n, &mut size).is_null() || n > 4096 {
        return;
    }
    let state = Block::new(size, 0, 0xa5);
    let (re, im) = (Block::from(&bytes.floats(n), 0), Block::from(&bytes.floats(n), 0));
    // SAFETY: as `emlearn_fft.c` does it.
    unsafe {
        eml_fft_init(state.bytes(), n as u32);
        eml_fft_run(state.bytes(), re.bytes(), im.bytes());
    }
}

fn iir(bytes: &mut Bytes) {
    let n = bytes.len();
    let coefficients: Vec<f32> = (0..n).map(|i| if i % 6 == 3 { 1.0 } else { bytes.float() }).collect();
    let block = Block::from(&coefficients, 0);
    let state = Block::new(eml_iir_size(n), 0, 0xa5);
    // SAFETY: as `emlearn_iir.c` does it.
    unsafe {
        if eml_iir_init(state.bytes(), block.bytes(), n).is_null() {
            for _ in 0..2 {
                let n = bytes.len();
                eml_iir_run(state.bytes(), Block::from(&bytes.floats(n), 0).bytes(), n);
            }
        }
    }
}

fn iir_q15(bytes: &mut Bytes) {
    let n = bytes.len();
    let coefficients: Vec<i16> = (0..n).map(|i| if i % 6 == 1 { 0 } else { bytes.short() as i16 }).collect();
    let block = Block::from(&coefficients, 0);
    let state = Block::new(eml_iir_q15_size(n), 0, 0xa5);
    // SAFETY: as `emlearn_iir_q15.c` does it.
    unsafe {
        if eml_iir_q15_init(state.bytes(), block.bytes(), n).is_null() {
            for _ in 0..2 {
                let n = bytes.len();
                eml_iir_q15_run(state.bytes(), Block::from(&bytes.shorts(n), 0).bytes(), n);
            }
        }
    }
}

fn kmeans(bytes: &mut Bytes) {
    let features = if bytes.byte() == 0 {
        usize::from(bytes.short()) << 16
    } else {
        bytes.len()
    };
    let [clusters, samples] = [bytes.len().min(999), bytes.len().min(9999)];
    let exact = bytes.byte();
    let size = |n: usize, bit: u8| {
        if exact & bit == 0 {
            n.saturating_mul(features).min(4096)
        } else {
            n
        }
    };
    let mut array = |n: usize, offset: usize| Block::from(&bytes.list(n, Bytes::byte), offset);
    let (values, centroids) = (array(size(samples, 1), 1), array(size(clusters, 2), 3));
    let assignments = array(if exact & 4 == 0 { samples } else { clusters }, 0);
    let max_clusters = if exact & 8 == 0 { 255 } else { usize::MAX };
    // It is what the glue has of an array: `eml_KmeansBytes` is MicroPython's `mp_buffer_info_t`.
    #[repr(C)]
    struct Info(*mut u8, usize, i32);
    let info = |block: &Block| Info(block.bytes(), block.size, 0);
    let same = exact & 16 != 0;
    let arrays = [info(&values), info(&centroids), info(if same { &values } else { &assignments })];
    for moves in [false, true, false] {
        let mut found = KmeansFound::default();
        // SAFETY: the arrays are what they say; assignments may share memory.
        unsafe { eml_kmeans_step(&*(&raw const arrays).cast(), features, max_clusters, moves, &mut found) };
    }
}

fn linreg(bytes: &mut Bytes) {
    let n = bytes.len() as u32 + 1;
    let state = Block::new(eml_linreg_size(n), 0, 0xa5);
    let rows = bytes.len().min((1 << 16) / n as usize);
    let exact = bytes.byte() != 0;
    let parameters = [bytes.float(), bytes.float(), bytes.float()];
    let x_len = if exact { rows * n as usize } else { bytes.len() };
    let (x, y) = (Block::from(&bytes.floats(x_len), 0), Block::from(&bytes.floats(rows), 0));
    let mut mean = 0.0;
    // SAFETY: as `emlearn_linreg.c` does it.
    unsafe {
        eml_linreg_init(state.bytes(), n, &parameters);
        for is_step in [true, false, true] {
            eml_linreg_run(state.bytes(), x.bytes(), x_len, y.bytes(), rows, is_step, &mut mean);
        }
        if x_len >= n as usize {
            eml_linreg_predict(state.bytes(), x.bytes(), &mut mean);
        }
    }
}

fn logreg(bytes: &mut Bytes) {
    let (n_features, n_classes) = (bytes.len() + 1, bytes.len().min(253) + 2);
    let size = eml_logreg_size(n_features as u32, n_classes as u32);
    if size > 1 << 20 {
        return;
    }
    let memory = Block::new(size, 0, 0xa5);
    let state: *mut LogregHeader = memory.bytes();
    let rows = bytes.len().min((1 << 14) / n_features.max(n_classes)).max(1);
    let exact = bytes.byte() != 255;
    let parameters = [bytes.float(), bytes.float(), bytes.float()];
    let (x_len, y_len) = if exact {
        (rows * n_features, rows * n_classes)
    } else {
        (bytes.len(), bytes.len())
    };
    let (x, y) = (Block::from(&bytes.floats(x_len), 0), Block::from(&bytes.floats(y_len), 0));
    let work = [(); 3].map(|()| Block::new(n_classes * 4, 0, 0xa5));
    // It is what the glue has of an array.
    #[repr(C)]
    struct Array(*mut f32, usize);
    let array = |block: &Block| Array(block.bytes(), block.size / 4);
    let mut loss = 0.0;
    // SAFETY: as `emlearn_logreg.c` does it; its arrays have the same layout.
    unsafe {
        eml_logreg_init(state, n_features as u32, n_classes as u32, &parameters);
        for is_step in [true, false, true] {
            let mut arrays = [array(&x), array(&y), array(&work[0]), array(&work[1]), array(&work[2])];
            if !is_step {
                arrays[4].1 = 0;
            }
            eml_logreg_run(state, &*(&raw const arrays).cast(), &mut loss);
        }
        if x_len >= n_features {
            let arrays = [Array(x.bytes(), n_features), array(&work[0]), array(&work[1])];
            assert!(eml_logreg_predict(state, &*(&raw const arrays).cast()) < n_classes);
        }
    }
}

fn neighbors(bytes: &mut Bytes) {
    let [max_items, n_features, k] = [bytes.len(), bytes.len(), bytes.len()].map(|n| (n as u16).max(1));
    // SAFETY: the header is plain numbers, overwritten at once; then as `emlearn_neighbors.c` does it.
    unsafe {
        let mut header = std::mem::zeroed::<NeighborsHeader>();
        let size = eml_neighbors_size(max_items.into(), n_features.into(), k.into(), &mut header);
        if size > 1 << 20 {
            return;
        }
        let block = Block::new(size, 0, 0xa5);
        let state = block.bytes::<NeighborsHeader>();
        state.write(header);
        let mut label = 0;
        while !bytes.0.is_empty() {
            let what = bytes.byte();
            let row = if what & 1 == 0 { -1 } else { i32::from((*state).n_items) };
            if row < i32::from(max_items) {
                let values = bytes.shorts(n_features.into());
                eml_neighbors_row(state, row).copy_from(values.as_ptr(), values.len());
            }
            if what & 1 == 0 {
                eml_neighbors_predict(state, &mut label);
            } else {
                eml_neighbors_add(state, i32::from(bytes.short() as i16));
            }
            let rank = u32::from(what >> 1);
            if rank < (*state).n_ranked {
                let mut result = NeighborsResult::default();
                eml_neighbors_result(state, rank, &mut result);
                assert!(result.index < (*state).n_items.into());
            }
        }
    }
}

fn plsr(bytes: &mut Bytes) {
    let (n_samples, n_features) = (bytes.len() + 1, bytes.len() + 1);
    let n_components = 1 + bytes.len().min(n_samples.min(n_features) - 1);
    let size = eml_plsr_size(n_samples as u32, n_features as u32, n_components as u32);
    if size > 1 << 17 {
        return;
    }
    let memory = Block::new(size, 0, 0xa5);
    let state: *mut PlsrHeader = memory.bytes();
    // SAFETY: as `emlearn_plsr.c` does it.
    unsafe {
        eml_plsr_init(state, n_samples as u32, n_features as u32, n_components as u32);
        for _ in 0..100 {
            let what = bytes.byte();
            match what & 7 {
                0 => (*state).auto_center = what & 8 != 0,
                1 => {
                    let (x, y) = (bytes.floats(n_samples * n_features), bytes.floats(n_samples));
                    eml_plsr_start(state, Block::from(&x, 0).bytes(), Block::from(&y, 0).bytes());
                }
                2 => {
                    eml_plsr_predict(state, Block::from(&bytes.floats(n_features), 0).bytes(), &mut 0.0);
                }
                3 | 4 => {
                    eml_plsr_step(state);
                }
                _ => {
                    eml_plsr_finalize_component(state);
                }
            }
            assert!((*state).n_found <= (*state).n_components);
            if bytes.0.is_empty() {
                break;
            }
        }
    }
}

fn arrayutils(bytes: &mut Bytes) {
    let typecode = |bytes: &mut Bytes| b"bBhHf\x01iQ"[usize::from(bytes.byte() & 7)];
    let (from, to) = (typecode(bytes), typecode(bytes));
    let size = |typecode: u8| match typecode {
        b'f' => 4,
        b'h' | b'H' => 2,
        _ => 1,
    };
    let n = bytes.len();
    let limits = [bytes.float(), bytes.float(), bytes.float(), bytes.float()];
    let to_len = if bytes.byte() < 200 { n * size(to) } else { bytes.len() };
    let input = Block::from(&bytes.list(n * size(from), Bytes::byte), 1);
    let output = Block::new(to_len, 3, 0);
    // SAFETY: the cells are those of the blocks.
    let cells = |block: &Block| unsafe { std::slice::from_raw_parts(block.bytes::<Cell<u8>>(), block.size) };
    let _ = eml_arrayutils_linear_map(&ArrayutilsMap {
        input: ArrayutilsItems::new(cells(&input), from),
        output: ArrayutilsItems::new(cells(&output), to),
        limits,
    });
}

/// A module of the C view, and what calls it.
type Driver = (&'static str, fn(&mut Bytes));

pub const DRIVERS: [Driver; 15] = [
    ("cnn_int8", |bytes| {
        cnn(bytes.0, false, 0);
    }),
    ("cnn_fp32", |bytes| {
        cnn(bytes.0, true, 0);
    }),
    ("cnn_fp32", |bytes| {
        cnn(bytes.0, true, 1);
    }),
    ("trees", |bytes| {
        let (block, max) = (bytes.len(), [bytes.len(), bytes.len(), bytes.len()]);
        trees(bytes.0, block, max.map(|n| n as u32 + 1));
    }),
    ("trees", trees_by_calls),
    ("fft", fft),
    ("iir", iir),
    ("iir_q15", iir_q15),
    ("kmeans", kmeans),
    ("linreg", linreg),
    ("neighbors", neighbors),
    ("arrayutils", arrayutils),
    ("extratrees", extratrees),
    ("logreg", logreg),
    ("plsr", plsr),
];

/// Whatever the bytes say: the first chooses the kernel.
pub fn any(data: &[u8]) {
    let mut bytes = Bytes(data);
    let (_, driver) = DRIVERS[usize::from(bytes.byte()) % DRIVERS.len()];
    driver(&mut bytes);
}

/// What libFuzzer calls.
///
/// # Safety
/// `data` has `len` bytes; where that is 0 it may be null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn LLVMFuzzerTestOneInput(data: *const u8, len: usize) -> i32 {
    // SAFETY: libFuzzer's promise.
    any(if len == 0 {
        &[]
    } else {
        unsafe { std::slice::from_raw_parts(data, len) }
    });
    0
}

/// A small generator of random numbers (SplitMix64).
pub struct Random(pub u64);

impl Random {
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.number() % n as u64) as usize
    }

    /// Changes up to eight bytes or runs of bytes.
    pub fn mutate(&mut self, data: &mut Vec<u8>) {
        const INTERESTING: [u8; 8] = [0, 1, 0x7f, 0x80, 0xff, b',', b'\n', b'9'];
        for _ in 0..=self.below(8) {
            let at = self.below(data.len());
            let run = 1 + self.below(4);
            match self.below(6) {
                0 => data[at] ^= 1 << self.below(8),
                1 => data[at] = self.number() as u8,
                2 => data[at] = INTERESTING[self.below(8)],
                3 => data[at..].iter_mut().take(run).for_each(|byte| *byte = INTERESTING[at % 5]),
                4 if data.len() > run => drop(data.drain(at..(at + run).min(data.len() - 1).max(at))),
                _ => {
                    let from = self.below(data.len());
                    let copy: Vec<u8> = data[from..].iter().take(run).copied().collect();
                    data.splice(at..at, copy);
                }
            }
        }
    }
}
