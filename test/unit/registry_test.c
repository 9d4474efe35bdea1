/*
 * registry_test.c
 *	  The values of options that the registry tries for algorithms.
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

int
main(void)
{
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
