/*
 * svd.c
 *	  Truncated singular value decomposition of the rating matrix.
 *
 * PureSVD: Cremonesi, Koren & Turrin 2010, "Performance of recommender algorithms on top-n
 * recommendation tasks". With A the matrix of ratings, users x items, in which missing ratings are
 * zero, and V its k right singular vectors of the largest singular values, a user's row r gets the
 * scores r V V': its projection to the k directions in which rows vary most. An item's factors are
 * its row of V, and a user's factors are r V; so any profile is folded in by a sum over its
 * entries, and explained by the same sum.
 *
 * Zero should mean that nothing is known. With explicit feedback the ratings are therefore centred,
 * which turns the scores into predictions of ratings: score = centre + r V v_i, with r the row's
 * centred ratings. The centre of a rating is the mean of all ratings, plus a bias of the item or of
 * the user, or of both, fitted in turn. A bias is the damped mean of the residuals: sum / (n +
 * damping).
 *
 * V comes from a block Krylov method: Musco & Musco 2015, "Randomized block Krylov methods for
 * stronger and faster approximate singular value decomposition", with blocks narrower than k, as
 * Meyer, Musco & Musco 2024 advise ("On the unreasonable effectiveness of single vector Krylov
 * methods for low-rank approximation"): of two spaces of equal width, the one made of narrower
 * blocks contains higher powers. From a random block Z_0, each next one is A'A times the last. They
 * are made orthonormal as they come (against all before, twice: the "twice is enough" of Kahan;
 * among each other as in Stathopoulos & Wu 2002, "A block orthogonalization procedure with constant
 * synchronization requirements"), which yields the projection T of A'A to their space Q along the
 * way. The eigenvectors E of the largest eigenvalues of T give V = Q E. Last, the k x k matrix (A
 * V)'(A V), which is not affected by the rounding of A'A, is diagonalised to make V more exact.
 *
 * There is no warm start. The number of products with A is fixed beforehand, and the accuracy of
 * the singular values after them hardly depends on the first block. A start from the last version's
 * vectors, of which there are more than a block has columns, would need another method (subspace
 * iteration), and the same data would no longer give the same model.
 *
 * All work on users or items is in passes: products of A or A' with blocks, row by row, and dense
 * products, summed over fixed parts. What one process does alone are operations on matrices of the
 * width of the space, m = 3 k + 64 rounded up.
 *
 * Memory: (m + 2 b) floats per item, b floats per user, with b = m / (power_iterations + 1) the
 * width of a block; and 16 m b + 3 m^2 doubles. Each worker needs 256 rows of m floats.
 */
#include <math.h>
#include <string.h>

#include "algorithm/factors.h"
#include "kernel/eigen.h"
#include "kernel/gather.h"
#include "kernel/pieces.h"
#include "kernel/poll.h"
#include "kernel/random.h"
#include "kernel/tall.h"
#include "kernel/vector.h"

typedef enum Centering
{
	CENTERING_NONE,
	CENTERING_GLOBAL,
	CENTERING_ITEM,
	CENTERING_USER,
	CENTERING_DOUBLE
} Centering;

typedef struct SvdOptions
{
	CommonOptions common;
	int32_t		factors;
	int32_t		centering;
	int32_t		power_iterations;
	int32_t		seed;
	double		damping;
} SvdOptions;

static const char *const centering_choices[] = {"none", "global", "item", "user", "double", NULL};

static const Option svd_options[] = {
	FEEDBACK_OPTION,
	{"factors", OPTION_INTEGER, offsetof(SvdOptions, factors), {NULL, NULL}, 1, 1024, NULL,
	"singular vectors that are kept; with too many, noise is modelled as well; default: 16 with "
	"explicit feedback and 24 with implicit, but at most an eighth of the users and of the items; "
	"with validate, the best of these numbers doubled and halved several times"},
	{"centering", OPTION_CHOICE, offsetof(SvdOptions, centering), {"double", "none"}, 0, 0,
	centering_choices,
	"what is subtracted from ratings before training, and added to scores: none; global: the mean "
	"of all; item or user: also a bias of each item or user; double: also both biases; except with "
	"none, scores with explicit feedback predict ratings"},
	{"damping", OPTION_REAL, offsetof(SvdOptions, damping), {"5", "5"}, 0, 1e12, NULL,
	"a bias is computed as if its item or user had this many more ratings with a bias of 0"},
	{"power_iterations", OPTION_INTEGER, offsetof(SvdOptions, power_iterations), {"15", "15"}, 1,
	100, NULL,
	"how often a random start is multiplied by the ratings and their transpose; with more "
	"iterations, singular vectors are more exact"},
	CLIP_OPTION,
	VALIDATE_OPTION("false", "true"),
	{"seed", OPTION_INTEGER, offsetof(SvdOptions, seed), {"0", "0"}, 0, 2147483647, NULL,
	"seed of the random numbers that training starts from: the same data, options and seed give "
	"the same model"},
	WEIGHT_OPTION("log"),
	{NULL}
};

enum
{
	COLUMN_BIAS,
	COLUMN_FACTORS,
	N_COLUMNS
};

/* The columns of the users' table. */
enum
{
	USERS_BIAS,
	USERS_FACTORS,
	N_USERS_COLUMNS
};

/*
 * Rows of a sparse matrix that a worker takes at once, and rows of a dense matrix that are
 * transformed together.
 */
