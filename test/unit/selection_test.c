/*
 * selection_test.c
 *	  Diverse, capped and calibrated lists: by hand, and by what must hold of any.
 */
#define _POSIX_C_SOURCE 200112L
#include "unit.h"

#include <stdbool.h>

#include "kernel/random.h"
#include "kernel/selection.h"

/* A whole number below n. */
static int
random_below(int n)
{
	static uint64_t position = 0;

	return (int) (random_bits(17, position++) % (uint64_t) n);
}

/* A SimilarTo: state is a matrix, of `stride` columns. */
static int	stride;

static void
similar_to(void *state, int32_t item, const int32_t *others, int64_t n, float *similarity)
{
	for (int64_t i = 0; i < n; i++)
		similarity[i] = ((const float *) state)[item * stride + others[i]];
}

static void
check_order(const Selection *s, int64_t n, const int *expected)
{
	CHECK(s->n == n);
	for (int64_t i = 0; i < n; i++)
		CHECK(s->chosen[i].index == expected[i]);
}

/*
 * Five items with the scores 4, 3, 2, 1, 0: mean 2, deviation sqrt(2); standardised 1.4142, 0.7071,
 * 0, -0.7071, -1.4142. The pairs whose ranks differ by 1, 2 and 4 have four similarities of 1 and
 * four of 0: mean 0.5, deviation 0.5; standardised 1 is 1, and 0 is -1.
 */
static void
test_marginal_relevance(void)
{
	static const float similarity[5][5] = {{1, 1, 0, 0, 1},
										   {1, 1, 1, 0, 0},
										   {0, 1, 1, 0, 0},
										   {0, 0, 0, 1, 1},
										   {1, 0, 0, 1, 1}};
	const Scored candidates[] = {{4, 0}, {3, 1}, {2, 2}, {1, 3}, {0, 4}};
	Scored		chosen[5];
	Selection	s = {.diversity = 0.5,
					 .similar = similar_to,
					 .state = (void *) similarity,
					 .most = 5,
					 .chosen = chosen};

	stride = 5;
	/*
	 * First 0. The others: 1: 0.5 x 0.7071 - 0.5 x 1 = -0.1464; 2: 0 + 0.5; 3: -0.3536 + 0.5 =
	 * 0.1464; 4: -0.7071 - 0.5 = -1.2071. So 2. It is like 1, which is like 0 already; so 3 and 1
	 * and 4 keep their values.
	 */
	selection_add(&s, candidates, NULL, 5);
	check_order(&s, 5, (const int[]) {0, 2, 3, 1, 4});

	/* 1: 0.8 x 0.7071 - 0.2 = 0.3657, above 2: 0 + 0.2; then 2: 0 - 0.2, above 3: -0.5657 + 0.2 */
	s.n = 0;
	s.diversity = 0.2;
	selection_add(&s, candidates, NULL, 5);
	check_order(&s, 5, (const int[]) {0, 1, 2, 3, 4});

	/* relevance counts nothing: the best ranked of those that are alike, here 2 and 3, 1 and 4 */
	s.n = 0;
	s.diversity = 1;
	selection_add(&s, candidates, NULL, 5);
	check_order(&s, 5, (const int[]) {0, 2, 3, 1, 4});

	/* a longer list begins with the shorter one */
	s.n = 0;
	s.most = 3;
	s.diversity = 0.5;
	selection_add(&s, candidates, NULL, 5);
	check_order(&s, 3, (const int[]) {0, 2, 3});

	/* without diversity, and without similarities, as ranked */
	s = (Selection) {.diversity = 0.5, .most = 4, .chosen = chosen};
	selection_add(&s, candidates, NULL, 5);
	check_order(&s, 4, (const int[]) {0, 1, 2, 3});
	s = (Selection) {.similar = similar_to, .state = (void *) similarity, .most = 4,
					 .chosen = chosen};
	selection_add(&s, candidates, NULL, 5);
	check_order(&s, 4, (const int[]) {0, 1, 2, 3});
}

/* The second window: an item of it is compared with the list of the first. */
static void
test_windows(void)
{
	static const float similarity[4][4] = {{1, 0, 1, 0}, {0, 1, 0, 0}, {1, 0, 1, 0}, {0, 0, 0, 1}};
	const Scored candidates[] = {{4, 0}, {3, 1}, {2, 2}, {1, 3}};
	Scored		chosen[4];
	Selection	s = {.diversity = 0.9,
					 .similar = similar_to,
					 .state = (void *) similarity,
					 .most = 3,
					 .chosen = chosen};

	stride = 4;
	selection_add(&s, candidates, NULL, 2);
	/* 2 is like 0, so 3, although it has the lower score */
	selection_add(&s, candidates + 2, NULL, 2);
	check_order(&s, 3, (const int[]) {0, 1, 3});
}

