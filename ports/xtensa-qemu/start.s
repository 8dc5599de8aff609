// Entry, Linux's system calls, and what the register windows of Xtensa need: spilling them all, setjmp and longjmp.
//
// A function is called with `call8`: its caller's a8 to a15 become its a0 to a7. When the registers run out, the frame that was
// entered first is stored on the stack, a0 to a3 below the stack pointer of the function it called, a4 to a7 below that of its
// caller less 16 bytes. QEMU does that, and the reverse, as an operating system would.

	.text

	.global	_start
	.p2align 2
_start:
	movi	a0, 0                   // the outermost frame
	mov	a10, a1
	call8	start
	// start does not return

// long system_call(long number, long a, long b, long c, long d)
	.p2align 2
	.type	system_call, @function
system_call:
	entry	a1, 32
	mov	a8, a6
	mov	a6, a3
	mov	a3, a4
	mov	a4, a5
	mov	a5, a8
	syscall
	retw
	.size	system_call, . - system_call

// Where a signal handler returns to.
	.p2align 2
	.type	signal_return, @function
signal_return:
	movi	a2, 225
	syscall
	.size	signal_return, . - signal_return

// void spill_windows(void): stores every frame but the last ones on the stack, by calls that need all 64 registers. It leaves
// zeros in them, since what functions don't use of theirs would keep dead objects alive.
	.global	spill_windows
	.p2align 2
	.type	spill_windows, @function
spill_windows:
	entry	a1, 32
	movi	a10, 8
	call8	nest
	retw
	.size	spill_windows, . - spill_windows

	.global	nest
	.p2align 2
	.type	nest, @function
nest:
	entry	a1, 32
	movi	a3, 0
	movi	a4, 0
	movi	a5, 0
	movi	a6, 0
	movi	a7, 0
	addi	a10, a2, -1
	beqz	a2, 1f
	call8	nest
1:	retw
	.size	nest, . - nest

// jmp_buf: the caller's a0 to a3 and a4 to a7, where the latter are stored, the return address.

	.macro	copy4 from, to
	l32i	a5, \from, 0
	l32i	a6, \from, 4
	l32i	a7, \from, 8
	l32i	a8, \from, 12
	s32i	a5, \to, 0
	s32i	a6, \to, 4
	s32i	a7, \to, 8
	s32i	a8, \to, 12
	.endm

	.p2align 2
	.type	setjmp, @function
setjmp:
	entry	a1, 32
	call8	spill_windows
	addi	a3, a1, -16
	copy4	a3, a2
	l32i	a4, a3, 4               // the caller's stack pointer
	addi	a4, a4, -16
	l32i	a4, a4, 4               // that of its caller
	addi	a4, a4, -32
	addi	a3, a2, 16
	copy4	a4, a3
	s32i	a4, a2, 32
	s32i	a0, a2, 36
	movi	a2, 0
	retw
	.size	setjmp, . - setjmp

	.p2align 2
	.type	longjmp, @function
longjmp:
	entry	a1, 32
	call8	spill_windows
	// The return finds no frame in the registers and loads the one of setjmp's caller, from where it is put here.
	addi	a4, a1, -16
	copy4	a2, a4
	l32i	a4, a2, 32
	addi	a9, a2, 16
	copy4	a9, a4
	l32i	a0, a2, 36
	movi	a4, 1
	moveqz	a3, a4, a3
	mov	a2, a3
	retw
	.size	longjmp, . - longjmp