#define SPARSE_ROWS 64
#define DENSE_ROWS 256

/* Entries of a row that are summed together. */
#define CHUNK 1024

/*
 * Inner products of columns are summed over this many parts of the rows. The sum does not depend on
 * which worker adds up which part.
 */
#define PARTS 16

/* Rounds in which the biases of items and users are fitted in turn, with centering double. */
#define BIAS_ROUNDS 10

/* The most rounds in which a block is made orthonormal. */
#define ORTHOGONAL_ROUNDS 4

/*
 * Where less than this part of a column is left after projections, the rest is noise of float
 * arithmetic.
 */
#define NOISE 1e-6

/*
 * Columns whose directions differ by less count as one. A round may lose accuracy by the square
 * root of this.
 */
#define DEPENDENT 1e-5

static inline bool
is_explicit(const SvdOptions *options)
{
	return options->common.feedback == FEEDBACK_EXPLICIT;
}

static inline bool
has_item_bias(const SvdOptions *options)
{
	return options->centering == CENTERING_ITEM || options->centering == CENTERING_DOUBLE;
}

static inline bool
has_user_bias(const SvdOptions *options)
{
	return options->centering == CENTERING_USER || options->centering == CENTERING_DOUBLE;
}

/* ---- options that are left to the source ---- */

/*
 * The fewest rows, or columns, of a small matrix for each factor. There are at least two factors.
 */
#define ROWS_PER_FACTOR 8

/* The factors; where they are undecided, the most that svd_decide() may give. */
static inline int
n_factors(const SvdOptions *o)
{
	return o->factors != UNDECIDED ? o->factors : is_explicit(o) ? 16 : 24;
}

/*
 * The best number of factors was from 1 to 512 on two dozen sets of events (test/benchmark
 * defaults), and cannot be told from their size or singular values. On nearly all sets lists
 * improve up to the best number, and get worse beyond it; it is found by trying.
 */
static void
svd_decide(const Ratings *ratings, void *options)
{
	SvdOptions *o = options;
	int64_t		n_users = ratings->by_user.n_rows;
	int64_t		n_items = ratings->by_item.n_rows;
	int64_t		most = (n_users < n_items ? n_users : n_items) / ROWS_PER_FACTOR;

	if (o->factors == UNDECIDED)
		o->factors = most < 2 ? 2 : most < n_factors(o) ? (int) most : n_factors(o);
}

static int
svd_columns(const void *options, SideKind side, Column *columns)
{
	const SvdOptions *o = options;

	if (side == SIDE_USERS)
	{
		columns[USERS_BIAS] = (Column)
		{
			"bias", COLUMN_OPTIONAL, 0,
			"what centering adds to every prediction for the user, beside the mean"
		};
		columns[USERS_FACTORS] = (Column)
		{
			"factors", COLUMN_VECTOR, n_factors(o),
			"the projection of the user's row to the right singular vectors"
		};
		return N_USERS_COLUMNS;
	}
	if (side != SIDE_ITEMS)
		return 0;
	columns[COLUMN_BIAS] = (Column)
	{
		"bias", COLUMN_NUMBER, 0,
		"what centering adds to every prediction for the item, beside the mean"
	};
	columns[COLUMN_FACTORS] = (Column)
	{
		"factors", COLUMN_VECTOR, n_factors(o),
		"the item's row of the right singular vectors, the largest singular value's first"
	};
	return N_COLUMNS;
}

/* ---- sparse products ---- */

/*
 * The centre of the entries of a row: a number for the row, and one for each column (NULL: none).
 */
typedef struct Centre
{
	double		row;
	const float *columns;
} Centre;

/*
 * out = sum over a row's n entries of (value - centre) * rows[column], width numbers each, a
 * multiple of 16. Long sums are computed in chunks, so that rounding errors do not accumulate. part
 * has room for width floats.
 */
static void
multiply_row(const int32_t *column, const float *value, int64_t n, const Centre *centre,
			 const float *rows, int64_t stride, int width, float *out, float *part)
{
	float		centred[CHUNK];

	memset(out, 0, sizeof(float) * width);
	for (int64_t at = 0; at < n; at += CHUNK)
	{
		int64_t		some = n - at < CHUNK ? n - at : CHUNK;

		for (int64_t j = 0; j < some; j++)
			centred[j] = (float) (value[at + j] - centre->row -
								  (centre->columns == NULL ? 0 : centre->columns[column[at + j]]));
		if (at == 0)
			gather_sum(rows, stride, column, centred, some, width, out);
		else
		{
			memset(part, 0, sizeof(float) * width);
			gather_sum(rows, stride, column + at, centred, some, width, part);
			for (int f = 0; f < width; f++)
				out[f] += part[f];
		}
		poll();
	}
}

/*
 * The bias of a row: the damped mean of its ratings less the mean of all ratings and the columns'
 * biases (NULL: none).
 */
static float
row_bias(const int32_t *column, const float *value, int64_t n, double mean, const float *columns,
		 double damping)
{
	double		sum = 0;

	for (int64_t j = 0; j < n; j++)
	{
		sum += value[j] - mean - (columns == NULL ? 0 : columns[column[j]]);
		if (j % 65536 == 65535)
			poll();
	}
	return n == 0 ? 0 : (float) (sum / ((double) n + damping));
}

/* ---- training ---- */