/* Nothing is known, all are equal, numbers are extreme: an order all the same. */
static void
test_degenerate(void)
{
	static const float unknown[9] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
	const Scored equal[] = {{1, 0}, {1, 1}, {1, 2}};
	const Scored extreme[] = {{3e38f, 0}, {0, 1}, {-3e38f, 2}};
	Scored		chosen[3];
	Selection	s = {.diversity = 0.5,
					 .similar = similar_to,
					 .state = (void *) unknown,
					 .most = 3,
					 .chosen = chosen};

	stride = 3;
	selection_add(&s, equal, NULL, 3);
	check_order(&s, 3, (const int[]) {0, 1, 2});
	s.n = 0;
	selection_add(&s, extreme, NULL, 3);
	check_order(&s, 3, (const int[]) {0, 1, 2});
	s.n = 0;
	selection_add(&s, extreme, NULL, 0);
	CHECK(s.n == 0);
}

/* ---- groups ---- */

/* Of two columns: groups 0 and 1 of the first, 2 of the second. */
static const int32_t columns[] = {0, 0, 1};

static Groups
new_groups(const int32_t *limits, int calibrated, int64_t n)
{
	Groups		groups = {.column = columns, .limits = limits, .calibrated = calibrated};

	groups_place(&groups, n, zeroed(groups_bytes(n)));
	return groups;
}

#define GROUPS(...) \
	((GroupList) {sizeof((int32_t[]) {__VA_ARGS__}) / sizeof(int32_t), (int32_t[]) {__VA_ARGS__}})
#define NO_GROUPS ((GroupList) {0, NULL})

static void
test_caps(void)
{
	const int32_t limits[] = {2, 1};
	const int32_t none[] = {0, -1};
	Groups		groups = new_groups(limits, -1, 3);
	const Scored candidates[] = {{7, 0}, {6, 1}, {5, 2}, {4, 3}, {3, 4}, {2, 5}, {1, 6}};
	const GroupList lists[] = {GROUPS(0), GROUPS(0, 2), GROUPS(0), GROUPS(1, 2), GROUPS(1),
							   NO_GROUPS, GROUPS(0, 1)};
	Scored		chosen[7];
	Selection	s = {.groups = &groups, .most = 7, .chosen = chosen};

	/* 2: a third of group 0; 3: a second of group 2; 6: a third of group 0 */
	selection_add(&s, candidates, lists, 7);
	check_order(&s, 4, (const int[]) {0, 1, 4, 5});
	CHECK(groups.taken[0] == 2 && groups.taken[1] == 1 && groups.taken[2] == 1);
	groups_clear(&groups);
	CHECK(groups.taken[0] == 0 && groups.taken[1] == 0 && groups.taken[2] == 0);

	/* no item of the first column's values, any number of the second's */
	groups.limits = none;
	s.n = 0;
	selection_add(&s, candidates, lists, 7);
	check_order(&s, 1, (const int[]) {5});
	free(groups.taken);
}

/*
 * A profile of two items of group 0, one of group 1, one of both: shares 2.5 / 4 = 0.625 and
 * 1.5 / 4 = 0.375.
 */
static void
test_calibration(void)
{
	const int32_t limits[] = {-1, -1};
	Groups		groups = new_groups(limits, 0, 3);
	const Scored candidates[] = {{3, 0}, {2, 1}, {1, 2}, {0, 3}};
	const GroupList lists[] = {GROUPS(0), GROUPS(0, 2), GROUPS(0), GROUPS(1, 2)};
	Scored		chosen[4];
	Selection	s = {.groups = &groups, .most = 4, .chosen = chosen};

	groups_add_profile(&groups, GROUPS(0));
	groups_add_profile(&groups, GROUPS(2, 0));
	groups_add_profile(&groups, GROUPS(1));
	groups_add_profile(&groups, GROUPS(2));
	groups_add_profile(&groups, NO_GROUPS);
	groups_add_profile(&groups, GROUPS(0, 1));
	CHECK_NEAR(groups.share[0] / (double) groups.n_profile_items, 0.625, 1e-15);
	CHECK_NEAR(groups.share[1] / (double) groups.n_profile_items, 0.375, 1e-15);
	/* an empty list: q~ = 0.01 p, so log 100 */
	CHECK_NEAR(groups_list_divergence(&groups), 4.605170, 1e-6);
	/* 0.625 ln(0.625 / (0.99 + 0.00625)) + 0.375 ln(0.375 / 0.00375) = -0.291404 + 1.726939 */
	CHECK_NEAR(groups_divergence(&groups, groups_base(&groups), GROUPS(0)), 1.435535, 1e-6);
	groups_take(&groups, GROUPS(0));
	CHECK_NEAR(groups_list_divergence(&groups), 1.435535, 1e-6);
	/* 0.625 ln(0.625 / 0.50125) + 0.375 ln(0.375 / 0.49875) = 0.137904 - 0.106942 */
	CHECK_NEAR(groups_divergence(&groups, groups_base(&groups), GROUPS(2, 1)), 0.030962, 1e-6);
	/* an item of both: shares 1.5 / 2 and 0.5 / 2 of the list; q~ = 0.74875, 0.25125 */
	CHECK_NEAR(groups_divergence(&groups, groups_base(&groups), GROUPS(0, 1)),
			   0.625 * log(0.625 / 0.74875) + 0.375 * log(0.375 / 0.25125), 1e-12);

	/*
	 * Standardised scores 1.3416, 0.4472, -0.4472, -1.3416. 0: 0.13416 - 0.9 x 1.435535. Then 3:
	 * -0.13416 - 0.9 x 0.030962 = -0.16203, above 1: 0.04472 - 0.9 x 1.435535 = -1.24726.
	 */
	groups_clear(&groups);
	CHECK(groups.n_profile_items == 0 && groups.share[0] == 0 && groups.listed[0] == 0);
	groups_add_profile(&groups, GROUPS(0));
	groups_add_profile(&groups, GROUPS(0));
	groups_add_profile(&groups, GROUPS(1));
	groups_add_profile(&groups, GROUPS(0, 1));
	selection_add(&s, candidates, lists, 4);
	check_order(&s, 4, (const int[]) {0, 3, 1, 2});

	/* a profile without groups calibrates nothing */
	groups_clear(&groups);
	groups_add_profile(&groups, GROUPS(2));
	s.n = 0;
	selection_add(&s, candidates, lists, 4);
	check_order(&s, 4, (const int[]) {0, 1, 2, 3});
	free(groups.taken);
}

