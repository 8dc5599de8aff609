// Time, in nanoseconds: the core's cycles, and what it slept. Peripherals set alarms on it.
'use strict';

const NANOS_PER_CYCLE = 8; // 125 MHz, as MicroPython sets it

class Alarm {
  constructor(clock, callback) {
    this.clock = clock;
    this.callback = callback;
    this.nanos = 0;
  }

  get scheduled() {
    return this.clock.alarms.has(this);
  }

  schedule(nanos) {
    this.nanos = this.clock.nanos + nanos;
    this.clock.alarms.add(this);
    this.clock.update();
  }

  cancel() {
    if (this.clock.alarms.delete(this)) this.clock.update();
  }
}

exports.CycleClock = class {
  core = null;
  slept = 0;
  alarms = new Set();
  next = null; // the first alarm to come,
  deadline = Infinity; // and its cycle

  get nanos() {
    return this.slept + (this.core ? this.core.cycles * NANOS_PER_CYCLE : 0);
  }

  get micros() {
    return this.nanos / 1000;
  }

  get nanosToNextAlarm() {
    return this.next ? Math.max(this.next.nanos - this.nanos, 0) : Infinity;
  }

  createAlarm(callback) {
    return new Alarm(this, callback);
  }

  update() {
    this.next = null;
    for (const alarm of this.alarms) {
      if (!this.next || alarm.nanos < this.next.nanos) this.next = alarm;
    }
    this.deadline = this.next ? (this.next.nanos - this.slept) / NANOS_PER_CYCLE : Infinity;
  }

  sleep(nanos) {
    this.slept += nanos;
    this.update();
  }

  /** Calls what is due. */
  fire() {
    while (this.next && this.next.nanos <= this.nanos) {
      const { next } = this;
      next.cancel();
      next.callback();
    }
  }
};
