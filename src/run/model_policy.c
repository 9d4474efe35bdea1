/*
 * model_policy.c
 *	  A model as the policy that a log is asked about.
 *
 * The model is as it is now. The user's rows of the source are those of before the list was shown,
 * so that what the user did upon seeing it is not known to the policy. As the probabilities of all
 * items are known, rewards are predicted by item.
 */
#include "postgres.h"
#include "server/compat.h"

#include "miscadmin.h"
#include "model/exploration.h"
#include "model/profile.h"
#include "run/model_policy.h"
#include "server/messages.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* What the probabilities of all lists are computed with. */
typedef struct Asking
{
	ShownLog   *log;
	LoadedModel *loaded;
	const ModelPolicy *policy;
	int32	   *in_model;		/* by item of the log: its number in the model, or -1 */
	RewardSum  *by_item;		/* by item of the log: the rows of all other users */
	int32	   *in_log;			/* by item of the model: its number in the log, or -1 */
	double		mean;			/* reward of all other users' rows */
	uint64	   *skip;			/* a bit for each item of the model */
	Top			top;
	int32	   *shown;			/* of the list that is asked about, and the longest of them */
	double	   *probabilities;
	double	   *expected;
} Asking;

/* The reward that is predicted for an item of the log; -1: one that is not in it. */
static double
predicted_reward(const Asking *a, int32 item)
{
	return shrunk_reward(item < 0 ? (RewardSum) {0, 0} : a->by_item[item], a->mean);
}

static double
predicted_of_model_item(const void *state, int32 item)
{
	const Asking *a = state;

	return predicted_reward(a, a->in_log[item]);
}

/* Adds a user's rows to the sums by item, or takes them away; returns the sum of all of them. */
static RewardSum
add_by_item(const Asking *a, int64 user, double sign)
{
	const ShownLog *log = a->log;
	RewardSum	all = {0, 0};

	for (int64 i = log->lists[log->users[user]]; i < log->lists[log->users[user + 1]]; i++)
	{
		const ShownItem *row = &log->rows[i];

		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		all.n += sign;
		all.reward += sign * row->reward;
		if (row->item < 0)
			continue;
		a->by_item[row->item].n += sign;
		a->by_item[row->item].reward += sign * row->reward;
	}
	return all;
}

/* Finds the items of the log in the model, and the other way round. */
static void
match_items(Asking *a)
{
	IdDictionary *items = a->log->items;
	IdList	   *known = a->loaded->ids[SIDE_ITEMS];
	int64		n_items = a->loaded->model.sides[SIDE_ITEMS].n_rows;
	MemoryContext scratch =
		AllocSetContextCreate(CurrentMemoryContext, "rec items of a log", ALLOCSET_DEFAULT_SIZES);

	a->in_model = palloc_extended(sizeof(int32) * Max(items->n, 1), MCXT_ALLOC_HUGE);
	a->in_log = palloc_extended(sizeof(int32) * Max(n_items, 1), MCXT_ALLOC_HUGE);
	memset(a->in_log, -1, sizeof(int32) * n_items);
	for (int32 i = 0; i < items->n; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(scratch);
		Datum		id;

		CHECK_FOR_INTERRUPTS();
		a->in_model[i] = id_convert_kept(items->ids[i], items->type.type, &known->type, scratch,
										 &id)
							 ? id_list_find(known, id)
							 : -1;
		if (a->in_model[i] >= 0)
			a->in_log[a->in_model[i]] = i;
		MemoryContextSwitchTo(old);
		MemoryContextReset(scratch);
	}
	MemoryContextDelete(scratch);
}

/* Asks about a list. user NULL: of no user. */
static void
ask_about_list(Asking *a, int64 list, const KnownUser *user, bool predict)
{
	ShownLog   *log = a->log;
	const Model *model = &a->loaded->model;
	ShownItem  *rows = log->rows + log->lists[list];
	int64		n = log->lists[list + 1] - log->lists[list];
	Asker	   *asker = user == NULL ? ask_as_profile(a->loaded, 0, NULL, NULL, NULL)
									 : ask_as_of(a->loaded, user, log->times[list]);
	ListItems	items = {.skip = a->skip};

	memset(a->skip, 0, sizeof(uint64) * (model->sides[SIDE_ITEMS].n_rows / 64 + 1));
	for (int64 i = 0; a->policy->exclude_seen && i < asker->n_seen; i++)
		a->skip[asker->seen[i] / 64] |= UINT64CONST(1) << (asker->seen[i] % 64);
	for (int64 i = 0; i < n; i++)
		a->shown[i] = rows[i].item < 0 ? -1 : a->in_model[rows[i].item];
	a->top.count = 0;
	if (list_is_scored(&asker->query))
		list_scan(&asker->query, &items, &a->top,
				  profile_scratch(a->loaded, list_scan_bytes(&items)));
	list_probabilities(asker, &items, a->policy->exploration, a->shown, n, &a->top,
					   predicted_of_model_item, a, a->probabilities, a->expected);
	for (int64 i = 0; i < n; i++)
	{
		rows[i].target = a->probabilities[i];
		if (!predict)
			continue;
		rows[i].predicted = predicted_reward(a, rows[i].item);
		rows[i].expected = a->expected[i];
	}
}

