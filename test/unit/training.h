/*
 * training.h
 *	  Trains any algorithm in a unit test, as src/run/fit.c does in the server.
 */
#ifndef REC_UNIT_TRAINING_H
#define REC_UNIT_TRAINING_H

#include "unit.h"

#include "algorithm/algorithm.h"
#include "kernel/random.h"

typedef struct Training
{
	Services	services;		/* first member: algorithms receive a pointer to it */
	Task		task;
	/* whether the blocks of a pass are done from the last to the first */
	int			backwards;
	int64_t		block;			/* the most rows of a block; 0: the algorithm's own limit */
	double	   *losses;			/* after each iteration */
	double	   *validations;	/* likewise: the quality on what the training holds out */
	int			iterations;
	Ratings		ratings;
	char		options[512];
	Model		model;
	bool		is_time_up;		/* a limit of the time has ended it */
	const char *failure;		/* why the training failed; NULL: it did not */
	/* the option that is so large that nothing was learned; NULL: none is */
	const char *too_large;
	/* fills the columns with the numbers of a last version; NULL: there is none */
	void		(*warm_up) (Model *model);
} Training;

static inline void
training_run_steps(Services *services, int pass, const void *argument, size_t argument_bytes,
				   int64_t n_steps, int64_t n_rows, int64_t block_rows)
{
	Training   *t = (Training *) services;
	const Algorithm *algorithm = t->model.algorithm;
	int64_t		block = t->block > 0 && t->block < block_rows ? t->block : block_rows;
	int64_t		n_blocks = (n_rows + block - 1) / block;
	Extent		extent = ratings_extent(&t->ratings);
	size_t		scratch_bytes = training_scratch_bytes(&t->model, &extent);
	void	   *scratch = zeroed(scratch_bytes);

	CHECK(argument_bytes <= MAX_ARGUMENT_BYTES);
	CHECK(n_steps == 1 || n_rows % block_rows == 0);
	for (int64_t i = 0; i < n_steps * n_blocks; i++)
	{
		int64_t		first = i / n_blocks * n_rows;
		int64_t		begin =
			first + (t->backwards ? n_blocks - 1 - i % n_blocks : i % n_blocks) * block;
		void	   *copy = zeroed(argument_bytes);

		/* another worker may have left anything there */
		memset(scratch, 0x5a, scratch_bytes);
		if (argument_bytes > 0)
			memcpy(copy, argument, argument_bytes);
		algorithm->passes[pass](&t->task, copy, begin,
								begin + block < first + n_rows ? begin + block : first + n_rows,
								scratch);
		free(copy);
	}
	free(scratch);
}

static inline void
training_iteration_done(Services *services, int iteration, double loss, double validation)
{
	Training   *t = (Training *) services;

	CHECK(iteration == t->iterations + 1);
	t->losses[iteration - 1] = loss;
	t->validations[iteration - 1] = validation;
	t->iterations = iteration;
}

/* No test depends on time. */
static inline double
training_seconds(Services *services)
{
	return 0;
}

static inline void
training_time_is_up(Services *services)
{
	((Training *) services)->is_time_up = true;
}

static inline void
training_nothing_learned(Services *services, const char *too_large)
{
	((Training *) services)->too_large = too_large;
}

static inline const Option *
training_find_option(const Training *t, const char *name)
{
	for (const Option *o = t->model.algorithm->options; o->name != NULL; o++)
	{
		if (strcmp(o->name, name) == 0)
			return o;
	}
	printf("%s has no option %s\n", t->model.algorithm->name, name);
	exit(1);
}

/* Sets an option: a choice by its number, a boolean as 0 or 1. */
static inline void
set_option(Training *t, const char *name, double value)
{
	const Option *o = training_find_option(t, name);
	char	   *target = t->options + o->offset;

	switch (o->type)
	{
		case OPTION_BOOLEAN:
			*(bool *) target = value != 0;
			break;
		case OPTION_INTEGER:
		case OPTION_CHOICE:
			*(int32_t *) target = (int32_t) value;
			break;
		case OPTION_REAL:
		case OPTION_INTERVAL:
			*(double *) target = value;
			break;
	}
}

