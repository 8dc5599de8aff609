// The flash chip of a Pico board and the SPI controller before it, as far as the boot ROM's flash routines use them.
// Reading is not their business: the RP2040 sees flash as memory.
'use strict';
const { BasePeripheral } = require('rp2040js');

const SECTOR = 0x1000;
const BLOCK = 0x10000;
const PAGE = 0x100;

// What the chip answers to, by the first byte after it was selected.
const PAGE_PROGRAM = 0x02, WRITE_DISABLE = 0x04, READ_STATUS = 0x05, WRITE_ENABLE = 0x06, ERASE_SECTOR = 0x20, READ_STATUS_2 = 0x35,
  READ_UNIQUE_ID = 0x4b, READ_JEDEC_ID = 0x9f, ERASE_BLOCK = 0xd8;

class FlashChip {
  constructor(memory, size) {
    this.memory = memory.subarray(0, size);
    this.sent = [];
    this.writable = false;
  }

  /** Takes a byte while the chip is selected, and returns the one that goes the other way. */
  exchange(byte) {
    const i = this.sent.push(byte) - 1;
    switch (i > 0 && this.sent[0]) {
      case READ_STATUS: return this.writable ? 2 : 0; // never busy
      case READ_STATUS_2: return 2; // quad mode is on
      case READ_UNIQUE_ID: return i > 4 ? i : 0;
      case READ_JEDEC_ID: return [0, 0xef, 0x40, Math.log2(this.memory.length)][i];
      default: return 0;
    }
  }

  /** The end of a command is when it is carried out. */
  deselect() {
    const [command, high, middle, low, ...data] = this.sent;
    const address = ((high << 16) | (middle << 8) | low) & (this.memory.length - 1);
    this.sent = [];
    if (command === WRITE_ENABLE || command === WRITE_DISABLE) {
      this.writable = command === WRITE_ENABLE;
    } else if (this.writable) {
      const erase = (size) => this.memory.fill(0xff, address & -size, (address & -size) + size);
      if (command === ERASE_SECTOR) erase(SECTOR);
      else if (command === ERASE_BLOCK) erase(BLOCK);
      else if (command === PAGE_PROGRAM) data.forEach((byte, i) => { this.memory[(address & -PAGE) | ((address + i) % PAGE)] &= byte; });
      else return;
      this.writable = false;
    }
  }
}

// Values of the chip-select override.
const NORMAL = 0, LOW = 2, HIGH = 3;

const SSI_ENABLE = 0x08, SSI_RX_LEVEL = 0x24, SSI_STATUS = 0x28, SSI_DATA = 0x60, SSI_DATA_END = 0xf0;
const TX_READY = 0x06, RX_READY = 0x08;

class SSI extends BasePeripheral {
  constructor(rp2040, chip) {
    super(rp2040, 'SSI');
    this.chip = chip;
    this.registers = {};
    this.received = [];
    this.select = NORMAL;
  }

  readUint32(offset) {
    if (offset === SSI_STATUS) return TX_READY | (this.received.length ? RX_READY : 0);
    if (offset === SSI_RX_LEVEL) return this.received.length;
    if (offset < SSI_DATA || offset >= SSI_DATA_END) return this.registers[offset] ?? 0;
    const byte = this.received.shift() ?? 0;
    if (this.select === NORMAL && !this.received.length) this.chip.deselect(); // the controller selects while it has bytes
    return byte;
  }

  writeUint32(offset, value) {
    if (offset >= SSI_DATA && offset < SSI_DATA_END) this.received.push(this.select === HIGH ? 0 : this.chip.exchange(value & 0xff));
    else this.registers[offset] = value;
    if (offset === SSI_ENABLE) this.received = [];
  }

  setSelect(select) {
    if (this.select === LOW && select !== LOW) this.chip.deselect();
    this.select = select;
  }
}

const QSPI_SS_CTRL = 0x0c;

/** The pins of the flash chip, through which the boot ROM overrides chip select. */
class QspiPins extends BasePeripheral {
  constructor(rp2040, ssi) {
    super(rp2040, 'IO_QSPI');
    this.ssi = ssi;
    this.registers = {};
  }

  readUint32(offset) {
    return this.registers[offset] ?? 0;
  }

  writeUint32(offset, value) {
    this.registers[offset] = value;
    if (offset === QSPI_SS_CTRL) this.ssi.setSelect((value >> 8) & 3);
  }
}

/** Connects a flash chip of `size` bytes, a power of two. */
exports.connectFlash = (rp2040, size) => {
  const ssi = new SSI(rp2040, new FlashChip(rp2040.flash, size));
  rp2040.peripherals[0x18000] = ssi;
  rp2040.peripherals[0x40018] = new QspiPins(rp2040, ssi);
};