enum
{
	ARRAY_BASIS,				/* items x m: the orthonormal blocks, side by side */
	ARRAY_BLOCK,				/* items x b: the present block */
	ARRAY_PRODUCTS,				/* users x b: A times the block */
	/* PARTS x (at most m x max(b, k)) doubles: inner products of columns */
	ARRAY_SUMS,
	ARRAY_SMALL,				/* a Small */
	ARRAY_USER_BIAS,			/* of each user */
	/* of each user, double: the sum of the squares of its centred ratings */
	ARRAY_SQUARES,
	N_ARRAYS
};

/* The width of a block, and that of the space. */
static int
block_width(const SvdOptions *o)
{
	int			width = 3 * n_factors(o) + 64;
	int			blocks = o->power_iterations + 1;

	return (int) PADDED((width + blocks - 1) / blocks);
}

static int
space_width(const SvdOptions *o)
{
	return block_width(o) * (o->power_iterations + 1);
}

/* Matrices of the width of the space; the pointers point into ARRAY_SMALL. */
typedef struct Small
{
	double	   *projection;		/* m x m: the lower triangle of T */
	double	   *work;			/* m x m: the matrix that is diagonalised */
	double	   *values;			/* m: the eigenvalues */
	double	   *sums;			/* m x max(b, k): sums of inner products */
	double	   *scratch;		/* scratch of symmetric_eigen */
	float	   *matrix;			/* m x max(b, k): the matrix that a pass multiplies by */
} Small;

/* Lays a Small out in memory and returns its size; with memory NULL, only the size. */
static size_t
lay_out_small(const SvdOptions *o, void *memory, Small *small)
{
	size_t		m = space_width(o);
	size_t		k = n_factors(o);
	size_t		wide = k > (size_t) block_width(o) ? k : (size_t) block_width(o);
	Pieces		p = {memory, 0};

	small->projection = add_piece(&p, sizeof(double) * m * m);
	small->work = add_piece(&p, sizeof(double) * m * m);
	small->values = add_piece(&p, sizeof(double) * m);
	small->sums = add_piece(&p, sizeof(double) * m * wide);
	small->scratch = add_piece(&p, sizeof(double) * symmetric_eigen_scratch((int) m));
	small->matrix = add_piece(&p, sizeof(float) * m * wide);
	return p.bytes;
}

static int
svd_arrays(const void *options, const Extent *extent, size_t *bytes)
{
	const SvdOptions *o = options;
	size_t		m = space_width(o);
	size_t		b = block_width(o);
	size_t		k = n_factors(o);
	Small		small;

	bytes[ARRAY_BASIS] = sizeof(float) * m * extent->n_items;
	bytes[ARRAY_BLOCK] = sizeof(float) * b * extent->n_items;
	bytes[ARRAY_PRODUCTS] = sizeof(float) * b * extent->n_users;
	bytes[ARRAY_SUMS] = sizeof(double) * PARTS * (m * b > k * k ? m * b : k * k);
	bytes[ARRAY_SMALL] = lay_out_small(o, NULL, &small);
	bytes[ARRAY_USER_BIAS] = sizeof(float) * extent->n_users;
	bytes[ARRAY_SQUARES] = sizeof(double) * extent->n_users;
	return N_ARRAYS;
}

static size_t
svd_scratch_bytes(const void *options, const Extent *extent)
{
	const SvdOptions *o = options;
	size_t		m = space_width(o);
	size_t		wide = m > (size_t) PADDED(n_factors(o)) ? m : (size_t) PADDED(n_factors(o));

	/* DENSE_ROWS rows, or the inner products of one part */
	return sizeof(float) * wide * (wide > DENSE_ROWS ? wide : DENSE_ROWS);
}

/* The centre of the ratings of a row of a side. */
static Centre
centre_of(const Task *task, SideKind side, int64_t row)
{
	const SvdOptions *o = task->model->options;
	const float *item_bias = task->model->sides[SIDE_ITEMS].values[COLUMN_BIAS];
	const float *user_bias = task->arrays[ARRAY_USER_BIAS];
	double		mean = o->centering == CENTERING_NONE ? 0 : task->model->scale.mean;

	if (side == SIDE_ITEMS)
		return (Centre) {mean + item_bias[row], has_user_bias(o) ? user_bias : NULL};
	return (Centre) {mean + user_bias[row], has_item_bias(o) ? item_bias : NULL};
}

/* A pass over a side, which is its argument: its biases, given those of the other side. */
static void
pass_bias(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const SvdOptions *o = task->model->options;
	bool		items = *(const SideKind *) argument == SIDE_ITEMS;
	const SparseMatrix *m = items ? &task->ratings->by_item : &task->ratings->by_user;
	float	   *item_bias = task->model->sides[SIDE_ITEMS].values[COLUMN_BIAS];
	float	   *user_bias = task->arrays[ARRAY_USER_BIAS];
	const float *other =
		items ? (has_user_bias(o) ? user_bias : NULL) : (has_item_bias(o) ? item_bias : NULL);
	bool		has_bias = items ? has_item_bias(o) : has_user_bias(o);
	float	   *bias = items ? item_bias : user_bias;

	for (int64_t row = begin; row < end; row++)
	{
		int64_t		first = m->start[row];

		bias[row] = !has_bias
						? 0
						: row_bias(m->column + first, m->value + first, m->start[row + 1] - first,
								   task->model->scale.mean, other, o->damping);
		poll();
	}
}

