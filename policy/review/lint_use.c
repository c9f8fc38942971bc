/* Fragments of which nothing is used: without one of these the policy grants what it grants with it. */
#include <stdlib.h>
#include <string.h>

#include "lint_places.h"
#include "lint_state.h"

struct without { /* a fragment, as if it were empty */
	const char *name;
	compile_fetch *fetch;
	void *arg;
};

static int fetch_without(void *arg, const char *name, struct compile_text *out, struct err *err)
{
	const struct without *w = arg;

	if (strcmp(name, w->name) != 0)
		return w->fetch(w->arg, name, out, err);
	*out = (struct compile_text){.shown = w->name, .text = ""};
	return 0;
}

static const char *string(const struct policy *p, uint32_t at)
{
	return (const char *)p->strings.data + at;
}

static bool same_text(const struct policy *p, struct image_text a, const struct policy *q, struct image_text b)
{
	return a.root == b.root && strcmp(string(p, a.at), string(q, b.at)) == 0;
}

static bool has_grant(const struct policy *p, const struct image_grant *g, const struct policy *q)
{
	const struct image_grant *all = q->grants.data;

	for (uint32_t i = 0; i < q->grants.count; i++) {
		const struct image_grant *o = &all[i];
		if (g->rights & ~o->rights || g->path.root != o->path.root ||
		    (o->flags & GRANT_OPTIONAL && !(g->flags & GRANT_OPTIONAL)))
			continue;
		/* What is followed may lead out of a folder that holds it. */
		if (same_text(p, g->path, q, o->path)
			? (o->flags & GRANT_FOLLOW) == (g->flags & GRANT_FOLLOW)
			: !(g->flags & GRANT_FOLLOW) && place_covers(string(q, o->path.at), string(p, g->path.at)))
			return true;
	}
	return false;
}

static bool has_env(const struct policy *p, const struct image_env *e, const struct policy *q)
{
	const struct image_env *all = q->env.data;

	for (uint32_t i = 0; i < q->env.count; i++)
		if (e->op == all[i].op && strcmp(string(p, e->name), string(q, all[i].name)) == 0 &&
		    same_text(p, e->value, q, all[i].value))
			return true;
	return false;
}

static bool has_port(const struct image_port *port, const struct policy *q)
{
	const struct image_port *all = q->ports.data;

	for (uint32_t i = 0; i < q->ports.count; i++)
		if (port->listen == all[i].listen && port->first >= all[i].first && port->last <= all[i].last)
			return true;
	return false;
}

static bool has_place(const struct policy *p, const struct image_place *place, const struct policy *q)
{
	const struct image_place *all = q->private_places.data;

	for (uint32_t i = 0; i < q->private_places.count; i++)
		if (same_text(p, place->path, q, all[i].path))
			return true;
	return false;
}

static bool same_head(const struct policy *p, const struct policy *q)
{
	const struct image_header *a = &p->head, *b = &q->head;

	return a->families == b->families && a->require == b->require && a->forgo == b->forgo && a->flags == b->flags &&
	       a->isolate == b->isolate && a->keep_caps == b->keep_caps && a->umask == b->umask &&
	       memcmp(a->limits, b->limits, sizeof a->limits) == 0 && strcmp(string(p, a->user), string(q, b->user)) == 0 &&
	       strcmp(string(p, a->group), string(q, b->group)) == 0 && same_text(p, a->cwd, q, b->cwd);
}

/* Does Q, which is P less a source, grant all that P does? */
static bool is_as_good(const struct policy *p, const struct policy *q)
{
	const struct image_grant *grants = p->grants.data;
	const struct image_env *env = p->env.data;
	const struct image_port *ports = p->ports.data;
	const struct image_place *places = p->private_places.data;
	bool good = same_head(p, q) && p->fds.count == q->fds.count && p->args.count == q->args.count &&
		    p->groups.count == q->groups.count && p->scratch.count == q->scratch.count &&
		    p->excepts.count == q->excepts.count && p->held.count == q->held.count &&
		    p->peers.count == q->peers.count && p->asks.count == q->asks.count;

	for (uint32_t i = 0; good && i < p->grants.count; i++)
		good = has_grant(p, &grants[i], q);
	for (uint32_t i = 0; good && i < p->env.count; i++)
		good = has_env(p, &env[i], q);
	for (uint32_t i = 0; good && i < p->ports.count; i++)
		good = has_port(&ports[i], q);
	for (uint32_t i = 0; good && i < p->private_places.count; i++)
		good = has_place(p, &places[i], q);
	return good;
}

static int judge(struct lint *l, const struct word *word, struct tree *tree, struct diag *diag)
{
	struct without without = {.name = word_plain(word), .fetch = l->in->fetch, .arg = l->in->fetch_arg};
	struct policy less = {0};
	int rc = compile_tree(l->in->texts, fetch_without, &without, tree, diag);

	if (rc == 0)
		rc = check_tree(tree, diag, &less);
	if (rc == 0 && diag->count == 0 && is_as_good(l->policy, &less))
		lint_find(l, LINT_UNUSED_FRAGMENT, word->at, "leave it out",
			  "nothing of '%.*s' is used: all that it says is said elsewhere, or it says nothing", WORD(word));
	policy_free(&less);
	tree_free(tree);
	return rc;
}

void lint_use(struct lint *l)
{
	struct tree *tree = calloc(1, sizeof *tree);
	struct diag *diag = calloc(1, sizeof *diag);

	if (!tree || !diag)
		l->rc = -ENOMEM;
	const struct stmt *s = l->rc == 0 ? l->tree->sources[SOURCE_MAIN].statements : NULL;
	for (; (s = lint_next(s, VERB_USE)); s = s->next)
		for (const struct item *item = s->items; item && l->rc == 0; item = item->next) {
			const int rc = judge(l, item->word, tree, diag);
			if (l->rc == 0)
				l->rc = rc;
		}
	free(tree);
	free(diag);
}
