/* explain.h: a model in plain sentences, the dangerous ones first. Pure. */
#ifndef ENDOW_REVIEW_EXPLAIN_H
#define ENDOW_REVIEW_EXPLAIN_H

#include "model.h"

struct sentence {
	int danger;                /* 0 harmless to 100 everything */
	const char *text;          /* ends with a full stop */
	const struct entry *entry; /* where it comes from; NULL: from several together */
};

struct sentences {
	struct sentence *list; /* in the model's arena, the most dangerous first */
	uint32_t count, room;
};

/* 0 or -ENOMEM. */
int explain(const struct model *model, struct sentences *sentences);

/* explain_files.c */
int explain_files(const struct model *model, struct sentences *sentences);
/* Add a sentence. 0, or -ENOMEM, also where TEXT is NULL. */
int explain_add(struct sentences *sentences, const struct model *model, int danger, const struct entry *entry,
		const char *text);

#endif
