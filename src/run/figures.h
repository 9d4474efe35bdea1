/*
 * figures.h
 *	  The names and meanings of the figures that an evaluation computes.
 */
#ifndef REC_FIGURES_H
#define REC_FIGURES_H

/* In the order in which they are shown. */
typedef enum Figure
{
	FIGURE_RMSE,
	FIGURE_MAE,
	FIGURE_MSE,
	FIGURE_CROSS_ENTROPY,
	FIGURE_PRECISION,
	FIGURE_RECALL,
	FIGURE_NDCG,
	FIGURE_MAP,
	FIGURE_MRR,
	FIGURE_HIT_RATE,
	FIGURE_AUC,
	/* The same of lists of all items, where items are held out: the others are of unrated ones. */
	FIGURE_PRECISION_AMONG_ALL,
	FIGURE_RECALL_AMONG_ALL,
	FIGURE_NDCG_AMONG_ALL,
	FIGURE_MAP_AMONG_ALL,
	FIGURE_MRR_AMONG_ALL,
	FIGURE_HIT_RATE_AMONG_ALL,
	FIGURE_AUC_AMONG_ALL,
	FIGURE_COVERAGE,
	FIGURE_NOVELTY,
	FIGURE_DIVERSITY,
	FIGURE_GINI,
	FIGURE_POPULARITY_BIAS,
	FIGURE_PERSONALISATION,
	N_FIGURES,

	/* Counts of what was tested, which are no metrics. */
	COUNT_UNSEEN_USERS = N_FIGURES,
	COUNT_UNSEEN_ITEMS,
	COUNT_UNSEEN_RATINGS,
	COUNT_TIED_RATINGS,
	COUNT_SESSIONS,
	COUNT_PREDICTIONS,
	N_MEASURES
} Figure;

typedef enum MetricKind
{
	METRIC_RATING,				/* errors of predicted ratings */
	METRIC_PROBABILITY,
	METRIC_RANKING,				/* accuracy of lists */
	METRIC_BEYOND_ACCURACY,
	METRIC_COUNT
} MetricKind;

typedef struct Metric
{
	const char *name;
	MetricKind	kind;
	const char *about;			/* in a few words */
	/* the other members are NULL or 0 for a count */
	const char *formula;
	double		minimum;
	double		maximum;
	int			direction;		/* 1: higher is better, -1: lower is, 0: neither */
	/* of all lists together: single users have no value */
	bool		is_of_all_lists;
	const char *source;
} Metric;

/* The metric of each figure and each count; N_MEASURES elements. */
extern const Metric metrics[];

extern const char *metric_kind_name(MetricKind kind);

/*
 * The value of a figure that is a quotient of sums over users, given the sums; NaN where no user
 * counts.
 */
extern double figure_value(Figure figure, double sum, double weight);

/* The figure of this name, or an error with the nearest name. */
extern Figure figure_by_name(const char *name);

/* 1 where a higher value is better, -1 where a lower value is; an error where neither is. */
extern int	figure_direction(Figure figure);

#endif							/* REC_FIGURES_H */
