/*
 * figures.c
 *	  The names and meanings of the figures that an evaluation computes.
 */
#include "postgres.h"
#include "server/compat.h"

#include <math.h>

#include "run/figures.h"
#include "server/messages.h"

/* A metric of lists of all items, where items are held out. */
#define AMONG_ALL(metric) \
	{ \
		.name = metric "_among_all", \
		.kind = METRIC_RANKING, \
		.about = metric " of lists of all items, where items are held out", \
		.formula = metric " of lists of all items, with the split item, whose other metrics are " \
			"of lists of unrated items alone", \
		.minimum = 0, .maximum = 1, .direction = 1, \
		.source = \
			"Schein, Popescul, Ungar & Pennock 2002, Methods and metrics for cold-start " \
			"recommendations" \
	}

/*
 * A mean over users is over the users for whom the metric is defined. The directions of metrics
 * beyond accuracy compare lists of equal accuracy: lists of random items would be the most novel
 * and diverse.
 */
const Metric metrics[] = {
	[FIGURE_RMSE] = {
		.name = "rmse",
		.kind = METRIC_RATING,
		.about = "root of the mean squared error of predicted ratings",
		.formula = "square root of the mean of (predicted - actual)^2",
		.minimum = 0, .maximum = INFINITY, .direction = -1,
		.source =
			"Herlocker, Konstan, Terveen & Riedl 2004, Evaluating collaborative filtering "
			"recommender systems"
	},
	[FIGURE_MAE] = {
		.name = "mae",
		.kind = METRIC_RATING,
		.about = "mean absolute error of predicted ratings",
		.formula = "mean of |predicted - actual|",
		.minimum = 0, .maximum = INFINITY, .direction = -1,
		.source =
			"Herlocker, Konstan, Terveen & Riedl 2004, Evaluating collaborative filtering "
			"recommender systems"
	},
	[FIGURE_MSE] = {
		.name = "mse",
		.kind = METRIC_RATING,
		.about = "mean squared error of predicted ratings",
		.formula = "mean of (predicted - actual)^2",
		.minimum = 0, .maximum = INFINITY, .direction = -1,
		.source =
			"Herlocker, Konstan, Terveen & Riedl 2004, Evaluating collaborative filtering "
			"recommender systems"
	},
	[FIGURE_CROSS_ENTROPY] = {
		.name = "cross_entropy",
		.kind = METRIC_PROBABILITY,
		.about = "mean log loss of predicted probabilities, in nats",
		.formula =
			"mean of -(y ln p + (1 - y) ln(1 - p)), where p is the predicted probability and y the "
			"truth; infinite if p is 0 or 1 but y is not",
		.minimum = 0, .maximum = INFINITY, .direction = -1,
		.source = "Good 1952, Rational decisions"
	},
	[FIGURE_PRECISION] = {
		.name = "precision",
		.kind = METRIC_RANKING,
		.about = "share of the list that is relevant",
		.formula =
			"mean over users of hits / k, where hits are the relevant items among the first k",
		.minimum = 0, .maximum = 1, .direction = 1,
		.source = "Manning, Raghavan & Schuetze 2008, Introduction to information retrieval"
	},
	[FIGURE_RECALL] = {
		.name = "recall",
		.kind = METRIC_RANKING,
		.about =
			"share of the relevant items, or of as many as fit on the list, that is on the list",
		.formula = "mean over users of hits / min(k, relevant items)",
		.minimum = 0, .maximum = 1, .direction = 1,
		.source =
			"Liang, Krishnan, Hoffman & Jebara 2018, Variational autoencoders for collaborative "
			"filtering"
	},
	[FIGURE_NDCG] = {
		.name = "ndcg",
		.kind = METRIC_RANKING,
		.about = "gain of relevant items, where higher ranks count more; 1: the best possible list",
		.formula =
			"mean over users of (sum over the ranks r of hits of 1 / log2(r + 1)) / (the same sum "
			"over the ranks 1 to min(k, relevant items))",
		.minimum = 0, .maximum = 1, .direction = 1,
		.source = "Jarvelin & Kekalainen 2002, Cumulated gain-based evaluation of IR techniques"
	},
	[FIGURE_MAP] = {
		.name = "map",
		.kind = METRIC_RANKING,
		.about = "mean over users of the average precision",
		.formula =
			"mean over users of the average precision, (sum over the ranks r of hits of (hits up "
			"to r) / r) / min(k, relevant items)",
		.minimum = 0, .maximum = 1, .direction = 1,
		.source = "Buckley & Voorhees 2000, Evaluating evaluation measure stability"
	},
	[FIGURE_MRR] = {
		.name = "mrr",
		.kind = METRIC_RANKING,
		.about = "mean of 1 / rank of the first relevant item",
		.formula =
			"mean over users of the reciprocal rank, 1 / (rank of the first hit), or 0 if there is "
			"none among the first k",
		.minimum = 0, .maximum = 1, .direction = 1,
		.source = "Voorhees 1999, The TREC-8 question answering track report"
	},
	[FIGURE_HIT_RATE] = {
		.name = "hit_rate",
		.kind = METRIC_RANKING,
		.about = "share of users with a relevant item on the list",
		.formula = "share of the users who have a hit among the first k",
		.minimum = 0, .maximum = 1, .direction = 1,
		.source = "Deshpande & Karypis 2004, Item-based top-N recommendation algorithms"
	},
	[FIGURE_AUC] = {
		.name = "auc",
		.kind = METRIC_RANKING,
		.about = "probability that a relevant item is ranked before another one; 0.5: random ranks",
		.formula =
			"mean over users of the share of all pairs of a relevant and another item in which the "
			"relevant one ranks higher, where ties count half; not cut off at k",
		.minimum = 0, .maximum = 1, .direction = 1,
		.source =
			"Hanley & McNeil 1982, The meaning and use of the area under a receiver operating "
			"characteristic curve"
	},
	[FIGURE_PRECISION_AMONG_ALL] = AMONG_ALL("precision"),
	[FIGURE_RECALL_AMONG_ALL] = AMONG_ALL("recall"),
	[FIGURE_NDCG_AMONG_ALL] = AMONG_ALL("ndcg"),
	[FIGURE_MAP_AMONG_ALL] = AMONG_ALL("map"),
	[FIGURE_MRR_AMONG_ALL] = AMONG_ALL("mrr"),
	[FIGURE_HIT_RATE_AMONG_ALL] = AMONG_ALL("hit_rate"),
	[FIGURE_AUC_AMONG_ALL] = AMONG_ALL("auc"),
	[FIGURE_COVERAGE] = {
		.name = "coverage",
		.kind = METRIC_BEYOND_ACCURACY,
		.about = "share of the items that are on any list",
		.formula = "items on any list / all items",
		.minimum = 0, .maximum = 1, .direction = 1,
		.is_of_all_lists = true,
		.source =
			"Ge, Delgado-Battenfeld & Jannach 2010, Beyond accuracy: evaluating recommender "
			"systems by coverage and serendipity"
	},
	[FIGURE_NOVELTY] = {
		.name = "novelty",
		.kind = METRIC_BEYOND_ACCURACY,
		.about = "mean self-information of listed items, in bits: rarer items have more",
		.formula =
			"mean over the entries of all lists of -log2(share of the users who have the item)",
		.minimum = 0, .maximum = INFINITY, .direction = 1,
		.source =
			"Zhou, Kuscsik, Liu, Medo, Wakeling & Zhang 2010, Solving the apparent "
			"diversity-accuracy dilemma of recommender systems"
	},
	[FIGURE_DIVERSITY] = {
		.name = "diversity",
		.kind = METRIC_BEYOND_ACCURACY,
		.about = "mean dissimilarity of the items of a list",
		.formula =
			"mean over lists of the mean over pairs of their items of 1 - similarity, by the "
			"model's own similarity of items",
		.minimum = 0, .maximum = 2, .direction = 1,
		.source =
			"Ziegler, McNee, Konstan & Lausen 2005, Improving recommendation lists through topic "
			"diversification"
	},
	[FIGURE_GINI] = {
		.name = "gini",
		.kind = METRIC_BEYOND_ACCURACY,
		.about = "inequality of exposure; 0: all items are listed equally often, 1: a single one "
				 "is",
		.formula =
			"Gini coefficient of how often each item is on a list: 0 if all are equally often, "
			"near 1 if few have all places",
		.minimum = 0, .maximum = 1, .direction = -1,
		.is_of_all_lists = true,
		.source = "Fleder & Hosanagar 2009, Blockbuster culture's next rise or fall"
	},
	[FIGURE_POPULARITY_BIAS] = {
		.name = "popularity_bias",
		.kind = METRIC_BEYOND_ACCURACY,
		.about = "popularity of the recommended items, relative to that of the items that users "
				 "have",
		.formula =
			"mean popularity of the recommended items / mean popularity of the items that the "
			"users have, an item's popularity being the number of users who have it",
		.minimum = 0, .maximum = INFINITY, .direction = 0,
		.source =
			"Abdollahpouri, Mansoury, Burke & Mobasher 2019, The unfairness of popularity bias in "
			"recommendation"
	},
	[FIGURE_PERSONALISATION] = {
		.name = "personalisation",
		.kind = METRIC_BEYOND_ACCURACY,
		.about = "mean distance between the lists of two users; 0: all lists are the same",
		.formula = "mean over pairs of users of 1 - (items on both lists) / k",
		.minimum = 0, .maximum = 1, .direction = 1,
		.is_of_all_lists = true,
		.source =
			"Zhou, Kuscsik, Liu, Medo, Wakeling & Zhang 2010, Solving the apparent "
			"diversity-accuracy dilemma of recommender systems"
	},
	[COUNT_UNSEEN_USERS] = {
		.name = "unseen_users",
		.kind = METRIC_COUNT,
		.about = "tested users of whom nothing else is known"
	},
	[COUNT_UNSEEN_ITEMS] = {
		.name = "unseen_items",
		.kind = METRIC_COUNT,
		.about = "items that are only in the test part, and so cannot be recommended"
	},
	[COUNT_UNSEEN_RATINGS] = {
		.name = "unseen_ratings",
		.kind = METRIC_COUNT,
		.about = "tested rows of these items, which count as misses"
	},
	[COUNT_TIED_RATINGS] = {
		.name = "tied_ratings",
		.kind = METRIC_COUNT,
		.about =
			"share of the tested rows that were chosen at random among those of the user with the "
			"same time"
	},
	[COUNT_SESSIONS] = {
		.name = "sessions",
		.kind = METRIC_COUNT,
		.about = "tested sessions"
	},
	[COUNT_PREDICTIONS] = {
		.name = "predictions",
		.kind = METRIC_COUNT,
		.about = "predicted events of these sessions: all but the first of each"
	}
};