static inline void
set_choice(Training *t, const char *name, const char *choice)
{
	const Option *o = training_find_option(t, name);

	for (int i = 0; o->choices[i] != NULL; i++)
	{
		if (strcmp(o->choices[i], choice) == 0)
		{
			set_option(t, name, i);
			return;
		}
	}
	printf("option %s has no choice %s\n", name, choice);
	exit(1);
}

static inline void
set_defaults(Training *t, Feedback feedback)
{
	for (const Option *o = t->model.algorithm->options; o->name != NULL; o++)
	{
		const char *initial = o->initial[feedback];

		if (initial == NULL)
		{
			if (o->type == OPTION_REAL)
				set_option(t, o->name, NAN);
			else if (o->type == OPTION_INTEGER)
				set_option(t, o->name, UNDECIDED);
		}
		else if (o->type == OPTION_CHOICE)
			set_choice(t, o->name, initial);
		else if (o->type == OPTION_BOOLEAN)
			set_option(t, o->name, strcmp(initial, "true") == 0);
		else
			set_option(t, o->name, atof(initial));
	}
	set_option(t, "feedback", feedback);
}

/* The ratings as events: each user's in the order of time, or of items if there are no times. */
static inline void
training_make_events(Training *t)
{
	const SparseMatrix *m = &t->ratings.by_user;
	History    *h = &t->ratings.events;
	int64_t		n = m->start[m->n_rows];
	Event	   *events = zeroed(sizeof(Event) * n);
	Event	   *scratch = zeroed(sizeof(Event) * n);

	h->n_users = m->n_rows;
	h->start = zeroed(sizeof(int64_t) * (m->n_rows + 1));
	h->items = zeroed(sizeof(int32_t) * n);
	h->times = zeroed(sizeof(int64_t) * n);
	for (int64_t u = 0; u < m->n_rows; u++)
	{
		int64_t		first = m->start[u];
		int64_t		count = m->start[u + 1] - first;

		for (int64_t i = 0; i < count; i++)
			events[i] = (Event){.time = m->time == NULL ? i : m->time[first + i],
								.item = m->column[first + i]};
		history_order(events, scratch, count);
		for (int64_t i = 0; i < count; i++)
		{
			h->items[first + i] = events[i].item;
			h->times[first + i] = events[i].time;
		}
		h->start[u + 1] = first + count;
	}
	free(events);
	free(scratch);
}

/*
 * Makes features of n_rows items or users: two categories, two elements of sets, a number and a
 * word, each in a column of its own kind, of about half of the rows.
 */
#define TRAINING_FEATURES 6

static inline void
training_make_features(Features *features, int64_t n_rows)
{
	static const int32_t column[TRAINING_FEATURES] = {0, 0, 1, 1, 2, 3};
	static const FeatureKind kind[TRAINING_FEATURES] = {FEATURE_CATEGORY, FEATURE_CATEGORY,
														FEATURE_SET,	  FEATURE_SET,
														FEATURE_NUMBER,	  FEATURE_WORDS};
	SparseMatrix *m = &features->by_row;

	m->n_rows = n_rows;
	m->n_columns = TRAINING_FEATURES;
	m->start = zeroed(sizeof(int64_t) * (n_rows + 2));
	m->column = zeroed(sizeof(int32_t) * n_rows * TRAINING_FEATURES);
	m->value = zeroed(sizeof(float) * n_rows * TRAINING_FEATURES);
	features->count = zeroed(sizeof(int32_t) * TRAINING_FEATURES);
	features->column = zeroed(sizeof(column));
	features->kind = zeroed(sizeof(int32_t) * TRAINING_FEATURES);
	features->encoding = zeroed(sizeof(NumberEncoding) * TRAINING_FEATURES);
	memcpy(features->column, column, sizeof(column));
	for (int f = 0; f < TRAINING_FEATURES; f++)
		features->kind[f] = kind[f];
	for (int64_t i = 0; i < n_rows; i++)
	{
		int64_t		n = m->start[i];

		for (int f = 0; f < TRAINING_FEATURES; f++)
		{
			uint64_t	bits = random_bits(1, (uint64_t) (i * TRAINING_FEATURES + f));

			if (bits % 2 == 0)
				continue;
			m->column[n] = f;
			m->value[n++] = kind[f] == FEATURE_NUMBER ? (float) (bits >> 40) / 8388608 - 1 : 1;
			features->count[f]++;
		}
		m->start[i + 1] = n;
	}
	for (int f = 0; f < TRAINING_FEATURES; f++)
	{
		if (features->count[f] > 0)
			features->encoding[f].scale = inverse_document_frequency(features->count[f], n_rows);
	}
}

