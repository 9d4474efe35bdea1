/*
 * linear_map_test.c
 *	  The map of features: by hand, and against the normal equations, solved by elimination.
 */
#define _POSIX_C_SOURCE 200112L
#include "unit.h"

#include "kernel/linear_map.h"
#include "kernel/random.h"
#include "kernel/vector.h"

#define ROWS 60
#define FEATURES 9
#define NUMBERS 19				/* a block of 16, and another of 3 */
#define STRIDE 32

typedef struct Case
{
	SparseMatrix by_row;
	SparseMatrix by_feature;
	float		weights[ROWS];
	double		dense[ROWS][FEATURES];
	float	   *targets;		/* ROWS x STRIDE */
	float	   *map;			/* FEATURES x STRIDE */
	float	   *scratch;
} Case;

static Case *
new_case(void)
{
	Case	   *c = zeroed(sizeof(Case));
	int64_t		n = 0;

	c->by_row = (SparseMatrix) {.n_rows = ROWS, .n_columns = FEATURES};
	c->by_row.start = zeroed(sizeof(int64_t) * (ROWS + 2));
	c->by_row.column = zeroed(sizeof(int32_t) * ROWS * FEATURES);
	c->by_row.value = zeroed(sizeof(float) * ROWS * FEATURES);
	c->targets = zeroed(sizeof(float) * ROWS * STRIDE);
	c->map = zeroed(sizeof(float) * FEATURES * STRIDE);
	c->scratch = zeroed(linear_map_scratch(ROWS, FEATURES));
	for (int i = 0; i < ROWS; i++)
	{
		/* a row in ten does not count */
		c->weights[i] = i % 10 == 3 ? 0 : (float) (1 + i % 4);
		for (int f = 0; f < FEATURES; f++)
		{
			/* the first feature is 1 for all; the last is the sum of two others, and the one before
			 * that no row has */
			double		x = f == 0				? 1
							: f == FEATURES - 1 ? c->dense[i][1] + c->dense[i][2]
							: f == FEATURES - 2 ? 0
							: (i * 7 + f * 3) % 5 < 2
								? random_normal(1, (uint64_t) (i * FEATURES + f))
								: 0;

			c->dense[i][f] = (float) x;
			if (x == 0)
				continue;
			c->by_row.column[n] = f;
			c->by_row.value[n++] = (float) x;
		}
		c->by_row.start[i + 1] = n;
		for (int k = 0; k < NUMBERS; k++)
			c->targets[i * STRIDE + k] = (float) random_normal(2, (uint64_t) (i * NUMBERS + k));
	}
	c->by_feature = (SparseMatrix) {.n_rows = FEATURES, .n_columns = ROWS};
	c->by_feature.start = zeroed(sizeof(int64_t) * (FEATURES + 2));
	c->by_feature.column = zeroed(sizeof(int32_t) * n);
	c->by_feature.value = zeroed(sizeof(float) * n);
	sparse_transpose(&c->by_row, &c->by_feature);
	return c;
}

static LinearMap
block_of(Case *c, int first, double ridge)
{
	return (LinearMap) {
		.by_row = &c->by_row,
		.by_feature = &c->by_feature,
		.weights = c->weights,
		.ridge = ridge,
		.most_steps = 100,
		.width = NUMBERS - first < MAP_WIDTH ? NUMBERS - first : MAP_WIDTH,
		.targets = c->targets + first,
		.target_stride = STRIDE,
		.map = c->map + first,
		.map_stride = STRIDE,
		.scratch = c->scratch
	};
}

static void
free_case(Case *c)
{
	free(c->by_row.start);
	free(c->by_row.column);
	free(c->by_row.value);
	free(c->by_feature.start);
	free(c->by_feature.column);
	free(c->by_feature.value);
	free(c->targets);
	free(c->map);
	free(c->scratch);
	free(c);
}

/*
 * tolerance: of the map. With a small ridge, equal features may share what they say in many ways
 * that are almost equally good.
 */