/* A pass over the users: the squares of their centred ratings. Its argument is not used. */
static void
pass_squares(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const SparseMatrix *m = &task->ratings->by_user;
	double	   *squares = task->arrays[ARRAY_SQUARES];

	for (int64_t u = begin; u < end; u++)
	{
		Centre		centre = centre_of(task, SIDE_USERS, u);
		double		sum = 0;

		poll();
		for (int64_t j = m->start[u]; j < m->start[u + 1]; j++)
		{
			float		centred = (float) (m->value[j] - centre.row -
									 (centre.columns == NULL ? 0 : centre.columns[m->column[j]]));

			sum += (double) centred * centred;
			if (j % 65536 == 65535)
				poll();
		}
		squares[u] = sum;
	}
}

/* A product with the rating matrix, times a scale. */
typedef enum Product
{
	BLOCK_TO_PRODUCTS,			/* the products become A times the block: over users */
	PRODUCTS_TO_BLOCK,			/* the block becomes A' times the products: over items */
	ITEMS_TO_USERS				/* the users' factors become A times the items': over users */
} Product;

typedef struct Multiply
{
	Product		product;
	double		scale;
} Multiply;

static void
pass_multiply(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const Multiply *multiply = argument;
	const SvdOptions *o = task->model->options;
	const Side *items = &task->model->sides[SIDE_ITEMS];
	const Side *users = &task->model->sides[SIDE_USERS];
	SideKind	side = multiply->product == PRODUCTS_TO_BLOCK ? SIDE_ITEMS : SIDE_USERS;
	const SparseMatrix *m = side == SIDE_ITEMS ? &task->ratings->by_item : &task->ratings->by_user;
	int64_t		width = multiply->product == ITEMS_TO_USERS
						? column_stride(&items->columns[COLUMN_FACTORS])
						: block_width(o);
	float	   *rows[] = {task->arrays[ARRAY_BLOCK], task->arrays[ARRAY_PRODUCTS],
					 items->values[COLUMN_FACTORS]};
	float	   *out[] = {task->arrays[ARRAY_PRODUCTS], task->arrays[ARRAY_BLOCK],
					users->values[USERS_FACTORS]};

	for (int64_t row = begin; row < end; row++)
	{
		int64_t		first = m->start[row];
		Centre		centre = centre_of(task, side, row);
		float	   *to = out[multiply->product] + row * width;

		multiply_row(m->column + first, m->value + first, m->start[row + 1] - first, &centre,
					 rows[multiply->product], width, (int) width, to, scratch);
		for (int64_t f = 0; f < width && multiply->scale != 1; f++)
			to[f] = (float) (to[f] * multiply->scale);
	}
}

/*
 * The two matrices of which pass_inner computes inner products of columns, in ARRAY_SUMS for each
 * part.
 */
typedef enum Inner
{
	BASIS_BLOCK,				/* the first columns of the basis, and the block */
	BLOCK_BLOCK,
	USERS_USERS					/* the users' factors, twice */
} Inner;

typedef struct InnerProducts
{
	Inner		inner;
	int32_t		columns;		/* columns of the first matrix */
} InnerProducts;

/* A pass over PARTS parts of the rows. */
static void
pass_inner(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const InnerProducts *p = argument;
	const SvdOptions *o = task->model->options;
	const Side *users = &task->model->sides[SIDE_USERS];
	bool		of_users = p->inner == USERS_USERS;
	int64_t		n_rows = of_users ? users->n_rows : task->model->sides[SIDE_ITEMS].n_rows;
	int64_t		rows = (n_rows + PARTS - 1) / PARTS;
	const float *second = of_users ? users->values[USERS_FACTORS] : task->arrays[ARRAY_BLOCK];
	int64_t		second_stride =
		of_users ? column_stride(&users->columns[USERS_FACTORS]) : block_width(o);
	int			second_columns = of_users ? o->factors : block_width(o);
	const float *first = p->inner == BASIS_BLOCK ? task->arrays[ARRAY_BASIS] : second;
	int64_t		first_stride = p->inner == BASIS_BLOCK ? space_width(o) : second_stride;

	for (int64_t part = begin; part < end; part++)
	{
		int64_t		row = part * rows < n_rows ? part * rows : n_rows;
		int64_t		some = n_rows - row < rows ? n_rows - row : rows;
		double	   *sums = (double *) task->arrays[ARRAY_SUMS] + part * p->columns * second_columns;

		memset(sums, 0, sizeof(double) * p->columns * second_columns);
		tall_inner(first + row * first_stride, first_stride, p->columns,
				   second + row * second_stride, second_stride, second_columns, some, sums,
				   scratch);
	}
}

/* An operation on the rows of items, with Small.matrix. */
typedef enum Transform
{
	/* columns of the block that are not 0 in the matrix become random */
	RANDOM_BLOCK,
	SUBTRACT_PROJECTION,		/* block -= the first columns of the basis * matrix */
	MULTIPLY_BLOCK,				/* block = block * matrix */
	KEEP_BLOCK,					/* the block is copied to the basis, from column `columns` on */
	BASIS_TO_FACTORS,			/* the items' factors become basis * matrix */
	ROTATE_FACTORS				/* factors = factors * matrix */
} Transform;

