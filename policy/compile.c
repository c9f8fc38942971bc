#include "compile.h"

#include <stdlib.h>
#include <string.h>

#include "checked.h"
#include "emit.h"
#include "owned.h"
#include "parse.h"

/* Read one fragment, unless it was read before: so that cycles end. */
static int use(struct tree *tree, struct diag *diag, const struct word *word, compile_fetch *fetch, void *arg)
{
	const uint32_t depth = tree->sources[word->at.source].depth + 1;
	const char *name = word_plain(word);
	struct compile_text text = {0};
	struct err err = {""};

	if (tree_find(tree, name) >= 0)
		return 0;
	if (depth > USE_DEPTH_MAX)
		return diag_add(diag, word->at, "fragments use each other more than %u deep", USE_DEPTH_MAX);
	if (tree->source_count == SOURCES_MAX)
		return diag_add(diag, word->at, "more than %u fragments", SOURCES_MAX - SOURCE_FRAGMENT);
	int rc = fetch(arg, name, &text, &err);
	if (rc == -ENOENT)
		rc = diag_add(diag, word->at, "no fragment '%s': %s", name, err.text);
	else if (rc < 0)
		rc = diag_fail(diag, -rc, "fragment '%s': %s", name, err.text);
	else
		rc = tree_add(tree, name, text.shown, text.text, text.len, depth);
	free(text.owned);
	return rc < 0 ? rc : 0;
}

static int use_all(struct tree *tree, struct diag *diag, uint32_t source, compile_fetch *fetch, void *arg)
{
	for (const struct stmt *s = tree->sources[source].statements; s; s = s->next) {
		if (s->verb != VERB_USE)
			continue;
		for (const struct item *item = s->items; item && !diag->more; item = item->next) {
			int rc = use(tree, diag, item->word, fetch, arg);
			if (rc < 0 && rc != -EINVAL)
				return rc;
		}
	}
	return 0;
}

int compile_tree(const struct compile_input *in, compile_fetch *fetch, void *arg, struct tree *tree, struct diag *diag)
{
	int rc;

	memset(diag, 0, sizeof *diag);
	diag->tree = tree;
	(void)((rc = tree_add(tree, "command line", "command line", in->line, in->line_len, 0)) < 0 ||
	       (rc = tree_add(tree, "", in->main.shown, in->main.text, in->main.len, 0)) < 0);
	/* Fragments are added behind while the list is walked. */
	for (uint32_t i = 0; rc >= 0 && i < tree->source_count; i++) {
		rc = parse_source(tree, i, diag);
		if (rc == 0)
			rc = use_all(tree, diag, i, fetch, arg);
	}
	return rc < 0 ? rc : 0;
}

/* Everything that went in, in the order of the image's sources. */
static void make_key(const struct tree *tree, uint8_t key[HASH_SIZE])
{
	const struct source *s = tree->sources;
	struct hash hash;

	image_key_begin(&hash, s[SOURCE_LINE].text, s[SOURCE_LINE].len, s[SOURCE_MAIN].text, s[SOURCE_MAIN].len);
	for (uint32_t i = SOURCE_FRAGMENT; i < tree->source_count; i++)
		image_key_fragment(&hash, s[i].name, s[i].text, s[i].len);
	hash_end(&hash, key);
}

static int finish(const struct tree *tree, const struct policy *policy, compile_filter *filter, void **image, size_t *size,
		  struct diag *diag)
{
	struct image_insn *OWNED prog = NULL;
	uint8_t key[HASH_SIZE];
	struct err err = {""};
	uint32_t count;
	int rc = filter(policy->head.families, &prog, &count, &err);

	if (rc < 0)
		return diag_fail(diag, -rc, "no system call filter: %s", err.text);
	make_key(tree, key);
	return emit_image(policy, prog, count, key, image, size);
}

int compile(const struct compile_input *in, compile_fetch *fetch, void *arg, void **image, size_t *size, struct diag *diag)
{
	struct tree *tree = calloc(1, sizeof *tree);
	struct policy policy = {0};
	int rc = -ENOMEM;

	memset(diag, 0, sizeof *diag);
	if (tree)
		rc = compile_tree(in, fetch, arg, tree, diag);
	if (rc == 0)
		rc = check_tree(tree, diag, &policy);
	if (rc == 0 && diag->count > 0)
		rc = -EINVAL;
	if (rc == 0)
		rc = finish(tree, &policy, in->filter, image, size, diag);
	if (rc == -ENOMEM)
		diag_fail(diag, ENOMEM, "no memory");
	else if (rc == -E2BIG)
		diag_fail(diag, E2BIG, "the policy is too large: compiled it would be over %u bytes", IMAGE_MAX);
	else if (rc < 0 && diag->count == 0)
		diag_fail(diag, -rc, "refused without a reason, which is a bug: %s", err_words(rc));
	policy_free(&policy);
	if (tree)
		tree_free(tree);
	free(tree);
	diag->tree = NULL;
	return rc;
}
