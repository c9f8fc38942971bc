#include "checked.h"

#include <stdlib.h>
#include <string.h>

#include "checker.h"

struct image_where check_where(const struct check *c, const struct stmt *s)
{
	return (struct image_where){.source = c->source, .line = s->at.line};
}

int policy_string(struct policy *policy, const char *text, uint32_t *at)
{
	*at = *text == '\0' ? 0 : policy->strings.count;
	return *text == '\0' ? 0 : vec_add(&policy->strings, text, (uint32_t)strlen(text) + 1, 1);
}

int check_put_text(struct check *c, const struct text *text, struct image_text *out)
{
	out->root = text->root;
	return policy_string(c->policy, text->at, &out->at);
}

int check_put_path(struct check *c, const struct word *word, struct image_text *out)
{
	struct text text;
	int rc = expand_path(&c->scope, word, &text);

	return rc == 0 ? check_put_text(c, &text, out) : rc;
}

static int check_nothing(struct check *c, const struct stmt *s)
{
	(void)c, (void)s;
	return 0;
}

static int check_let(struct check *c, const struct stmt *s)
{
	return scope_let(&c->scope, s);
}

static int (*const checks[VERB_COUNT])(struct check *c, const struct stmt *s) = {
    [VERB_NOTHING] = check_nothing,
    [VERB_PROGRAM] = check_program,
    [VERB_USE] = check_nothing, /* compile.c has read the fragments */
    [VERB_LET] = check_let,
    [VERB_GRANT] = check_grant,
    [VERB_EXCEPT] = check_except,
    [VERB_HOLD] = check_held,
    [VERB_ASK] = check_ask,
    [VERB_FD] = check_fd,
    [VERB_ARGS] = check_args,
    [VERB_ENV] = check_env,
    [VERB_SCRATCH] = check_scratch,
    [VERB_CWD] = check_cwd,
    [VERB_UMASK] = check_umask,
    [VERB_LIMIT] = check_limit,
    [VERB_PROMISE] = check_promise,
    [VERB_CONNECT] = check_ports,
    [VERB_LISTEN] = check_ports,
    [VERB_REQUIRE] = check_features,
    [VERB_FORGO] = check_features,
    [VERB_SERVICE] = check_service,
    [VERB_PRIVATE] = check_private,
    [VERB_ISOLATE] = check_isolate,
    [VERB_USER] = check_account,
    [VERB_GROUP] = check_account,
    [VERB_GROUPS] = check_groups,
    [VERB_KEEP] = check_keep,
    [VERB_SESSION] = check_choice,
    [VERB_SIGNALS] = check_choice,
    [VERB_SUPERVISE] = check_supervise,
    [VERB_REPORT] = check_report,
};

static int put_sources(struct check *c)
{
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < c->tree->source_count; i++) {
		struct image_source source = {0};
		rc = policy_string(c->policy, c->tree->sources[i].name, &source.name);
		if (rc == 0)
			rc = vec_add(&c->policy->sources, &source, 1, sizeof source);
	}
	return rc;
}

static int check_sources(struct check *c)
{
	int rc = 0;

	for (c->source = 0; c->source < c->tree->source_count; c->source++) {
		c->scope.count = 0;
		for (const struct stmt *s = c->tree->sources[c->source].statements; s && !c->diag->more; s = s->next) {
			rc = checks[s->verb](c, s);
			if (rc < 0 && (rc != -EINVAL || c->diag->count == 0))
				return rc;
		}
	}
	return 0;
}

int check_tree(const struct tree *tree, struct diag *diag, struct policy *policy)
{
	struct arena arena = {0};
	struct check *c = calloc(1, sizeof *c);
	int rc;

	memset(policy, 0, sizeof *policy);
	if (!c)
		return -ENOMEM;
	c->tree = tree;
	c->diag = diag;
	c->policy = policy;
	c->scope.arena = &arena;
	c->scope.diag = diag;
	(void)((rc = vec_add(&policy->strings, "", 1, 1)) || (rc = put_sources(c)) || (rc = check_sources(c)) ||
	       (rc = settle(c)));
	vec_free(&c->env);
	free(c);
	arena_free(&arena);
	return rc;
}

void policy_free(struct policy *policy)
{
	struct vec *const all[] = {&policy->sources, &policy->programs, &policy->grants, &policy->fds,
				   &policy->args,    &policy->env,      &policy->ports,  &policy->private_places,
				   &policy->excepts, &policy->scratch,  &policy->held,   &policy->peers,
				   &policy->asks,    &policy->groups,   &policy->strings};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		vec_free(all[i]);
}