typedef struct TransformItems
{
	Transform	transform;
	int32_t		columns;		/* columns of the basis */
	int32_t		step;			/* step of the method, for random numbers */
} TransformItems;

/*
 * A pass over units of DENSE_ROWS items. The units are fixed, because OpenBLAS's result for a row
 * may depend on the number of rows. For RANDOM_BLOCK the matrix has ones for columns that become
 * random.
 */
static void
pass_transform(const Task *task, const void *argument, int64_t begin, int64_t end, void *scratch)
{
	const TransformItems *t = argument;
	const SvdOptions *o = task->model->options;
	const Side *items = &task->model->sides[SIDE_ITEMS];
	int64_t		stride = column_stride(&items->columns[COLUMN_FACTORS]);
	int64_t		m = space_width(o);
	int			b = block_width(o);
	int			k = o->factors;
	Small		small;

	lay_out_small(o, task->arrays[ARRAY_SMALL], &small);
	for (int64_t unit = begin; unit < end; unit++)
	{
		int64_t		row = unit * DENSE_ROWS;
		int64_t		rows = items->n_rows - row < DENSE_ROWS ? items->n_rows - row : DENSE_ROWS;
		float	   *block = (float *) task->arrays[ARRAY_BLOCK] + row * b;
		float	   *basis = (float *) task->arrays[ARRAY_BASIS] + row * m;
		float	   *factors = items->values[COLUMN_FACTORS] + row * stride;

		poll();
		switch (t->transform)
		{
			case RANDOM_BLOCK:
				{
					uint64_t	seed = random_bits((uint64_t) o->seed, t->step);
					double		deviation = 1 / sqrt((double) items->n_rows);

					for (int64_t i = 0; i < rows * b; i++)
					{
						if (small.matrix[i % b] != 0)
							block[i] =
								(float) (deviation * random_normal(seed, (uint64_t) (row * b + i)));
						if (i % 16384 == 0)
							poll();
					}
					break;
				}
			case SUBTRACT_PROJECTION:
				tall_multiply(basis, m, t->columns, small.matrix, b, -1, rows, 1, block, b);
				break;
			case MULTIPLY_BLOCK:
				memcpy(scratch, block, sizeof(float) * rows * b);
				tall_multiply(scratch, b, b, small.matrix, b, 1, rows, 0, block, b);
				break;
			case KEEP_BLOCK:
				for (int64_t r = 0; r < rows; r++)
					memcpy(basis + r * m + t->columns, block + r * b, sizeof(float) * b);
				break;
			case BASIS_TO_FACTORS:
				tall_multiply(basis, m, t->columns, small.matrix, k, 1, rows, 0, factors, stride);
				break;
			case ROTATE_FACTORS:
				memcpy(scratch, factors, sizeof(float) * rows * stride);
				tall_multiply(scratch, stride, k, small.matrix, k, 1, rows, 0, factors, stride);
				break;
		}
	}
}

enum
{
	PASS_BIAS,
	PASS_SQUARES,
	PASS_MULTIPLY,
	PASS_INNER,
	PASS_TRANSFORM
};

static const Pass svd_passes[] = {
	[PASS_BIAS] = pass_bias,
	[PASS_SQUARES] = pass_squares,
	[PASS_MULTIPLY] = pass_multiply,
	[PASS_INNER] = pass_inner,
	[PASS_TRANSFORM] = pass_transform
};

static void
fit_biases(Services *services, SideKind side, int64_t n_rows)
{
	run_pass(services, PASS_BIAS, &side, sizeof(side), n_rows, SPARSE_ROWS);
}

static void
multiply(Services *services, Product product, double scale, int64_t n_rows)
{
	Multiply	argument = {.product = product, .scale = scale};

	run_pass(services, PASS_MULTIPLY, &argument, sizeof(argument), n_rows, SPARSE_ROWS);
}

static void
transform(const Task *task, Services *services, Transform transform, int columns, int step)
{
	TransformItems argument = {.transform = transform, .columns = columns, .step = step};

	run_pass(services, PASS_TRANSFORM, &argument, sizeof(argument),
					   (task->model->sides[SIDE_ITEMS].n_rows + DENSE_ROWS - 1) / DENSE_ROWS, 1);
}

/* Sums the inner products of all parts in Small.sums: first_columns x second_columns. */
static void
inner(const Task *task, Services *services, const Small *small, Inner inner, int first_columns,
	  int second_columns)
{
	InnerProducts argument = {.inner = inner, .columns = first_columns};
	int64_t		n = (int64_t) first_columns * second_columns;
	const double *sums = task->arrays[ARRAY_SUMS];

	run_pass(services, PASS_INNER, &argument, sizeof(argument), PARTS, 1);
	memset(small->sums, 0, sizeof(double) * n);
	for (int part = 0; part < PARTS; part++)
	{
		poll();
		for (int64_t i = 0; i < n; i++)
			small->sums[i] += sums[part * n + i];
	}
}

/*
 * Subtracts the projection of the block to the first columns of the basis from the block.
 * Small.sums holds the coefficients of the projection.
 */
static void
project_out(const Task *task, Services *services, const Small *small, int columns)
{
	int			b = block_width(task->model->options);

	inner(task, services, small, BASIS_BLOCK, columns, b);
	for (int64_t i = 0; i < (int64_t) columns * b; i++)
		small->matrix[i] = (float) small->sums[i];
	transform(task, services, SUBTRACT_PROJECTION, columns, 0);
}

