/*
 * list_rules.c
 *	  What lists are to be like beyond their scores.
 */
#include "postgres.h"
#include "server/compat.h"

#include "executor/spi.h"
#include "miscadmin.h"
#include "model/list_rules.h"
#include "server/memory.h"
#include "server/messages.h"
#include "source/attributes.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

static const char *
argument_of(const ListOptions *options, int column)
{
	return options->limits[column] >= 0 ? "max_per" : "calibrate";
}

ItemGroups *
list_options_open(const ListOptions *options, const ModelRow *row, const Source *source,
				  MemoryContext context)
{
	const NotedRelation *relation = &row->attributes[SIDE_ITEMS];
	const char **arguments = palloc(sizeof(char *) * Max(options->n_columns, 1));
	Oid			relid;

	if (relation->name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 OidIsValid(row->model)
					 ? errmsg("model \"%s\" has no relation of the items, which column \"%s\" "
							  "would be of",
							  get_rel_name(row->model), shown_text(options->columns[0]))
					 : errmsg("there is no relation of the items, which column \"%s\" would be of",
							  shown_text(options->columns[0])),
				 errdetail("The argument %s names the column.", argument_of(options, 0)),
				 OidIsValid(row->model)
					 ? errhint("SELECT rec.alter_model(%s, items => '...') names the relation, if "
							   "the algorithm learns from attributes.",
							   quote_literal_cstr(quoted_relation(row->model)))
					 : errhint("Name it with the argument items.")));
	for (int c = 0; c < options->n_columns; c++)
		arguments[c] = argument_of(options, c);
	relid = attributes_relation(SIDE_ITEMS, relation, row->model);
	LockRelationOid(relid, AccessShareLock);
	return item_groups_open(relid, source, options->n_columns, options->columns, arguments,
							context);
}

static ListRules *
new_rules(const ListOptions *options)
{
	ListRules  *rules = palloc0(sizeof(ListRules));

	rules->diversity = options->diversity;
	rules->has_groups = options->n_columns > 0;
	rules->n_columns = options->n_columns;
	rules->groups.limits = options->limits;
	rules->groups.calibrated = options->calibrated;
	return rules;
}

/* ---- groups that are read as they are needed ---- */

/* The groups of an item that were read, by its number. */
typedef struct KnownItem
{
	int32		item;
	GroupList	groups;
} KnownItem;

typedef struct Finder
{
	LoadedModel *loaded;
	IdDictionary *unknown;		/* or NULL */
	ItemGroups *groups;
	HTAB	   *known;
	int32		room;			/* groups that there are arrays for */
	MemoryContext context;
} Finder;

/* A VisitItemGroups. */
static void
keep_groups(void *state, Datum id, GroupList groups)
{
	Finder	   *f = state;
	int32		item = id_list_find(f->loaded->ids[SIDE_ITEMS], id);
	int32	   *copy;
	KnownItem  *known;

	if (item < 0 && f->unknown != NULL)
	{
		item = id_dictionary_find(f->unknown, id);
		item = item < 0 ? -1 : item + f->loaded->ids[SIDE_ITEMS]->block->n;
	}
	known = item < 0 ? NULL : hash_search(f->known, &item, HASH_FIND, NULL);
	if (known == NULL || groups.n == 0)
		return;
	copy = MemoryContextAlloc(f->context, sizeof(int32) * groups.n);
	known->groups =
		(GroupList) {groups.n, memcpy(copy, groups.groups, sizeof(int32) * groups.n)};
}

/* Moves the arrays by group, if there are more groups than they have room for. */
static void
make_room(Finder *f, Groups *groups)
{
	Groups		old = *groups;
	int32		room = f->room;

	groups->column = f->groups->column;
	if (f->groups->n_groups <= room)
		return;
	f->room = f->groups->room;
	groups_place(groups, f->room, memory_aligned(f->context, groups_bytes(f->room)));
	if (room == 0)
		return;
	memcpy(groups->taken, old.taken, sizeof(int32) * room);
	memcpy(groups->used, old.used, sizeof(int32) * room);
	memcpy(groups->profile, old.profile, sizeof(int32) * room);
	memcpy(groups->share, old.share, sizeof(double) * room);
	memcpy(groups->listed, old.listed, sizeof(double) * room);
}

/* ListRules.find */
static void
find_groups(ListRules *rules, const int32 *items, int64 n, GroupList *found)
{
	Finder	   *f = rules->state;
	IdList	   *ids = f->loaded->ids[SIDE_ITEMS];
	int32		n_items = ids->block->n;
	MemoryContext old = MemoryContextSwitchTo(f->context);
	IdDictionary *wanted = id_dictionary_create(&ids->type, f->context);

	for (int64 i = 0; i < n; i++)
	{
		bool		is_known;
		KnownItem  *known = hash_search(f->known, &items[i], HASH_ENTER, &is_known);

		if (i % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		if (is_known)
			continue;
		known->groups = (GroupList) {0, NULL};
		id_dictionary_add(wanted, items[i] < n_items ? id_list_get(ids, items[i])
													 : f->unknown->ids[items[i] - n_items]);
	}
	if (wanted->n > 0)
	{
		if (SPI_connect() != SPI_OK_CONNECT)
			elog(ERROR, "SPI_connect failed");
		item_groups_read(f->groups, wanted, keep_groups, f);
		SPI_finish();
		make_room(f, &rules->groups);
	}
	for (int64 i = 0; i < n; i++)
		found[i] = ((KnownItem *) hash_search(f->known, &items[i], HASH_FIND, NULL))->groups;
	MemoryContextSwitchTo(old);
}

ListRules *
list_rules(LoadedModel *loaded, const ListOptions *options, IdDictionary *unknown)
{
	ListRules  *rules;
	Finder	   *f;
	HASHCTL		control = {.keysize = sizeof(int32), .entrysize = sizeof(KnownItem)};

	if (options == NULL)
		return NULL;
	rules = new_rules(options);
	if (!rules->has_groups)
		return rules;
	f = palloc0(sizeof(Finder));
	f->loaded = loaded;
	f->unknown = unknown;
	f->context = CurrentMemoryContext;
	control.hcxt = CurrentMemoryContext;
	f->known = hash_create("rec groups of items", 2 * SELECTION_WINDOW, &control,
						   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	/* errors do not depend on whether there are items to ask about */
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	loaded_model_need_source(loaded);
	f->groups = list_options_open(options, loaded->row, loaded->source, f->context);
	SPI_finish();
	rules->find = find_groups;
	rules->state = f;
	return rules;
}

ListRules *
list_rules_of_table(const ListOptions *options, const GroupTable *table)
{
	ListRules  *rules;

	if (options == NULL)
		return NULL;
	rules = new_rules(options);
	if (!rules->has_groups)
		return rules;
	rules->groups.column = table->column;
	rules->start = table->start;
	rules->group = table->group;
	rules->n_groups = table->n_groups;
	return rules;
}
