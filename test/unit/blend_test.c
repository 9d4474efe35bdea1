/*
 * blend_test.c
 *	  Lists of several models as one, by hand.
 */
#include <stdlib.h>

#include "training.h"
#include "unit.h"

enum
{
	ITEMS = 5
};

/* The scores of all items by the lists of two inputs, and what each contributes to one's. */
static void
ask(Training *t, const InputList *lists, float *scores, int item, float *contributions)
{
	Profile		profile = {.inputs = lists};
	void	   *query = zeroed(model_query_bytes(&t->model, 0));
	void	   *scratch = zeroed(model_query_scratch_bytes(&t->model, 0));
	static const int32_t backwards[ITEMS] = {4, 3, 2, 1, 0};
	float		others[ITEMS];
	bool		made;

	model_make_queries(&t->model, &profile, 1, query, 0, &made, scratch);
	CHECK(made);
	t->model.algorithm->score_items(&t->model, query, NULL, 0, ITEMS, scores);
	t->model.algorithm->score_items(&t->model, query, backwards, 0, ITEMS, others);
	for (int i = 0; i < ITEMS; i++)
		CHECK(memcmp(&scores[i], &others[ITEMS - 1 - i], sizeof(float)) == 0);
	/* part of a range */
	t->model.algorithm->score_items(&t->model, query, NULL, 2, 2, others);
	CHECK(memcmp(&scores[2], others, 2 * sizeof(float)) == 0);
	t->model.algorithm->explain_inputs(&t->model, &profile, query, item, contributions, scratch);
	free(query);
	free(scratch);
}

static void
test_lists(void)
{
	static const double dense[] = {1, NAN, 1, 1, 1, NAN, 1, 1, 1, NAN};
	static const Scored first[] = {{5, 3}, {1, 1}};
	static const Scored second[] = {{7, 1}};
	static const Scored equal[] = {{2, 0}, {2, 4}};
	InputList	lists[] = {{2, first, true}, {1, second, true}};
	InputList	others[] = {{2, equal, false}, {0, NULL, false}};
	Training   *t =
		new_training(find_algorithm("blend"), dense, NULL, 2, ITEMS, FEEDBACK_IMPLICIT);
	InputNumbers *weights;
	float		scores[ITEMS];
	float		contributions[2];

	train(t);
	CHECK(t->failure == NULL);
	/* of two users one has item 0, both have 3 */
	CHECK(t->model.sides[SIDE_ITEMS].values[0][0] == 0.5);
	CHECK(t->model.sides[SIDE_ITEMS].values[0][3] == 1);
	t->model.n_inputs = 2;
	set_option(t, "rank_constant", 1);

	/* item 3: 1/2; item 1: 1/3 + 1/2; no other is on a list */
	ask(t, lists, scores, 1, contributions);
	CHECK(fabs(scores[3] - 0.5) < 1e-6 && fabs(scores[1] - 5.0 / 6) < 1e-6);
	CHECK(isnan(scores[0]) && isnan(scores[2]) && isnan(scores[4]));
	CHECK(fabs(contributions[0] - 1.0 / 3) < 1e-6 && fabs(contributions[1] - 0.5) < 1e-6);

	/* the mean of 5 and 1 is 3, their deviation 2, so item 3: (5 - 1) / 2; the others are lowest */
	set_choice(t, "method", "scores");
	ask(t, lists, scores, 3, contributions);
	CHECK(fabs(scores[3] - 2) < 1e-6 && scores[1] == 0);
	CHECK(fabs(contributions[0] - 2) < 1e-6 && contributions[1] == 0);
	/* equal scores say nothing; neither does an empty list */
	ask(t, others, scores, 0, contributions);
	CHECK(scores[0] == 0 && scores[4] == 0 && isnan(scores[1]));

	/* weights: ranks again, 3 x 1/2; 3 x 1/3 + 0.5 x 1/2 */
	set_choice(t, "method", "ranks");
	set_option(t, "weights", 3);
	weights = (InputNumbers *) (t->options + training_find_option(t, "weights")->offset);
	weights->n = 2;
	weights->numbers[1] = 0.5;
	ask(t, lists, scores, 1, contributions);
	CHECK(fabs(scores[3] - 1.5) < 1e-6 && fabs(scores[1] - 1.25) < 1e-6);
	CHECK(fabs(contributions[0] - 1) < 1e-6 && fabs(contributions[1] - 0.25) < 1e-6);
	free_training(t);
}

int
main(void)
{
	test_lists();
	return passed("blend");
}