/*
 * Makes the block orthonormal, and orthogonal to the first columns of the basis, and appends it to
 * the basis. A column that is no more than noise relative to `size`, the square of a column's
 * length before projections, or that has the same direction as another column, is replaced by a
 * random column, as Krylov's method can go no further there; where no direction is left, by zero.
 * Returns false where numbers are not finite.
 */
static bool
append_block(const Task *task, Services *services, const Small *small, int columns, double size,
			 int step)
{
	int			b = block_width(task->model->options);
	double		threshold = NOISE * NOISE * size;

	for (int round = 0; round < ORTHOGONAL_ROUNDS; round++)
	{
		bool		good = round > 0;
		bool		lost = false;

		if (round > 0 && columns > 0)
			project_out(task, services, small, columns);
		inner(task, services, small, BLOCK_BLOCK, b, b);

		/* the inner products of columns divided by their lengths; zero for columns that are lost */
		for (int i = 0; i < b; i++)
		{
			double		square = small->sums[i * b + i];

			if (!isfinite(square))
				return false;
			small->values[b + i] = square > threshold ? 1 / sqrt(square) : 0;
		}
		for (int i = 0; i < b; i++)
			for (int j = 0; j < b; j++)
				small->work[i * b + j] =
					small->sums[i * b + j] * small->values[b + i] * small->values[b + j];
		memcpy(small->sums, small->values + b, sizeof(double) * b);
		if (!symmetric_eigen(small->work, b, small->values, true, small->scratch))
			return false;
		for (int j = 0; j < b; j++)
		{
			bool		kept = small->values[j] > DEPENDENT;

			for (int i = 0; i < b; i++)
				small->matrix[i * b + j] =
					kept
						? (float) (small->sums[i] * small->work[j * b + i] / sqrt(small->values[j]))
						: 0;
			lost = lost || !kept;
			/*
			 * in the first round of columns of length one, in later rounds of what is left of these
			 */
			good = good && (!kept || small->values[j] > 0.5);
		}
		for (int i = 0; i < b && round > 0; i++)
			good = good && (small->sums[i] == 0 || small->sums[i] < 2);
		transform(task, services, MULTIPLY_BLOCK, 0, 0);
		if (round == 0 && lost)
		{
			for (int j = 0; j < b; j++)
				small->matrix[j] = small->values[j] > DEPENDENT ? 0 : 1;
			transform(task, services, RANDOM_BLOCK, 0, step);
		}
		if (good)
			break;
		/* columns are of length one now */
		threshold = NOISE * NOISE;
	}
	transform(task, services, KEEP_BLOCK, columns, 0);
	return true;
}

/* Turns each singular vector so that its element of the largest magnitude is positive. */
static void
fix_signs(const Side *items, int k)
{
	int64_t		stride = column_stride(&items->columns[COLUMN_FACTORS]);
	float	   *factors = items->values[COLUMN_FACTORS];

	for (int f = 0; f < k; f++)
	{
		float		largest = 0;

		for (int64_t i = 0; i < items->n_rows; i++)
		{
			if (fabsf(factors[i * stride + f]) > fabsf(largest))
				largest = factors[i * stride + f];
			if (i % 65536 == 65535)
				poll();
		}
		for (int64_t i = 0; i < items->n_rows && largest < 0; i++)
		{
			factors[i * stride + f] = -factors[i * stride + f];
			if (i % 65536 == 65535)
				poll();
		}
		poll();
	}
}

static int
svd_iterations(const void *options)
{
	return ((const SvdOptions *) options)->power_iterations + 1;
}