static inline void
training_add_item_features(Training *t)
{
	t->model.has_item_features = true;
	training_make_features(&t->ratings.item_features, t->ratings.by_item.n_rows);
}

static inline void
training_add_user_features(Training *t)
{
	t->model.has_user_features = true;
	training_make_features(&t->ratings.user_features, t->ratings.by_user.n_rows);
}

/* Sets the mean, the deviation and the range of the ratings. */
static inline void
training_set_scale(Training *t)
{
	const SparseMatrix *m = &t->ratings.by_user;
	int64_t		n = m->start[m->n_rows];
	RatingScale *scale = &t->ratings.scale;

	*scale = (RatingScale){.minimum = INFINITY, .maximum = -INFINITY};
	for (int64_t i = 0; i < n; i++)
	{
		scale->mean += m->value[i];
		scale->minimum = fmin(scale->minimum, m->value[i]);
		scale->maximum = fmax(scale->maximum, m->value[i]);
	}
	scale->mean /= n;
	for (int64_t i = 0; i < n; i++)
		scale->deviation += pow(m->value[i] - scale->mean, 2) / n;
	scale->deviation = sqrt(scale->deviation);
}

/*
 * What a rating becomes with contexts: at most MOST_OF_RATING ratings of the same user and item, in
 * ascending contexts. Returns how many.
 */
#define MOST_OF_RATING 2
typedef int (*RateInContexts) (int64_t user, int32_t item, float value, int32_t *contexts,
							   float *values);

/* Puts the ratings into contexts, whose features are given. */
static inline void
training_set_contexts(Training *t, Features contexts, RateInContexts rate)
{
	SparseMatrix from = t->ratings.by_user;
	SparseMatrix *to = &t->ratings.by_user;
	SparseMatrix *back = &t->ratings.by_item;
	int64_t		room = from.start[from.n_rows] * MOST_OF_RATING;
	int64_t		n = 0;

	to->start = zeroed(sizeof(int64_t) * (from.n_rows + 2));
	memset(back->start, 0, sizeof(int64_t) * (back->n_rows + 2));
	free(back->column);
	free(back->value);
	for (int i = 0; i < 2; i++)
	{
		SparseMatrix *m = i == 0 ? to : back;

		m->column = zeroed(sizeof(int32_t) * room);
		m->value = zeroed(sizeof(float) * room);
		m->context = zeroed(sizeof(int32_t) * room);
	}
	CHECK(from.time == NULL);
	for (int64_t u = 0; u < from.n_rows; u++)
	{
		for (int64_t e = from.start[u]; e < from.start[u + 1]; e++)
		{
			int			count = rate(u, from.column[e], from.value[e], to->context + n,
									 to->value + n);

			for (; count > 0; count--)
				to->column[n++] = from.column[e];
		}
		to->start[u + 1] = n;
	}
	free(from.start);
	free(from.column);
	free(from.value);
	sparse_transpose(to, back);
	training_set_scale(t);
	t->model.has_contexts = true;
	t->ratings.contexts = contexts;
}

#define TRAINING_CONTEXTS 8