static void
test_normal_equations(double ridge, double tolerance)
{
	Case	   *c = new_case();
	double		expected_loss = 0;
	double		loss = 0;

	for (int first = 0; first < NUMBERS; first += MAP_WIDTH)
	{
		LinearMap	p = block_of(c, first, ridge);
		double		before = linear_map_loss(&p);

		/* a few steps at first, as in a training */
		p.most_steps = 2;
		linear_map_fit(&p);
		CHECK(linear_map_loss(&p) < before);
		p.most_steps = 100;
		linear_map_fit(&p);
		loss += linear_map_loss(&p);
	}
	for (int k = 0; k < NUMBERS; k++)
	{
		double		a[FEATURES * FEATURES] = {0};
		double		x[FEATURES] = {0};

		for (int i = 0; i < ROWS; i++)
		{
			for (int f = 0; f < FEATURES; f++)
			{
				for (int g = 0; g < FEATURES; g++)
					a[f * FEATURES + g] += c->weights[i] * c->dense[i][f] * c->dense[i][g];
				x[f] += c->weights[i] * c->dense[i][f] * c->targets[i * STRIDE + k];
			}
		}
		for (int f = 0; f < FEATURES; f++)
			a[f * FEATURES + f] += ridge;
		gauss(a, x, FEATURES);
		for (int f = 0; f < FEATURES; f++)
		{
			CHECK_NEAR(c->map[f * STRIDE + k], x[f], tolerance);
			expected_loss += ridge * x[f] * x[f];
		}
		for (int i = 0; i < ROWS; i++)
		{
			double		residual = c->targets[i * STRIDE + k];

			for (int f = 0; f < FEATURES; f++)
				residual -= c->dense[i][f] * x[f];
			expected_loss += c->weights[i] * residual * residual;
		}
	}
	CHECK_NEAR(loss / expected_loss, 1, 1e-6);
	/* what is behind the numbers stays as it is */
	for (int f = 0; f < FEATURES; f++)
		CHECK(c->map[f * STRIDE + NUMBERS] == 0);
	for (int i = 0; i < ROWS; i++)
	{
		float		out[STRIDE];
		int64_t		at = c->by_row.start[i];

		linear_map_apply(c->map, STRIDE, c->by_row.column + at, c->by_row.value + at,
						 c->by_row.start[i + 1] - at, STRIDE, out);
		for (int k = 0; k < STRIDE; k++)
		{
			double		sum = 0;

			for (int f = 0; f < FEATURES; f++)
				sum += c->dense[i][f] * c->map[f * STRIDE + k];
			CHECK_NEAR(out[k], sum, 1e-5);
		}
	}
	free_case(c);
}

/*
 * Without a ridge, of equal features there are many best maps, and of a feature that no row has any
 * number is as good: the result is one of them, and is finite.
 */
static void
test_no_ridge(void)
{
	Case	   *c = new_case();
	LinearMap	p = block_of(c, 0, 0);
	double		loss;

	linear_map_fit(&p);
	loss = linear_map_loss(&p);
	for (int f = 0; f < FEATURES; f++)
		CHECK(isfinite(c->map[f * STRIDE]));
	CHECK(c->map[(FEATURES - 2) * STRIDE] == 0);
	/* another fit from there gains next to nothing */
	linear_map_fit(&p);
	CHECK_NEAR(linear_map_loss(&p) / loss, 1, 1e-5);
	free_case(c);
}

/*
 * By hand: rows 1, 2 and 3 with numbers 2, 4 and 9, weights 1, 1 and 2, and a ridge of 7. The map
 * is (1*2 + 2*4 + 2 * 3*9) / (1 + 4 + 2*9 + 7) = 64 / 30; the sum is (2 - a)^2 + (4 - 2 a)^2 +
 * 2 (9 - 3 a)^2 + 7 a^2 = 182 - 2 * 64 a + 30 a^2 = 182 - 64^2 / 30 = 45.466667.
 */
static void
test_by_hand(void)
{
	int64_t		start[] = {0, 1, 2, 3, 3};
	int32_t		column[] = {0, 0, 0};
	float		value[] = {1, 2, 3};
	int64_t		feature_start[] = {0, 3, 3};
	int32_t		row[] = {0, 1, 2};
	float		weights[] = {1, 1, 2};
	float		targets[] = {2, 4, 9};
	float		map = 0;
	float		scratch[8 * MAP_WIDTH];
	SparseMatrix by_row = {3, 1, start, column, value, NULL, NULL};
	SparseMatrix by_feature = {1, 3, feature_start, row, value, NULL, NULL};
	LinearMap	p = {&by_row, &by_feature, weights, 7, 1, 100, targets, 1, &map, 1, scratch};

	CHECK(linear_map_scratch(3, 1) <= sizeof(scratch));
	CHECK_NEAR(linear_map_loss(&p), 182, 1e-4);
	linear_map_fit(&p);
	CHECK_NEAR(map, 64.0 / 30, 1e-6);
	CHECK_NEAR(linear_map_loss(&p), 45.466667, 1e-4);
}

int
main(void)
{
	test_by_hand();
	test_normal_equations(3, 1e-3);
	test_normal_equations(0.1, 1e-2);
	test_no_ridge();
	return passed("linear_map");
}