/* Warns where the model knows more than it could have known when the lists were shown. */
static void
warn_of_hindsight(const ShownLog *log, const LoadedModel *loaded)
{
	const ModelRow *row = loaded->row;
	TimestampTz written = Max(row->trained_at, row->refreshed > 0 ? row->refreshed_at : DT_NOBEGIN);

	if (written > log->first)
		ereport(WARNING,
				(errmsg("model \"%s\" was trained after log \"%s\" began",
						get_rel_name(loaded->relid), log->name),
				 errdetail("The log begins at %s; the model is of %s.",
						   pstrdup(timestamptz_to_str(log->first)),
						   pstrdup(timestamptz_to_str(written))),
				 errhint("It may have learned from what the lists led to, and its value be "
						 "overestimated. Train a model on what came before the log.")));
	if (row->source.time_column == NULL)
		ereport(WARNING,
				(errmsg("model \"%s\" has no time column", get_rel_name(loaded->relid)),
				 errdetail("It is asked with all that users have done, also after the lists were "
						   "shown."),
				 errhint("SELECT rec.alter_model(%s, time_column => '...') names one.",
						 quote_literal_cstr(quoted_relation(loaded->relid)))));
}

void
model_policy(ShownLog *log, LoadedModel *loaded, const ModelPolicy *policy, bool predict)
{
	int64		n_items = loaded->model.sides[SIDE_ITEMS].n_rows;
	Asking		a = {.log = log, .loaded = loaded, .policy = policy};
	MemoryContext of_user =
		AllocSetContextCreate(CurrentMemoryContext, "rec user of a log", ALLOCSET_DEFAULT_SIZES);
	MemoryContext of_list =
		AllocSetContextCreate(CurrentMemoryContext, "rec list of a log", ALLOCSET_DEFAULT_SIZES);
	RewardSum	all = {0, 0};

	warn_of_hindsight(log, loaded);
	match_items(&a);
	a.by_item = palloc_extended(sizeof(RewardSum) * Max(log->items->n, 1),
								MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	a.skip = palloc_extended(sizeof(uint64) * (n_items / 64 + 1), MCXT_ALLOC_HUGE);
	a.top.capacity = Min(Max(log->longest, EXPLORED_ITEMS), n_items);
	a.top.heap = palloc_extended(sizeof(Scored) * Max(a.top.capacity, 1), MCXT_ALLOC_HUGE);
	a.shown = palloc_extended(sizeof(int32) * log->longest, MCXT_ALLOC_HUGE);
	a.probabilities = palloc_extended(sizeof(double) * log->longest, MCXT_ALLOC_HUGE);
	a.expected = palloc_extended(sizeof(double) * log->longest, MCXT_ALLOC_HUGE);
	for (int64 u = 0; u < log->n_users; u++)
	{
		RewardSum	own = add_by_item(&a, u, 1);

		all.n += own.n;
		all.reward += own.reward;
	}
	for (int64 u = 0; u < log->n_users; u++)
	{
		RewardSum	own = add_by_item(&a, u, -1);
		double		others = all.n + own.n;
		KnownUser	user;

		a.mean = others > 0 ? (all.reward + own.reward) / others : 0;
		if (!log->no_user[u])
			user = read_known_user(loaded, log->user_ids[u], log->user_type.type, of_user);
		for (int64 l = log->users[u]; l < log->users[u + 1]; l++)
		{
			MemoryContext old = MemoryContextSwitchTo(of_list);

			CHECK_FOR_INTERRUPTS();
			ask_about_list(&a, l, log->no_user[u] ? NULL : &user, predict);
			MemoryContextSwitchTo(old);
			MemoryContextReset(of_list);
		}
		add_by_item(&a, u, 1);
		MemoryContextReset(of_user);
	}
	MemoryContextDelete(of_user);
	MemoryContextDelete(of_list);
}
