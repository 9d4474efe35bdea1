/*
 * attention.h
 *	  Causal scaled dot-product attention with several heads (Vaswani et al. 2017, "Attention is all
 *	  you need", (1) and 3.2.2): event t attends to the events 0 .. t of its sequence.
 *
 * For each of at most k heads, of width k / heads, with queries q, keys c and values v:
 *
 *	out_t = sum over s <= t of p_ts v_s,	p_t. = softmax over s <= t of (q_t . c_s / sqrt(width))
 *
 * A row of input is q, c and v of an event, k numbers each, heads one behind the other; a row of
 * output is k numbers.
 */
#ifndef REC_ATTENTION_H
#define REC_ATTENTION_H

#include <stdint.h>

/*
 * Events whose products are computed at once. The products with events after these are left out, so
 * shorter blocks waste less, and longer ones make better use of the processor.
 */
#define ATTENTION_BLOCK 64

/* Numbers of the probabilities of a sequence of n events. */
static inline int64_t
attention_probabilities(int64_t n, int heads)
{
	return n * n * heads;
}

/*
 * One sequence of n events. Sets out, n x k, and the probabilities, which the backward step needs.
 */
extern void attention_forward(const float *qcv, int64_t n, int k, int heads, float *probabilities,
							  float *out);

/* Only the last row of out, k numbers. probabilities has room for n numbers. */
extern void attention_last(const float *qcv, int64_t n, int k, int heads, float *probabilities,
						   float *out);

/* Sets d_qcv, n x 3 k. scratch is of ATTENTION_BLOCK x n numbers. */
extern void attention_backward(const float *qcv, int64_t n, int k, int heads,
							   const float *probabilities, const float *d_out, float *d_qcv,
							   float *scratch);

#endif							/* REC_ATTENTION_H */