/* Implements RateInContexts: of some ratings nothing is known, and some are in two contexts. */
static inline int
training_rate_anywhere(int64_t user, int32_t item, float value, int32_t *contexts, float *values)
{
	uint64_t	bits = random_bits(2, (uint64_t) (user * 100000 + item));

	contexts[0] = (int32_t) (bits % (TRAINING_CONTEXTS + 1)) - 1;
	contexts[1] = contexts[0] + 1;
	values[0] = value;
	values[1] = 1 + (float) (bits >> 40 & 1);
	return bits >> 32 & 1 && contexts[1] < TRAINING_CONTEXTS ? 2 : 1;
}

static inline void
training_add_contexts(Training *t)
{
	Features	contexts;

	memset(&contexts, 0, sizeof(contexts));
	training_make_features(&contexts, TRAINING_CONTEXTS);
	training_set_contexts(t, contexts, training_rate_anywhere);
}

/*
 * A training on the entries of a dense matrix, n_users x n_items, that are not NaN, with default
 * options. times has the same shape, or is NULL.
 */
static inline Training *
new_training(const Algorithm *algorithm, const double *dense, const int64_t *times, int n_users,
			 int n_items, Feedback feedback)
{
	Training   *t = zeroed(sizeof(Training));
	SparseMatrix *matrices[] = {&t->ratings.by_user, &t->ratings.by_item};
	SparseMatrix *m = matrices[0];
	int64_t		n = 0;

	for (int i = 0; i < 2; i++)
	{
		matrices[i]->n_rows = i == 0 ? n_users : n_items;
		matrices[i]->n_columns = i == 0 ? n_items : n_users;
		matrices[i]->start = zeroed(sizeof(int64_t) * (matrices[i]->n_rows + 2));
		matrices[i]->column = zeroed(sizeof(int32_t) * n_users * n_items);
		matrices[i]->value = zeroed(sizeof(float) * n_users * n_items);
		matrices[i]->time = times == NULL ? NULL : zeroed(sizeof(int64_t) * n_users * n_items);
	}
	t->ratings.now = INT64_MAX;
	for (int i = 0; i < n_users; i++)
	{
		for (int j = 0; j < n_items; j++)
		{
			double		value = dense[i * n_items + j];

			if (isnan(value))
				continue;
			m->column[n] = j;
			m->value[n] = (float) value;
			if (times != NULL)
				m->time[n] = times[i * n_items + j];
			n++;
		}
		m->start[i + 1] = n;
	}
	training_set_scale(t);
	sparse_transpose(matrices[0], matrices[1]);
	t->services = (Services){training_run_steps, training_iteration_done, training_seconds,
							 training_time_is_up, training_nothing_learned};
	t->model.algorithm = algorithm;
	set_defaults(t, feedback);
	training_make_events(t);
	if ((algorithm_needs(algorithm, t->options) & NEEDS_ITEM_FEATURES) != 0)
		training_add_item_features(t);
	return t;
}

/* Implements VisitArrays. */
static inline void
training_take_array(void *context, void *pointer, size_t bytes)
{
	set_visited_array(pointer, zeroed(bytes));
}

static inline void
training_free_array(void *context, void *pointer, size_t bytes)
{
	free(visited_array(pointer));
}

static inline void
training_make_sides(Training *t)
{
	Model	   *model = &t->model;
	const Algorithm *algorithm = model->algorithm;
	Extent		extent = ratings_extent(&t->ratings);
	const SparseMatrix *matrices[N_SIDES] = {&t->ratings.by_item, &t->ratings.by_user};

	model_set_items(model, extent.n_items);
	for (int s = 0; s < N_SIDES; s++)
	{
		Side	   *side = &model->sides[s];
		const SparseMatrix *m = matrices[s];

		side->n_rows = m != NULL				 ? m->n_rows
					   : side->n_columns == 0	 ? 0
					   : s == SIDE_PARAMETERS	 ? side->n_rows
					   : s == SIDE_ITEM_FEATURES ? extent.n_item_features
					   : s == SIDE_USER_FEATURES ? extent.n_user_features
					   : s == SIDE_CONTEXT_FEATURES ? extent.n_context_features
												 : algorithm->side_rows(t->options, &extent, s);
		if (side_list_type(side) != COLUMN_NUMBER)
			side->list_room = algorithm->list_entries(t->options, &extent, s);
		side_visit(side, training_take_array, NULL);
		if (side_list_type(side) != COLUMN_NUMBER)
		{
			side->list.n_rows = side->n_rows;
			side->list.n_columns = side_list_type(side) == COLUMN_SESSIONS
									   ? model->sides[SIDE_SESSIONS].n_rows
								   : side_list_type(side) == COLUMN_FEATURES
									   ? extent.n_item_features
									   : extent.n_items;
		}
		for (int64_t r = 0; m != NULL && r < m->n_rows; r++)
			side->n_ratings[r] = (int32_t) (m->start[r + 1] - m->start[r]);
	}
}

