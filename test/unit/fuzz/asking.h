/*
 * asking.h
 *	  Takes any options of an algorithm, asks any questions to a model, and checks the properties
 *	  that every answer must have.
 */
#ifndef REC_ASKING_H
#define REC_ASKING_H

#include "fuzz.h"

#include "algorithm/algorithm.h"
#include "kernel/vector.h"

#define MOST_PROFILES 6

/* Limits for options that determine the size of the model or the duration of training. */
static inline double
most_of_option(const char *name, double maximum)
{
	static const struct
	{
		const char *name;
		double		most;
	} bounds[] = {{"factors", 24}, {"iterations", 3}, {"power_iterations", 5}, {"block_size", 64},
				  {"max_length", 40}};

	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++)
	{
		if (strcmp(bounds[i].name, name) == 0 && bounds[i].most < maximum)
			return bounds[i].most;
	}
	return maximum;
}

/* Options as options_read() accepts them: each within its range. */
static inline void *
take_options(Input *in, const Algorithm *algorithm, Range range)
{
	char	   *options = fresh(algorithm->options_size);

	for (const Option *o = algorithm->options; o->name != NULL; o++)
	{
		char	   *target = options + o->offset;
		double		maximum = most_of_option(o->name, o->maximum);
		int			way = (int) take_below(in, 8);
		/*
		 * some small, such as those of a user; some at the ends of the range; some anywhere in the
		 * range
		 */
		double		value = way < 4	  ? o->minimum + (double) take_below(in, 8)
					   : way == 4 ? o->minimum
					   : way == 5 ? maximum
								  : o->minimum + (maximum - o->minimum) *
													 ((double) take_bytes(in, 4) / UINT32_MAX);
		int32_t		n_choices = 0;

		/* moderate numbers leave systems of equations well-conditioned */
		if (range <= RANGE_MODERATE && o->type == OPTION_REAL)
			value = fmin(0.5 + (double) take_below(in, 8), maximum);
		value = value > maximum ? maximum : value;
		switch (o->type)
		{
			case OPTION_BOOLEAN:
				*(bool *) target = way & 1;
				break;
			case OPTION_INTEGER:
				*(int32_t *) target = (int32_t) floor(value);
				break;
			case OPTION_REAL:
			case OPTION_INTERVAL:
				*(double *) target = value;
				break;
			case OPTION_CHOICE:
				while (o->choices[n_choices] != NULL)
					n_choices++;
				*(int32_t *) target = (int32_t) take_below(in, n_choices);
				break;
		}
	}
	return options;
}

static inline bool
takes_negative_ratings(const Model *model)
{
	return ((const CommonOptions *) model->options)->feedback == FEEDBACK_EXPLICIT;
}

/* Arbitrary profiles, one in each row. */
static inline SparseMatrix
take_profiles(Input *in, const Model *model, Range range)
{
	int64_t		n_items = model->sides[SIDE_ITEMS].n_rows;
	SparseMatrix m = {.n_rows = 1 + take_below(in, MOST_PROFILES), .n_columns = n_items};

	m.start = fresh(sizeof(int64_t) * (m.n_rows + 1));
	m.column = fresh(sizeof(int32_t) * m.n_rows * n_items);
	m.value = fresh(sizeof(float) * m.n_rows * n_items);
	for (int64_t r = 0; r < m.n_rows; r++)
	{
		m.start[r + 1] =
			m.start[r] +
			(take_below(in, 4) == 3 ? 0 : take_subset(in, n_items, m.column + m.start[r]));
		for (int64_t i = m.start[r]; i < m.start[r + 1]; i++)
		{
			m.value[i] = take_float(in, range);
			if (!takes_negative_ratings(model))
				m.value[i] = fabsf(m.value[i]);
		}
	}
	return m;
}

/*
 * Scores all items at once, in adjoining ranges of any length, and any items in any order. Each
 * score must equal that of the item alone. The score, or the one expected in its place, must be a
 * number, unless the model has numbers that no training produces (sane is false).
 */