/* ---- what holds of any list ---- */

#define MANY 60
#define N_GROUPS 8

static void
test_random_lists(void)
{
	float	   *similarity = zeroed(sizeof(float) * MANY * MANY);
	int32_t		limits[2];
	int32_t		column[N_GROUPS];
	Groups		groups = {.column = column, .limits = limits};
	Scored		candidates[MANY];
	Scored		chosen[MANY];
	Scored		shorter[MANY];
	int32_t		entries[MANY][3];
	GroupList	lists[MANY];

	stride = MANY;
	groups_place(&groups, N_GROUPS, zeroed(groups_bytes(N_GROUPS)));
	for (int round = 0; round < 2000; round++)
	{
		int			n = 1 + random_below(MANY);
		int			split = random_below(n + 1);
		int			taken[N_GROUPS] = {0};
		bool		on_list[MANY] = {false};
		Selection	s = {.diversity = random_below(4) / 3.0,
						 .similar = similar_to,
						 .state = similarity,
						 .groups = &groups,
						 .most = 1 + random_below(MANY),
						 .chosen = chosen};

		for (int i = 0; i < MANY * MANY; i++)
			similarity[i] = (float) random_below(100) / 100;
		for (int g = 0; g < N_GROUPS; g++)
			column[g] = g % 2;
		limits[0] = random_below(5) - 1;
		limits[1] = random_below(5) - 1;
		groups.calibrated = random_below(3) - 1;
		for (int i = 0; i < n; i++)
		{
			candidates[i] = (Scored) {(float) (n - i), i};
			lists[i] = (GroupList) {0, entries[i]};
			for (int g = random_below(3); g < N_GROUPS && lists[i].n < 3; g += 1 + random_below(5))
				entries[i][lists[i].n++] = g;
		}
		for (int i = 0; i < 5 && groups.calibrated >= 0; i++)
			groups_add_profile(&groups, lists[random_below(n)]);
		selection_add(&s, candidates, lists, split);
		selection_add(&s, candidates + split, lists + split, n - split);
		groups_clear(&groups);

		/* each item once, no cap broken */
		for (int64_t i = 0; i < s.n; i++)
		{
			int			item = chosen[i].index;

			CHECK(!on_list[item]);
			on_list[item] = true;
			for (int g = 0; g < lists[item].n; g++)
				taken[lists[item].groups[g]]++;
		}
		for (int g = 0; g < N_GROUPS; g++)
			CHECK(limits[g % 2] < 0 || taken[g] <= limits[g % 2]);
		/* a list that ended early has no room for any other item */
		for (int i = 0; i < n && s.n < s.most; i++)
		{
			bool		fits = true;

			for (int g = 0; g < lists[i].n; g++)
				fits = fits && (limits[lists[i].groups[g] % 2] < 0 ||
								taken[lists[i].groups[g]] < limits[lists[i].groups[g] % 2]);
			CHECK(on_list[i] || !fits);
		}
		/* nothing is left of the list */
		for (int g = 0; g < N_GROUPS; g++)
			CHECK(groups.taken[g] == 0 && groups.share[g] == 0 && groups.listed[g] == 0);
		/* without a profile, a shorter list is the beginning of it */
		if (groups.calibrated < 0)
		{
			Selection	t = s;

			t.n = 0;
			t.most = 1 + random_below((int) s.most);
			t.chosen = shorter;
			selection_add(&t, candidates, lists, split);
			selection_add(&t, candidates + split, lists + split, n - split);
			groups_clear(&groups);
			CHECK(t.n == (t.most < s.n ? t.most : s.n));
			CHECK(memcmp(shorter, chosen, sizeof(Scored) * (size_t) t.n) == 0);
		}
	}
	free(groups.taken);
	free(similarity);
}

int
main(void)
{
	test_marginal_relevance();
	test_windows();
	test_degenerate();
	test_caps();
	test_calibration();
	test_random_lists();
	return passed("selection_test");
}
