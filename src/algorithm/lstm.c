/*
 * lstm.c
 *	  Long short-term memory over histories.
 *
 * The network of gru.c with the cells of Hochreiter & Schmidhuber 1997, "Long short-term memory",
 * and the forget gate of Gers et al. 2000, "Learning to forget: continual prediction with LSTM".
 */
#include "algorithm/cells.h"

DEFINE_CELLS(lstm);

static const Option lstm_options[] = {
	FEEDBACK_OPTION,
	NETWORK_OPTIONS,
	{"layers", OPTION_INTEGER, offsetof(NetworkOptions, layers), {"1", "1"}, 1, MOST_LAYERS, NULL,
	"layers of cells, one upon the other"},
	{NULL}
};

DEFINE_NETWORK(lstm, "recurrent network with long short-term memory over the last events of a "
					 "history");