static inline void
check_scores(Input *in, const Model *model, const void *query, Range range, bool sane,
			 float *scores)
{
	const Algorithm *algorithm = model->algorithm;
	int64_t		n = model->sides[SIDE_ITEMS].n_rows;
	float	   *part = dirty(sizeof(float) * n);
	int64_t		first_item = take_below(in, 4);
	int64_t		n_items = n == 0 ? 0 : take_below(in, 3 * n + 1);
	int32_t    *items = fresh(sizeof(int32_t) * (first_item + n_items));
	float	   *of_items = dirty(sizeof(float) * n_items);
	float		unknown = model_score_item(model, query, -1);

	for (int64_t i = first_item; i < first_item + n_items; i++)
		items[i] = (int32_t) take_below(in, n);
	algorithm->score_items(model, query, NULL, 0, n, scores);
	algorithm->score_items(model, query, items, first_item, n_items, of_items);
	for (int64_t i = 0; i < n_items; i++)
		CHECK(same_float(of_items[i], scores[items[first_item + i]]));
	model_score_items(model, query, items, first_item, n_items, of_items);
	for (int64_t i = 0; i < n_items; i++)
		CHECK(same_float(of_items[i], scores[items[first_item + i]]));
	for (int64_t first = 0; first < n;)
	{
		int64_t		some = 1 + take_below(in, n - first);

		algorithm->score_items(model, query, NULL, first, some, part + first);
		first += some;
	}
	if (sane)
		CHECK(!isnan(unknown));
	for (int64_t i = 0; i < n; i++)
	{
		float		score = model_score_item(model, query, (int32_t) i);

		CHECK(same_float(scores[i], part[i]));
		CHECK(isnan(scores[i]) || score == scores[i]);
		if (sane)
			CHECK(!isnan(score));
		if (range <= RANGE_MODERATE)
			CHECK(isfinite(score));
	}
}

typedef struct Asked
{
	const Model *model;
	const void *query;
} Asked;

static inline void
score_asked(void *state, const int32_t *items, int64_t first, int64_t n, float *scores)
{
	const Asked *a = state;

	a->model->algorithm->score_items(a->model, a->query, items, first, n, scores);
}

static inline void
score_asked_one(void *state, int64_t query, const int32_t *items, int64_t first, int64_t n,
				float *scores)
{
	(void) query;
	score_asked(state, items, first, n, scores);
}

/* The best items that are not in the profile, by search and by scoring all items. */
static inline void
check_search(Input *in, const Model *model, const SearchIndex *index, const InnerProduct *product,
			 const Profile *profile, const void *query, const float *scores)
{
	int64_t		n_items = model->sides[SIDE_ITEMS].n_rows;
	int64_t		n = take_below(in, n_items < 60 ? n_items + 1 : 60);
	uint64_t   *skip = fresh(sizeof(uint64_t) * (n_items / 64 + 1));
	int64_t		skip_start[] = {0, profile->n};
	Asked		state = {model, query};
	Top			expected = {n, 0, fresh(sizeof(Scored) * n)};
	Top			one = {n, 0, fresh(sizeof(Scored) * n)};
	Top			many = {n, 0, fresh(sizeof(Scored) * n)};
	float		constant = 0;
	const float *vector = model->algorithm->query_vector(model, query, &constant);
	float	   *padded = fresh(sizeof(float) * product->stride);
	SearchBatch batch = {.n_queries = 1,
						 .vectors = padded,
						 .constants = &constant,
						 .skip_start = skip_start,
						 .skip = profile->items,
						 .score = score_asked_one,
						 .state = &state};

	if (vector == NULL)
		return;
	CHECK(isfinite(constant));
	for (int j = 0; j < product->width; j++)
		CHECK(isfinite(vector[j]));
	memcpy(padded, vector, sizeof(float) * product->width);
	for (int64_t i = 0; i < profile->n; i++)
		skip[profile->items[i] / 64] |= UINT64_C(1) << (profile->items[i] % 64);
	top_offer_range(&expected, scores, 0, n_items, skip);
	search_one(index, vector, constant, skip, score_asked, &state, &one,
			   dirty(search_one_scratch_bytes(n_items, product->width, n)));
	search_batch(index, product, &batch, &many,
				 dirty(search_batch_scratch_bytes(n_items, product->width, n)));
	top_sort(&expected);
	top_sort(&one);
	top_sort(&many);
	CHECK(one.count == expected.count && many.count == expected.count);
	for (int64_t i = 0; i < expected.count; i++)
	{
		CHECK(one.heap[i].index == expected.heap[i].index &&
			  one.heap[i].score == expected.heap[i].score);
		CHECK(many.heap[i].index == expected.heap[i].index &&
			  many.heap[i].score == expected.heap[i].score);
	}
}