/* Trains the model and prepares it for questions. */
static inline void
train(Training *t)
{
	Model	   *m = &t->model;
	const Algorithm *algorithm = m->algorithm;
	Extent		extent = ratings_extent(&t->ratings);
	size_t		array_bytes[MAX_ARRAYS];
	int			n_arrays;

	if (algorithm->decide != NULL)
		algorithm->decide(&t->ratings, t->options);
	m->options = t->options;
	m->n_users = t->ratings.by_user.n_rows;
	m->scale = t->ratings.scale;
	training_make_sides(t);
	t->losses = zeroed(sizeof(double) * training_iterations(algorithm, t->options));
	t->validations = zeroed(sizeof(double) * training_iterations(algorithm, t->options));
	t->task.ratings = &t->ratings;
	t->task.model = m;
	n_arrays = training_arrays(m, &extent, array_bytes);
	CHECK(n_arrays <= MAX_ARRAYS);
	/* as in the server, an array of no bytes is NULL */
	for (int i = 0; i < n_arrays; i++)
		t->task.arrays[i] = array_bytes[i] == 0 ? NULL : zeroed(array_bytes[i]);
	if (t->warm_up != NULL)
	{
		t->warm_up(m);
		t->task.warm = true;
	}
	t->failure = algorithm->train(&t->task, &t->services);
	for (int i = 0; i < n_arrays; i++)
		free(t->task.arrays[i]);
	if (t->failure != NULL)
		return;
	m->derived = zeroed(model_derived_bytes(m));
	memset(m->derived, 0x5a, model_derived_bytes(m));
	model_prepare(m);
}

static inline void
training_free_features(Features *features)
{
	free(features->by_row.start);
	free(features->by_row.column);
	free(features->by_row.value);
	free(features->count);
	free(features->column);
	free(features->kind);
	free(features->encoding);
}

static inline void
free_training(Training *t)
{
	SparseMatrix *matrices[] = {&t->ratings.by_item, &t->ratings.by_user};

	for (int s = 0; s < N_SIDES; s++)
		side_visit(&t->model.sides[s], training_free_array, NULL);
	free(t->ratings.events.start);
	free(t->ratings.events.items);
	free(t->ratings.events.times);
	for (int i = 0; i < 2; i++)
	{
		free(matrices[i]->start);
		free(matrices[i]->column);
		free(matrices[i]->value);
		free(matrices[i]->time);
		free(matrices[i]->context);
	}
	training_free_features(&t->ratings.item_features);
	training_free_features(&t->ratings.user_features);
	training_free_features(&t->ratings.contexts);
	free(t->losses);
	free(t->validations);
	free(t->model.derived);
	free(t);
}

/* ---- questions ---- */

/* The query for a profile; the caller frees it. */
static inline void *
new_query(const Model *model, const Profile *profile)
{
	int64_t		length = profile_length(profile);
	void	   *query = zeroed(model_query_bytes(model, length));
	size_t		scratch_bytes = model_query_scratch_bytes(model, length);
	void	   *scratch = zeroed(scratch_bytes);
	bool		made;

	memset(query, 0x5a, model_query_bytes(model, length));
	memset(scratch, 0x5a, scratch_bytes);
	model_make_queries(model, profile, 1, query, 0, &made, scratch);
	CHECK(made);
	free(scratch);
	return query;
}

