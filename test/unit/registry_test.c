/*
 * registry_test.c
 *	  The values of options that the registry tries for algorithms, and the parameters of models.
 */
#define _POSIX_C_SOURCE 200112L
#include "training.h"

/*
 * The value of the option at a step of a line that begins with this value; NaN: there is no such
 * step.
 */
static double
varied(const char *algorithm, const char *name, double begin, int line, int step)
{
	static const double dense[] = {1, 2, 3, 4};
	Training   *t =
		new_training(find_algorithm(algorithm), dense, NULL, 2, 2, FEEDBACK_IMPLICIT);
	const Option *option = training_find_option(t, name);
	char		given[sizeof(t->options)];
	double		value = NAN;

	memcpy(given, t->options, sizeof(given));
	CHECK(option_is_undecided(option, given));
	set_option(t, name, begin);
	if (vary_options(t->model.algorithm, given, line, step, t->options))
		value = option->type == OPTION_INTEGER ? *(int32_t *) (t->options + option->offset)
											   : *(double *) (t->options + option->offset);
	/* an option that was given is not varied */
	CHECK(!vary_options(t->model.algorithm, t->options, line, step, given));
	free_training(t);
	return value;
}

/* ---- parameters ---- */

/* An algorithm with parameters of three shapes, of which the option `layers` says how many. */
typedef struct NetworkOptions
{
	CommonOptions common;
	int32_t		layers;
} NetworkOptions;

static int
network_columns(const void *options, SideKind side, Column *columns)
{
	if (side != SIDE_ITEMS)
		return 0;
	columns[0] = (Column) {"bias", COLUMN_NUMBER, 0, ""};
	return 1;
}

static int
network_parameters(const void *options, Parameter *parameters)
{
	static const Parameter all[] = {
		{"gain", 1, {5, 0}}, {"weights", 2, {3, 16}}, {"one", 2, {1, 1}}};
	int			n = ((const NetworkOptions *) options)->layers;

	if (parameters != NULL)
		memcpy(parameters, all, sizeof(Parameter) * (size_t) n);
	return n;
}

static const Algorithm network = {
	.name = "network",
	.columns = network_columns,
	.parameters = network_parameters,
	.asks[SIDE_PARAMETERS] = true
};

/* A VisitArray: adds the bytes of an array, and gives it an address. */
static void
count_array(void *context, void *pointer, size_t bytes)
{
	static float array[1];

	*(size_t *) context += bytes;
	set_visited_array(pointer, array);
}

static void
test_parameters(int layers, int64_t floats)
{
	NetworkOptions options = {.layers = layers};
	Model		model = {.algorithm = &network, .options = &options};
	Side	   *side = &model.sides[SIDE_PARAMETERS];
	Parameter	parameters[MAX_PARAMETERS];
	size_t		bytes = 0;

	model_set_items(&model, 7);
	CHECK(model_parameters(&model, NULL) == layers);
	CHECK(model_parameters(&model, parameters) == layers);
	CHECK(side->n_rows == layers && side->n_columns == (layers == 0 ? 0 : 2));
	CHECK(parameter_offset(parameters, layers) == floats);
	CHECK(model_asks(&model, SIDE_PARAMETERS) == (layers > 0));
	CHECK(last_asked_side(&model) == (layers > 0 ? SIDE_PARAMETERS : SIDE_ITEMS));
	side_visit(side, count_array, &bytes);
	CHECK(bytes == sizeof(float) * (size_t) floats + sizeof(int32_t) * (size_t) layers);
	CHECK((model_numbers(&model) != NULL) == (layers > 0));
	for (int c = 0; c < side->n_columns; c++)
		CHECK(side_floats(side, c) == (c == PARAMETER_NUMBERS ? floats : 0));
	/* the numbers of parameters are no lists */
	CHECK(side_list_type(side) == COLUMN_NUMBER);
}

/* Each parameter begins at a cache line, behind the one before. */
static void
test_places(void)
{
	NetworkOptions options = {.layers = 3};
	Parameter	p[MAX_PARAMETERS];

	network_parameters(&options, p);
	CHECK(parameter_numbers(&p[0]) == 5 && parameter_numbers(&p[1]) == 48);
	CHECK(parameter_numbers(&p[2]) == 1);
	CHECK(parameter_offset(p, 0) == 0 && parameter_offset(p, 1) == 16);
	CHECK(parameter_offset(p, 2) == 64);
}

/* Those that are registered: names differ and fit, and arrays have room for the numbers. */
static void
test_registered(const Algorithm *algorithm)
{
	static const double dense[] = {1, 2, 3, 4};
	Training   *t = new_training(algorithm, dense, NULL, 2, 2, FEEDBACK_IMPLICIT);
	Parameter	p[MAX_PARAMETERS];
	int			n;

	t->model.options = t->options;
	n = model_parameters(&t->model, NULL);
	CHECK(n >= 0 && n <= MAX_PARAMETERS);
	CHECK(model_parameters(&t->model, p) == n);
	for (int i = 0; i < n; i++)
	{
		CHECK(memchr(p[i].name, 0, sizeof(p[i].name)) != NULL && p[i].name[0] != 0);
		CHECK(p[i].n_dimensions == 1 || p[i].n_dimensions == 2);
		CHECK(parameter_numbers(&p[i]) > 0 && parameter_numbers(&p[i]) < INT64_C(1) << 27);
		for (int j = 0; j < i; j++)
			CHECK(strcmp(p[i].name, p[j].name) != 0);
	}
	CHECK(parameter_offset(p, n) < INT32_MAX);
	free_training(t);
}

int
main(void)
{
	test_parameters(0, 0);
	test_parameters(1, 16);
	test_parameters(2, 64);
	test_parameters(3, 80);
	test_places();
	for (int i = 0; algorithms[i] != NULL; i++)
		test_registered(algorithms[i]);
	/* doubled and halved, four times at most, and as long as possible */
	CHECK(varied("svd", "factors", 24, 0, 0) == 48);
	CHECK(varied("svd", "factors", 24, 0, 3) == 384);
	CHECK(isnan(varied("svd", "factors", 24, 0, 4)));
	CHECK(varied("svd", "factors", 24, 1, 0) == 12);
	CHECK(varied("svd", "factors", 24, 1, 3) == 1);
	CHECK(isnan(varied("svd", "factors", 5, 1, 2)));
	CHECK(isnan(varied("svd", "factors", 24, 2, 0)));
	/* within the option's range */
	CHECK(varied("user_knn", "neighbors", 9000, 0, 0) == 10000);
	CHECK_NEAR(varied("bpr", "regularization", 0.02, 0, 1), 0.125, 1e-12);
	CHECK_NEAR(varied("bpr", "regularization", 0.02, 1, 0), 0.008, 1e-12);
	CHECK(varied("bpr", "regularization", 0.5, 0, 0) == 1);
	CHECK(varied("ease", "regularization", 0.003, 1, 0) == 0.001);
	CHECK_NEAR(varied("slim", "l2", 30, 0, 3), 7680, 1e-9);
	return passed("registry");
}