/* Contributions and baseline add up to the score. */
static inline void
check_explanation(const Model *model, const Profile *profile, const void *query, int32_t item,
				  Range range, bool trained)
{
	const Algorithm *algorithm = model->algorithm;
	float		score = model_score_item(model, query, item);
	float	   *contributions = dirty(sizeof(float) * profile->n);
	float		baseline = NAN;
	double		sum;
	double		size;
	bool		solves;

	/* callers explain only with profiles that are not empty */
	algorithm->explain(model, profile, query, item, contributions, &baseline,
					   dirty(model_explain_scratch_bytes(model, profile_length(profile))));
	sum = baseline;
	size = fabsf(baseline) + fabsf(score);
	for (int64_t j = 0; j < profile->n; j++)
	{
		sum += contributions[j];
		size += fabsf(contributions[j]);
	}
	/*
	 * session_knn scores by the sessions of items and explains by the items of sessions, and markov
	 * drops sums of weights below 0. Both agree only on what a training has written.
	 */
	if (!trained && (strcmp(algorithm->name, "session_knn") == 0 ||
					 strcmp(algorithm->name, "markov") == 0))
		return;
	/* als and fm solve systems of equations in float, whose accuracy depends on their condition */
	solves = strcmp(algorithm->name, "als") == 0 || strcmp(algorithm->name, "fm") == 0;
	if (range <= (solves ? RANGE_EXACT : RANGE_MODERATE))
		CHECK_NEAR(sum, score, (solves ? 0.1 : 1e-2) * (1 + size));
}

static inline void
check_similarities(Input *in, const Model *model, const void *query, bool trained)
{
	const Algorithm *algorithm = model->algorithm;
	const Side *sides[] = {&model->sides[SIDE_ITEMS], &model->sides[SIDE_USERS]};

	for (int s = 0; s < (query == NULL || algorithm->similar_users == NULL ? 1 : 2); s++)
	{
		int64_t		n = sides[s]->n_rows;
		int32_t		item = (int32_t) take_below(in, model->sides[SIDE_ITEMS].n_rows);
		float	   *all = dirty(sizeof(float) * n);
		float	   *part = dirty(sizeof(float) * n);

		if (s == 0 && n == 0)
			continue;
		if (s == 0)
			algorithm->similar_items(model, item, 0, n, all);
		else
			algorithm->similar_users(model, query, 0, n, all);
		for (int64_t first = 0; first < n;)
		{
			int64_t		some = 1 + take_below(in, n - first);

			if (s == 0)
				algorithm->similar_items(model, item, first, some, part + first);
			else
				algorithm->similar_users(model, query, first, some, part + first);
			first += some;
		}
		for (int64_t i = 0; i < n; i++)
		{
			CHECK(same_float(all[i], part[i]));
			/* weights of a linear model have no other bound */
			if (trained && strcmp(algorithm->name, "slim") != 0)
				CHECK(isnan(all[i]) || fabsf(all[i]) <= 1);
		}
	}
}

/* Prints a description of the case if the environment has SHOW=1, for replays. */
static inline void
show_model(const Model *model, Range range)
{
	if (getenv("SHOW") == NULL)
		return;
	printf("%s, %lld items, %lld users, range %d, mean %g, from %g to %g\n", model->algorithm->name,
		   (long long) model->sides[SIDE_ITEMS].n_rows, (long long) model->sides[SIDE_USERS].n_rows,
		   range, model->scale.mean, model->scale.minimum, model->scale.maximum);
	for (const Option *o = model->algorithm->options; o->name != NULL; o++)
	{
		const char *value = (const char *) model->options + o->offset;

		if (o->type == OPTION_BOOLEAN)
			printf("  %s = %s\n", o->name, *(const bool *) value ? "true" : "false");
		else if (o->type == OPTION_INTEGER)
			printf("  %s = %d\n", o->name, *(const int32_t *) value);
		else if (o->type == OPTION_CHOICE)
			printf("  %s = %s\n", o->name, o->choices[*(const int32_t *) value]);
		else
			printf("  %s = %.9g\n", o->name, *(const double *) value);
	}
}