/* The profile in a question whose context is that row of the training's contexts. */
static inline Profile
profile_in_context(Profile profile, const Training *t, int32_t context)
{
	const SparseMatrix *m = &t->ratings.contexts.by_row;

	if (context >= 0)
	{
		profile.n_context = m->start[context + 1] - m->start[context];
		profile.context = m->column + m->start[context];
		profile.context_values = m->value + m->start[context];
	}
	return profile;
}

/* A row of the ratings as a profile. */
static inline Profile
user_profile(const Training *t, int user)
{
	const SparseMatrix *m = &t->ratings.by_user;
	Profile		profile = {.n = m->start[user + 1] - m->start[user],
					   .items = m->column + m->start[user],
					   .ratings = m->value + m->start[user]};
	const History *h = &t->ratings.events;
	const SparseMatrix *f = &t->ratings.user_features.by_row;

	profile.n_events = h->start[user + 1] - h->start[user];
	profile.events = h->items + h->start[user];
	profile.times = h->times + h->start[user];
	if (f->n_rows > 0)
	{
		profile.n_features = f->start[user + 1] - f->start[user];
		profile.features = f->column + f->start[user];
		profile.feature_values = f->value + f->start[user];
	}
	if (m->context != NULL)
	{
		profile.contexts = m->context + m->start[user];
		profile.context_features = &t->ratings.contexts.by_row;
	}
	return profile;
}

/*
 * Properties of the answers of every algorithm: scores of ranges, of single items and of items in
 * any order with repetitions agree; contributions and baseline add up to the score.
 */
static inline void
check_answers(const Model *model, const Profile *profile)
{
	const Algorithm *algorithm = model->algorithm;
	int64_t		n = model->sides[SIDE_ITEMS].n_rows;
	void	   *query = new_query(model, profile);
	float	   *scores = zeroed(sizeof(float) * n);
	float	   *part = zeroed(sizeof(float) * n);
	int32_t    *items = zeroed(sizeof(int32_t) * 2 * n);
	float	   *of_items = zeroed(sizeof(float) * 2 * n);
	float	   *contributions = zeroed(sizeof(float) * (profile->n + 1));
	size_t		scratch_bytes = model_explain_scratch_bytes(model, profile_length(profile));
	void	   *scratch = zeroed(scratch_bytes);

	algorithm->score_items(model, query, NULL, 0, n, scores);
	for (int64_t first = 0; first < n; first += 3)
		algorithm->score_items(model, query, NULL, first, n - first < 3 ? n - first : 3,
							   part + first);
	for (int64_t i = 0; i < n; i++)
	{
		items[2 * i] = (int32_t) (n - 1 - i);
		items[2 * i + 1] = (int32_t) (random_bits(97, (uint64_t) i) % (uint64_t) n);
	}
	algorithm->score_items(model, query, items, 0, 1, of_items);
	algorithm->score_items(model, query, items, 1, 2 * n - 1, of_items + 1);
	for (int64_t i = 0; i < 2 * n; i++)
		CHECK(isnan(scores[items[i]]) ? isnan(of_items[i]) : of_items[i] == scores[items[i]]);
	model_score_items(model, query, items, 1, 2 * n - 1, of_items);
	for (int64_t i = 1; i < 2 * n; i++)
		CHECK(isnan(scores[items[i]]) ? isnan(of_items[i - 1])
									  : of_items[i - 1] == scores[items[i]]);
	CHECK(isfinite(model_score_item(model, query, -1)));
	for (int64_t i = 0; i < n; i++)
	{
		float		score = model_score_item(model, query, (int32_t) i);
		float		baseline;
		double		sum;

		CHECK(isfinite(score));
		CHECK(isnan(scores[i]) ? isnan(part[i]) : scores[i] == part[i] && scores[i] == score);
		memset(scratch, 0x5a, scratch_bytes);
		algorithm->explain(model, profile, query, (int32_t) i, contributions, &baseline, scratch);
		sum = baseline;
		for (int64_t j = 0; j < profile->n; j++)
			sum += contributions[j];
		CHECK_NEAR(sum, score, 1e-4 * fmax(1, fabs(score)));
	}
	free(scratch);
	free(contributions);
	free(of_items);
	free(items);
	free(part);
	free(scores);
	free(query);
}

