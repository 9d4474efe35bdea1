/*
 * gru.c
 *	  Gated recurrent units over histories.
 *
 * Hidasi et al. 2016, "Session-based recommendations with recurrent neural networks", and Hidasi &
 * Karatzoglou 2018, "Recurrent neural networks with top-k gains for session-based recommendations",
 * whose variant with the items' embeddings as input and as output ("constrained embedding") this
 * is. The output of the last layer is compared with the embeddings as it is. What the papers leave
 * open is as in the implementation by their authors (GRU4Rec in PyTorch); that one also drops
 * numbers from what a cell hands on to itself, which here stays whole (cells.h).
 */
#include "algorithm/cells.h"

DEFINE_CELLS(gru);

static const Option gru_options[] = {
	FEEDBACK_OPTION,
	NETWORK_OPTIONS,
	{"layers", OPTION_INTEGER, offsetof(NetworkOptions, layers), {"1", "1"}, 1, MOST_LAYERS, NULL,
	"layers of cells, one upon the other"},
	{NULL}
};

DEFINE_NETWORK(gru, "recurrent network of gated units over the last events of a history (GRU4Rec)");
