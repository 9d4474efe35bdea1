/*
 * cross_entropy.h
 *	  The softmax cross-entropy of items, of all or of a sample, and its gradients.
 *
 * For an output h with target i, and the other candidates j:
 *
 *	loss = ln(exp(s_i) + sum over j of exp(s_j) / p_j) - s_i,	s_j = h . e_j + b_j.
 *
 * Candidates that are a sample without repetition, each in it with probability p_j, give an
 * unbiased estimate of the sum over all items (Horvitz & Thompson 1952): this is the correction of
 * sampled softmax by log(p_j) (Bengio & Senecal 2008, "Adaptive importance sampling to accelerate
 * training of a neural probabilistic language model"). The target is not a sample, and is not
 * corrected.
 */
#ifndef REC_CROSS_ENTROPY_H
#define REC_CROSS_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

/* Embeddings of k numbers lie stride numbers apart. The candidates are the first n. */
typedef struct Candidates
{
	int			k;
	int64_t		stride;
	int64_t		n;
	const float *embeddings;
	const float *bias;
	/* -log(p_j) of each; NULL: all items are candidates */
	const float *correction;
} Candidates;

/* Bytes of scratch that cross_entropy needs for so many candidates, or fewer. */
extern size_t cross_entropy_scratch(int64_t n_candidates);

/*
 * Returns the sum of the losses of n outputs, whose targets are places of embeddings, perhaps
 * beyond the candidates. Sets d_h, n x k, and adds to d_embeddings (k apart) and d_bias, for each
 * output with this weight.
 */
extern double cross_entropy(const Candidates *c, const float *h, const int32_t *targets, int64_t n,
							float weight, float *d_h, float *d_embeddings, float *d_bias,
							void *scratch);

#endif							/* REC_CROSS_ENTROPY_H */