/*
 * The stored query of each user gives the scores of the query of the user's profile, to the bit if
 * the tolerance is 0. They are the scores that Algorithm.user_product describes.
 */
static inline void
check_users(const Training *t, double tolerance)
{
	const Model *model = &t->model;
	const Algorithm *algorithm = model->algorithm;
	int64_t		n = model->sides[SIDE_ITEMS].n_rows;
	float	   *scores = zeroed(sizeof(float) * n);
	float	   *asked = zeroed(sizeof(float) * n);
	InnerProduct items;
	InnerProduct users;
	float		constant;

	CHECK(has_inner_product(model, &items) && has_user_product(model, &users, &constant));
	CHECK(users.width == items.width);
	for (int32_t u = 0; u < model->sides[SIDE_USERS].n_rows; u++)
	{
		Profile		profile = user_profile(t, u);
		void	   *query = new_query(model, &profile);
		void	   *stored = zeroed(model_query_bytes(model, 0));
		const float *vector = users.factors + u * users.stride;

		memset(stored, 0x5a, model_query_bytes(model, 0));
		algorithm->user_query(model, u, stored);
		CHECK(tolerance > 0 || algorithm->speaks(model, stored) == algorithm->speaks(model, query));
		algorithm->score_items(model, query, NULL, 0, n, asked);
		algorithm->score_items(model, stored, NULL, 0, n, scores);
		for (int64_t i = 0; i < n; i++)
		{
			double		sum = constant + (users.bias == NULL ? 0 : users.bias[u]) +
						 (items.bias == NULL ? 0 : items.bias[i]);

			for (int f = 0; f < items.width; f++)
				sum += (double) vector[f] * items.factors[i * items.stride + f];
			CHECK_NEAR(scores[i], sum, 1e-5 * fmax(1, fabs(sum)));
			CHECK_NEAR(scores[i], asked[i], tolerance * fmax(1, fabs(sum)));
		}
		free(query);
		free(stored);
	}
	free(scores);
	free(asked);
}

/* With ratings of any size, there is no query, or every score is finite. */
static inline void
check_large_profiles(const Model *model, const Profile *profile)
{
	const Algorithm *algorithm = model->algorithm;
	float	   *ratings = zeroed(sizeof(float) * profile->n);
	float	   *scores = zeroed(sizeof(float) * model->sides[SIDE_ITEMS].n_rows);
	void	   *query = zeroed(model_query_bytes(model, profile->n));
	void	   *scratch = zeroed(model_query_scratch_bytes(model, profile->n));
	int			refused = 0;

	for (int exponent = 0; exponent < 128; exponent++)
	{
		Profile		large = *profile;
		bool		made;

		large.n_events = 0;
		large.n_features = 0;
		large.ratings = ratings;
		for (int64_t j = 0; j < profile->n; j++)
			ratings[j] = ldexpf(1.9f, exponent);
		model_make_queries(model, &large, 1, query, 0, &made, scratch);
		if (!made)
		{
			refused++;
			continue;
		}
		algorithm->score_items(model, query, NULL, 0, model->sides[SIDE_ITEMS].n_rows, scores);
		for (int64_t i = 0; i < model->sides[SIDE_ITEMS].n_rows; i++)
			CHECK(isfinite(scores[i]));
		CHECK(isfinite(model_score_item(model, query, -1)));
	}
	/* only the very largest are refused */
	CHECK(refused < 32);
	free(scratch);
	free(query);
	free(scores);
	free(ratings);
}

#endif							/* REC_UNIT_TRAINING_H */
