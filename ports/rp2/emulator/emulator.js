// A Raspberry Pi Pico that runs a UF2 file; its USB console is a TCP port for `mpremote connect socket://...`.
//
//     node emulator.js FIRMWARE.uf2 BOOTROM.bin [PORT]
//
// Prints "console: PORT" when mpremote may connect. Flash is kept through a reset and lost at the end.
// The guest reads its own cycles at CYCLES, as machine.mem32[0x40070000].
'use strict';
const fs = require('node:fs');
const net = require('node:net');
const { BasePeripheral, RP2040, USBCDC } = require('rp2040js');
const { CycleClock } = require('./clock.js');
const { connectFlash } = require('./flash.js');

// rp2040js reports each register that it lacks, at every boot.
for (const level of ['debug', 'info', 'warn', 'error']) console[level] = () => {};

const FLASH_START = 0x10000000;
const FLASH_SIZE = 2 << 20;
const [firmware, bootrom] = process.argv.slice(2, 4).map((path) => fs.readFileSync(path));

/** A peripheral that remembers what was written, and so satisfies who waits for its bits. */
class Registers extends BasePeripheral {
  constructor(rp2040, name, values) {
    super(rp2040, name);
    this.values = values;
  }
  readUint32(offset) { return this.values[offset] ?? 0; }
  writeUint32(offset, value) { this.values[offset] = value; }
}

class Cycles extends BasePeripheral {
  readUint32() { return this.rp2040.core.cycles >>> 0; }
}

// ---- the board ----

let clock, rp2040, cdc, resetting = false;

function loadUf2(file) {
  for (let block = 0; block < file.length; block += 512) {
    const address = file.readUInt32LE(block + 12), size = file.readUInt32LE(block + 16);
    rp2040.flash.set(file.subarray(block + 32, block + 32 + size), address - FLASH_START);
  }
}

/** Powers the board on, with the flash that a reset has left. */
function boot(flash) {
  clock = new CycleClock();
  rp2040 = new RP2040(clock);
  clock.core = rp2040.core;
  rp2040.loadBootrom(new Uint32Array(bootrom.buffer, bootrom.byteOffset, bootrom.length / 4));
  if (flash) rp2040.flash.set(flash);
  else loadUf2(firmware);

  connectFlash(rp2040, FLASH_SIZE);
  const { peripherals } = rp2040;
  peripherals[0x14000] = new Registers(rp2040, 'XIP_CTRL', { 0x00: 3, 0x08: 3 }); // enabled; ready
  peripherals[0x40060] = new Registers(rp2040, 'ROSC', { 0x18: 0x80001000, 0x1c: 1 }); // stable; a random bit
  peripherals[0x40064] = new Registers(rp2040, 'VREG', { 0x00: 0x10b0, 0x08: 0x100 }); // stable; reset by power-on
  peripherals[0x40070] = new Cycles(rp2040, 'CYCLES');
  peripherals[0x40058].onWatchdogTrigger = () => { resetting = true; };
  rp2040.onBreak = (code) => {
    console.log(`breakpoint ${code} at ${rp2040.core.PC.toString(16)}`);
    process.exit(1);
  };
  connectConsole();
  rp2040.core.PC = FLASH_START;
}

// ---- the console: a queue of bytes in, from which the guest's reads are served when there are some ----

let queue = [], reading = 0, ready = false, client = null;

function serveRead() {
  if (!reading || !queue.length) return;
  rp2040.usbCtrl.endpointReadDone(cdc.outEndpoint, Uint8Array.from(queue.splice(0, Math.min(reading, 64))));
  reading = 0;
  if (client && queue.length < 1024) client.resume();
}

function connectConsole() {
  cdc = new USBCDC(rp2040.usbCtrl);
  queue = [0x0d]; // for a prompt: what the guest says before USB is up is lost
  reading = 0;
  ready = false;
  rp2040.usbCtrl.onEndpointRead = (endpoint, size) => {
    if (endpoint === cdc.outEndpoint) {
      reading = size;
      serveRead();
    }
  };
  // A client has to wait until the guest has spoken: its Ctrl-C would interrupt the making of the file system.
  cdc.onSerialData = (bytes) => {
    if (!ready && !server.listening) server.listen(Number(process.argv[4] ?? 0), '127.0.0.1', () => console.log(`console: ${server.address().port}`));
    ready = true;
    if (client) {
      client.resume();
      client.write(bytes);
    }
  };
}

const server = net.createServer((socket) => {
  if (client) client.destroy();
  client = socket;
  socket.setNoDelay(true);
  if (!ready) socket.pause();
  socket.on('data', (bytes) => {
    queue.push(...bytes);
    if (queue.length > 4096) socket.pause();
    serveRead();
    wake();
  });
  socket.on('error', () => {});
  socket.on('close', () => { if (client === socket) client = null; });
});

// ---- time: a busy core runs as fast as it can, a waiting one no faster than real time ----

const SLICE_MS = 10;
const SHORT_WAIT = 50e3; // nanoseconds that aren't worth a timer
const CREDIT_MAX = 50e6; // of real time that timers overslept

let timer = null, sleepStart = 0, credit = 0;

/** Goes on with the guest, at once. */
function wake() {
  if (timer) {
    clearTimeout(timer);
    timer = null;
    setImmediate(run);
  }
}

/** Lets the waiting core's time pass up to the next alarm. Returns false where real time has to pass first. */
function passTime() {
  const nanos = clock.nanosToNextAlarm;
  if (nanos > SHORT_WAIT) {
    if (nanos > credit) {
      sleepStart = performance.now();
      timer = setTimeout(run, Math.min(Math.max(nanos / 1e6, 1), 20));
      return false;
    }
    credit -= nanos;
  }
  clock.sleep(nanos);
  clock.fire();
  const { core } = rp2040;
  if (core.eventRegistered || (core.interruptsUpdated && core.checkForInterrupts())) core.waiting = false;
  return true;
}

function run() {
  timer = null;
  const start = performance.now();
  if (sleepStart) {
    credit = Math.min(credit + (start - sleepStart) * 1e6, Math.max(CREDIT_MAX, clock.nanosToNextAlarm));
    sleepStart = 0;
  }
  while (performance.now() - start < SLICE_MS) {
    if (resetting) {
      resetting = false;
      if (client) client.destroy(); // USB is gone
      boot(rp2040.flash);
    }
    const { core } = rp2040;
    for (let i = 0; i < 64 && !resetting; i++) {
      if (core.waiting) {
        if (!passTime()) return;
      } else {
        const end = core.cycles + 20000;
        while (core.cycles < clock.deadline && core.cycles < end && !core.waiting && !resetting) core.executeInstruction();
        if (core.cycles >= clock.deadline) clock.fire();
      }
    }
  }
  setImmediate(run);
}

boot(null);
run();