/*
 * Asks a prepared model all kinds of questions. If `trained`, its numbers come from a training on
 * data of this range; otherwise they are of this range themselves.
 */
static inline void
ask(Input *in, const Model *model, Range model_range, bool trained)
{
	const Algorithm *algorithm = model->algorithm;
	/* the range of the model, or another one: huge ratings with a model of usual numbers */
	Range		range = take_below(in, 4) == 3 ? RANGE_FINITE : model_range;
	bool		sane = trained || model_range <= RANGE_MODERATE;
	SparseMatrix profiles = take_profiles(in, model, range);
	int64_t		longest = 0;
	size_t		query_bytes;
	size_t		scratch_bytes;
	char	   *together;
	Profile    *all = dirty(sizeof(Profile) * profiles.n_rows);
	bool	   *made_together = dirty(sizeof(bool) * profiles.n_rows);
	float	   *scores = dirty(sizeof(float) * model->sides[SIDE_ITEMS].n_rows);
	float	   *scores_together = dirty(sizeof(float) * model->sides[SIDE_ITEMS].n_rows);
	InnerProduct product;
	bool		is_product = has_inner_product(model, &product);
	SearchIndex *index = NULL;
	int64_t		first = take_below(in, profiles.n_rows);

	show_model(model, range);
	for (int64_t r = 0; r < profiles.n_rows; r++)
		longest = profiles.start[r + 1] - profiles.start[r] > longest
					  ? profiles.start[r + 1] - profiles.start[r]
					  : longest;
	query_bytes = PADDED(model_query_bytes(model, longest) / sizeof(float) + 1) * sizeof(float);
	scratch_bytes = model_query_scratch_bytes(model, longest);
	for (int64_t r = 0; r < profiles.n_rows; r++)
		all[r] = (Profile){.n = profiles.start[r + 1] - profiles.start[r],
						   .items = profiles.column + profiles.start[r],
						   .ratings = profiles.value + profiles.start[r],
						   .n_events = profiles.start[r + 1] - profiles.start[r],
						   .events = profiles.column + profiles.start[r]};
	together = dirty(query_bytes * profiles.n_rows);
	/* some of the profiles, then the rest */
	model_make_queries(model, all + first, profiles.n_rows - first, together + first * query_bytes,
					   query_bytes, made_together + first, dirty(scratch_bytes));
	model_make_queries(model, all, first, together, query_bytes, made_together,
					   dirty(scratch_bytes));
	if (is_product)
	{
		index = dirty(search_index_bytes(model->sides[SIDE_ITEMS].n_rows, product.width));
		search_index_build(
			index, &product, model->sides[SIDE_ITEMS].n_rows,
			dirty(search_build_scratch_bytes(model->sides[SIDE_ITEMS].n_rows, product.width)));
	}
	for (int64_t r = 0; r < profiles.n_rows; r++)
	{
		int			before = n_pieces;
		Profile		profile = all[r];
		void	   *query = dirty(model_query_bytes(model, profile.n));
		bool		made;

		model_make_queries(model, &profile, 1, query, 0, &made,
						   dirty(model_query_scratch_bytes(model, profile.n)));
		if (range <= RANGE_MODERATE)
			CHECK(made);
		CHECK(made == made_together[r]);
		if (made)
		{
			check_scores(in, model, query, range, sane, scores);
			algorithm->score_items(model, together + r * query_bytes, NULL, 0,
								   model->sides[SIDE_ITEMS].n_rows, scores_together);
			for (int64_t i = 0; i < model->sides[SIDE_ITEMS].n_rows; i++)
				CHECK(same_float(scores[i], scores_together[i]));
			if (is_product)
				check_search(in, model, index, &product, &profile, query, scores);
			for (int i = 0; i < 3 && model->sides[SIDE_ITEMS].n_rows > 0 && profile.n > 0; i++)
				check_explanation(model, &profile, query,
								  (int32_t) take_below(in, model->sides[SIDE_ITEMS].n_rows), range,
								  trained);
		}
		check_similarities(in, model, made ? query : NULL, trained);
		free_pieces(before);
	}
}

#endif							/* REC_ASKING_H */