static const char *
svd_train(const Task *task, Services *services)
{
	static const char *const not_finite = "the singular values are not finite";
	Model	   *model = task->model;
	const SvdOptions *o = model->options;
	const SparseMatrix *ratings = &task->ratings->by_user;
	int64_t		n_items = model->sides[SIDE_ITEMS].n_rows;
	int64_t		n_users = model->sides[SIDE_USERS].n_rows;
	int			k = o->factors;
	int			b = block_width(o);
	int			m = space_width(o);
	const double *squares = task->arrays[ARRAY_SQUARES];
	int			columns = 0;
	double		total = 0;
	double		scale;
	Small		small;

	lay_out_small(o, task->arrays[ARRAY_SMALL], &small);
	for (int round = 0; round < (o->centering == CENTERING_DOUBLE ? BIAS_ROUNDS : 1); round++)
	{
		fit_biases(services, SIDE_ITEMS, n_items);
		fit_biases(services, SIDE_USERS, n_users);
	}
	run_pass(services, PASS_SQUARES, NULL, 0, n_users, SPARSE_ROWS);
	for (int64_t u = 0; u < n_users; u++)
		total += squares[u];
	if (!isfinite(total))
		return not_finite;
	/*
	 * A is scaled so that its numbers are about 1, whatever the unit of the ratings is, and squares
	 * stay within the range of float
	 */
	scale = total > 0 ? 1 / sqrt(total / ratings->start[n_users]) : 1;

	for (int j = 0; j < b; j++)
		small.matrix[j] = 1;
	transform(task, services, RANDOM_BLOCK, 0, 0);
	if (!append_block(task, services, &small, 0, 1, 1))
		return not_finite;
	for (int step = 1;; step++)
	{
		double		size = 0;
		double		explained = 0;
		bool		last;

		columns += b;
		/* in a small catalogue the space may span all directions before it has m columns */
		last = columns == m || columns >= n_items;
		multiply(services, BLOCK_TO_PRODUCTS, scale, n_users);
		multiply(services, PRODUCTS_TO_BLOCK, scale, n_items);

		/* the last block's columns of T are stored as rows, in the lower triangle */
		for (int round = 0; round < 2; round++)
		{
			project_out(task, services, &small, columns);
			for (int i = 0; i < columns; i++)
				for (int j = 0; j < b; j++)
				{
					double	   *element = small.projection + (int64_t) (columns - b + j) * m + i;

					*element += small.sums[(int64_t) i * b + j];
					size = fmax(size,
								small.sums[(int64_t) i * b + j] * small.sums[(int64_t) i * b + j]);
				}
		}
		for (int i = 0; i < columns; i++)
			memcpy(small.work + (int64_t) i * columns, small.projection + (int64_t) i * m,
				   sizeof(double) * (i + 1));
		if (!symmetric_eigen(small.work, columns, small.values, last, small.scratch))
			return not_finite;
		for (int f = 0; f < k && f < columns; f++)
			explained += small.values[f];
		services->iteration_done(services, step, fmax(total - explained / (scale * scale), 0), NAN);
		if (last)
			break;
		if (!append_block(task, services, &small, columns, size, step + 1))
			return not_finite;
	}

	/* the eigenvectors are rows of small.work */
	for (int i = 0; i < columns; i++)
		for (int f = 0; f < k; f++)
			small.matrix[(int64_t) i * k + f] =
				f < columns ? (float) small.work[(int64_t) f * columns + i] : 0;
	transform(task, services, BASIS_TO_FACTORS, columns, 0);
	multiply(services, ITEMS_TO_USERS, scale, n_users);
	inner(task, services, &small, USERS_USERS, k, k);
	memcpy(small.work, small.sums, sizeof(double) * k * k);
	if (!symmetric_eigen(small.work, k, small.values, true, small.scratch))
		return not_finite;
	for (int i = 0; i < k; i++)
	{
		for (int f = 0; f < k; f++)
		{
			/*
			 * a direction in which no user has a component carries no information; a new user must
			 * not get one
			 */
			bool		empty = small.values[f] <= NOISE * NOISE * scale * scale * total;

			small.matrix[(int64_t) i * k + f] = empty ? 0 : (float) small.work[(int64_t) f * k + i];
		}
	}
	transform(task, services, ROTATE_FACTORS, 0, 0);
	fix_signs(&model->sides[SIDE_ITEMS], k);
	multiply(services, ITEMS_TO_USERS, 1, n_users);
	memcpy(model->sides[SIDE_USERS].values[USERS_BIAS], task->arrays[ARRAY_USER_BIAS],
		   sizeof(float) * n_users);
	for (int64_t i = 0; i < n_items; i++)
	{
		if (!isfinite(model->sides[SIDE_ITEMS].values[COLUMN_BIAS][i]))
			return "a bias is not finite";
	}
	for (int64_t u = 0; u < n_users; u++)
	{
		if (!isfinite(model->sides[SIDE_USERS].values[USERS_BIAS][u]))
			return "a bias is not finite";
	}
	return NULL;
}

/* ---- asking ---- */

typedef struct Query
{
	float		bias;			/* of the user */
	float		base;			/* common to all scores: the mean and the user's bias */
	float	   *factors;		/* of the user, padded */
} Query;

static bool
svd_predicts_ratings(const Model *model)
{
	const SvdOptions *o = model->options;

	return is_explicit(o) && o->centering != CENTERING_NONE;
}

/* The items' biases; NULL where centering has none, even if an edited table has some. */
static inline const float *
item_biases(const Model *model)
{
	return has_item_bias(model->options) ? model->sides[SIDE_ITEMS].values[COLUMN_BIAS] : NULL;
}

/* The derived block of a loaded model: the norms of factors.h. */
static size_t
svd_derived_bytes(const Model *model)
{
	return factors_norms_bytes(model->sides[SIDE_ITEMS].n_rows);
}

static void
svd_prepare(Model *model)
{
	factors_compute_norms(model, model->derived);
}

static size_t
svd_query_bytes(const Model *model, int64_t profile_items)
{
	return cache_lines(sizeof(Query)) +
		   sizeof(float) * PADDED(((const SvdOptions *) model->options)->factors);
}

static size_t
svd_query_scratch_bytes(const Model *model, int64_t profile_items)
{
	return sizeof(float) * PADDED(((const SvdOptions *) model->options)->factors);
}

static double
centre_mean(const Model *model)
{
	return ((const SvdOptions *) model->options)->centering == CENTERING_NONE ? 0
																			  : model->scale.mean;
}

static bool
svd_make_query(const Model *model, const Profile *profile, void *query, void *scratch)
{
	const SvdOptions *o = model->options;
	const Side *items = &model->sides[SIDE_ITEMS];
	const float *item_bias = item_biases(model);
	int64_t		stride = column_stride(&items->columns[COLUMN_FACTORS]);
	Query	   *q = query;
	Centre		centre;

	q->factors = (float *) ((char *) query + cache_lines(sizeof(Query)));
	q->bias = !has_user_bias(o) ? 0
								: row_bias(profile->items, profile->ratings, profile->n,
										   model->scale.mean, item_bias, o->damping);
	q->base = (float) (centre_mean(model) + q->bias);
	centre = (Centre) {centre_mean(model) + q->bias, item_bias};
	multiply_row(profile->items, profile->ratings, profile->n, &centre,
				 items->values[COLUMN_FACTORS], stride, (int) stride, q->factors, scratch);
	return factors_stay_finite(model, model->derived, q->factors, q->base);
}

