/*
 * input_lists.c
 *	  The lists of a model's inputs for many users.
 *
 * Inputs are asked user by user, as rec.recommend asks them: they may learn from other sources, and
 * have items and users of their own.
 */
#include "postgres.h"
#include "server/compat.h"

#include "miscadmin.h"
#include "model/profile.h"
#include "run/input_lists.h"
#include "server/memory.h"
#include "server/progress.h"
#include "utils/memutils.h"

/* The most entries of an input's list. */
static int64
input_room(const Model *model)
{
	return Min(((const CommonOptions *) model->options)->candidates_each,
			   model->sides[SIDE_ITEMS].n_rows);
}

double
input_lists_bytes(const Model *model, int64 n_users)
{
	double		room = model->n_inputs == 0 ? 0 : input_room(model);

	return model->n_inputs *
		   ((double) n_users * (sizeof(Scored) * room + 2 * sizeof(int32)) + 3 * ALIGNMENT);
}

void
input_lists_read(LoadedModel *loaded, Ratings *ratings, const IdDictionary *users, int64 step,
				 const ListFilter *filter, TrainingMemory *memory)
{
	const Model *model = &loaded->model;
	const SparseMatrix *m = &ratings->by_user;
	int64		n_items = model->sides[SIDE_ITEMS].n_rows;
	Size		words = n_items / 64 + 1;
	ListFilter	unseen = {.exclude_seen = true};
	int64		room;
	uint64	   *always;
	ListItems	items = {0};
	MemoryContext context;

	if (model->n_inputs == 0)
		return;
	context =
		AllocSetContextCreate(CurrentMemoryContext, "rec lists of inputs", ALLOCSET_DEFAULT_SIZES);
	always = palloc0(sizeof(uint64) * words);
	items.skip = palloc(sizeof(uint64) * words);
	if (filter == NULL)
		filter = &unseen;
	room = input_room(model);
	training_memory_reserve(memory, (Size) input_lists_bytes(model, m->n_rows));
	if (filter->skip != NULL)
		memcpy(always, filter->skip, sizeof(uint64) * words);
	if (filter->candidates != NULL && list_candidates_are_few(model, filter->n_candidates))
	{
		items.candidates = filter->candidates;
		items.n_candidates = filter->n_candidates;
	}
	else if (filter->candidates != NULL)
		list_skip_others(model, filter->candidates, filter->n_candidates, always);
	for (int i = 0; i < model->n_inputs; i++)
	{
		ratings->inputs[i].room = room;
		ratings->inputs[i].entries =
			training_memory_allocate(memory, sizeof(Scored) * Max(room * m->n_rows, 1));
		ratings->inputs[i].counts =
			training_memory_allocate(memory, sizeof(int32) * Max(m->n_rows, 1));
		ratings->inputs[i].personal =
			training_memory_allocate(memory, sizeof(int32) * Max(m->n_rows, 1));
	}
	progress_phase(PHASE_READING, m->n_rows);
	for (int64 u = 0; u < m->n_rows; u++)
	{
		MemoryContext old = MemoryContextSwitchTo(context);
		const InputList *lists;

		CHECK_FOR_INTERRUPTS();
		memcpy(items.skip, always, sizeof(uint64) * words);
		for (int64 e = m->start[u]; filter->exclude_seen && e < m->start[u + 1]; e++)
		{
			if (m->column[e] < n_items)
				items.skip[m->column[e] / 64] |= UINT64CONST(1) << (m->column[e] % 64);
		}
		lists = input_lists(loaded, users->ids[u * step], users->type.type, &items,
							filter->exclude_seen);
		for (int i = 0; i < model->n_inputs; i++)
		{
			ratings->inputs[i].counts[u] = (int32) lists[i].n;
			ratings->inputs[i].personal[u] = lists[i].personal;
			memcpy(ratings->inputs[i].entries + u * room, lists[i].entries,
				   sizeof(Scored) * lists[i].n);
		}
		MemoryContextSwitchTo(old);
		MemoryContextReset(context);
		progress_done(u + 1);
	}
	MemoryContextDelete(context);
}