StaticAssertDecl(lengthof(metrics) == N_MEASURES, "each figure and each count has its metric");

const char *
metric_kind_name(MetricKind kind)
{
	static const char *const names[] = {
		[METRIC_RATING] = "rating",
		[METRIC_PROBABILITY] = "probability",
		[METRIC_RANKING] = "ranking",
		[METRIC_BEYOND_ACCURACY] = "beyond accuracy",
		[METRIC_COUNT] = "count"
	};

	return names[kind];
}

double
figure_value(Figure figure, double sum, double weight)
{
	if (!(weight > 0))
		return NAN;
	return figure == FIGURE_RMSE ? sqrt(sum / weight) : sum / weight;
}

Figure
figure_by_name(const char *name)
{
	const char *names[N_FIGURES];

	for (int f = 0; f < N_FIGURES; f++)
	{
		names[f] = metrics[f].name;
		if (strcmp(names[f], name) == 0)
			return f;
	}
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("there is no metric \"%s\"", shown_text(name)),
			 hint_nearest(name, names, N_FIGURES)));
}

int
figure_direction(Figure figure)
{
	const Metric *metric = &metrics[figure];

	if (metric->direction == 0)
		ereport(
			ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("of metric \"%s\" neither a higher nor a lower value is better", metric->name),
			 errhint("SELECT metric, direction FROM rec.metrics; says which have a direction.")));
	return metric->direction;
}