static bool
svd_speaks(const Model *model, const void *query)
{
	const Query *q = query;

	return factors_speak(model, model->derived, q->factors, q->base,
						 hypot(model->scale.mean, model->scale.deviation));
}

/*
 * A score is mean + b_i + b_u + sum over the profile of (e_j - b_u) v_j.v_i, where e_j = r_j -
 * mean - b_j, and b_u the sum over the profile of e_j / (n + damping).
 */
static void
svd_explain(const Model *model, const Profile *profile, const void *query, int32_t item,
			float *contributions, float *baseline, void *scratch)
{
	const SvdOptions *o = model->options;
	const Query *q = query;
	const Side *items = &model->sides[SIDE_ITEMS];
	const float *factors = items->values[COLUMN_FACTORS];
	const float *bias = item_biases(model);
	int64_t		stride = column_stride(&items->columns[COLUMN_FACTORS]);
	double		damped = has_user_bias(o) ? 1 / ((double) profile->n + o->damping) : 0;

	gather_dot(factors, stride, profile->items, profile->n, 0, (int) stride,
			   factors + item * stride, contributions);
	for (int64_t j = 0; j < profile->n; j++)
	{
		double		centred =
			profile->ratings[j] - centre_mean(model) - (bias == NULL ? 0 : bias[profile->items[j]]);

		contributions[j] = (float) (centred * damped + (centred - q->bias) * contributions[j]);
	}
	*baseline = (float) (centre_mean(model) + (bias == NULL ? 0 : bias[item]));
}

static bool
svd_inner_product(const Model *model, InnerProduct *product)
{
	const Side *items = &model->sides[SIDE_ITEMS];

	product->width = ((const SvdOptions *) model->options)->factors;
	product->stride = column_stride(&items->columns[COLUMN_FACTORS]);
	product->factors = items->values[COLUMN_FACTORS];
	product->bias = item_biases(model);
	return true;
}

static const float *
svd_query_vector(const Model *model, const void *query, float *constant)
{
	const Query *q = query;

	*constant = q->base;
	return q->factors;
}

/* A users' table that was last written by a version before 0.7.0 has no biases. */
static bool
svd_user_product(const Model *model, InnerProduct *product, float *constant)
{
	const Side *users = &model->sides[SIDE_USERS];

	product->width = ((const SvdOptions *) model->options)->factors;
	product->stride = column_stride(&users->columns[USERS_FACTORS]);
	product->factors = users->values[USERS_FACTORS];
	product->bias = has_user_bias(model->options) ? users->values[USERS_BIAS] : NULL;
	*constant = (float) centre_mean(model);
	for (int64_t u = 0; product->bias != NULL && u < users->n_rows; u++)
	{
		if (isnan(product->bias[u]))
			return false;
	}
	return true;
}

static void
svd_user_query(const Model *model, int32_t user, void *query)
{
	const Side *users = &model->sides[SIDE_USERS];
	Query	   *q = query;

	q->bias = has_user_bias(model->options) ? users->values[USERS_BIAS][user] : 0;
	q->base = (float) (centre_mean(model) + q->bias);
	q->factors =
		users->values[USERS_FACTORS] + user * column_stride(&users->columns[USERS_FACTORS]);
}

static void
svd_similar_items(const Model *model, int32_t item, int64_t first, int64_t n, float *similarity)
{
	factors_similar_items(model, model->derived, item, first, n, similarity);
}

static void
svd_similar_users(const Model *model, const void *query, int64_t first, int64_t n,
				  float *similarity)
{
	factors_similar_users(model, USERS_FACTORS, ((const Query *) query)->factors, first, n,
						  similarity);
}

static const char *
svd_refuses_refresh(const void *options)
{
	return "Its factors are learned in steps through all ratings, and not row by row.";
}

const Algorithm svd_algorithm = {
	.name = "svd",
	.description =
		"truncated singular value decomposition (PureSVD), of centred ratings or of events",
	.options = svd_options,
	.options_size = sizeof(SvdOptions),
	.decide = svd_decide,
	.varied = "factors",
	.factor = 2,
	.columns = svd_columns,
	.arrays = svd_arrays,
	.passes = svd_passes,
	.scratch_bytes = svd_scratch_bytes,
	.train = svd_train,
	.refuses_refresh = svd_refuses_refresh,
	.iterations = svd_iterations,
	.derived_bytes = svd_derived_bytes,
	.prepare = svd_prepare,
	.query_bytes = svd_query_bytes,
	.query_scratch_bytes = svd_query_scratch_bytes,
	.make_query = svd_make_query,
	.speaks = svd_speaks,
	.score_items = factors_score_items,
	.expected_score = factors_expected_score,
	.explain = svd_explain,
	.inner_product = svd_inner_product,
	.query_vector = svd_query_vector,
	.user_product = svd_user_product,
	.user_query = svd_user_query,
	.predicts_ratings = svd_predicts_ratings,
	.similar_items = svd_similar_items,
	.similar_users = svd_similar_users};
