// Division of floats by the FPU's instructions for it, in the order that the processor's manual prescribes: the estimate of the
// reciprocal is refined three times, the quotient twice, both with operands scaled to [1, 4), and the last step rounds correctly.

	.text
	.global	__divsf3
	.p2align 2
	.type	__divsf3, @function
__divsf3:
	entry	a1, 32
	wfr	f0, a2
	wfr	f1, a3
	div0.s	f3, f1                  // estimate of 1/b
	nexp01.s f4, f1                 // -b, scaled
	const.s	f5, 1
	maddn.s	f5, f4, f3              // its error
	mov.s	f6, f3
	mov.s	f7, f1
	nexp01.s f8, f0                 // -a, scaled
	maddn.s	f6, f5, f3              // second estimate
	const.s	f5, 1
	const.s	f2, 0
	neg.s	f9, f8
	maddn.s	f5, f4, f6
	maddn.s	f2, f9, f3              // estimate of a/b
	mkdadj.s f7, f0                 // how exponent and special values go on to the result
	maddn.s	f6, f5, f6              // third estimate
	maddn.s	f9, f4, f2              // error of the quotient
	const.s	f5, 1
	maddn.s	f5, f4, f6
	maddn.s	f2, f9, f6              // second quotient
	neg.s	f9, f8
	maddn.s	f6, f5, f6              // fourth estimate
	maddn.s	f9, f4, f2
	addexpm.s f2, f7
	addexp.s f6, f7
	divn.s	f2, f9, f6
	rfr	a2, f2
	retw.n
	.size	__divsf3, . - __divsf3
