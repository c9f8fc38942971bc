/* What other programs believe, where services listen, what is secret. */
#include <stdio.h>
#include <string.h>

#include "lint_places.h"
#include "lint_state.h"

#define SHOWN_MAX 3 /* of the places that a grant covers */

/* A whole file system or home is another finding already. */
static bool is_ambient(const struct reach *r)
{
	return place_covers(r->place, PLACE_HOME);
}

/* The place that R lies in; NULL: none. */
static const struct place_known *find_around(const struct place_known *places, const struct reach *r)
{
	for (; places->path; places++)
		if (strcmp(places->path, r->place) == 0 || (places->within && place_covers(places->path, r->place)))
			return places;
	return NULL;
}

/* A home as people write it. */
static const char *shown(const char *path, char buf[80])
{
	const size_t len = strlen(PLACE_HOME);

	if (strncmp(path, PLACE_HOME, len) != 0)
		return path;
	snprintf(buf, 80, "~%s", path + len);
	return buf;
}

/* The places that R covers and that are not excepted, in words; returns their number. */
static uint32_t list_beneath(const struct lint *l, const struct place_known *places, const struct reach *r, char list[160])
{
	char buf[80];
	uint32_t count = 0;

	list[0] = '\0';
	for (; places->path; places++) {
		if (!place_covers(r->place, places->path) || lint_excepted(l, r, places->path))
			continue;
		const size_t used = strlen(list);
		if (count++ < SHOWN_MAX)
			snprintf(list + used, 160 - used, "%s%s", used ? ", " : "", shown(places->path, buf));
	}
	if (count > SHOWN_MAX) {
		const size_t used = strlen(list);
		snprintf(list + used, 160 - used, " and %u more", count - SHOWN_MAX);
	}
	return count;
}

static void judge_trusted(struct lint *l, const struct reach *r)
{
	const struct place_known *known = find_around(places_trusted, r);
	char list[160];

	if (known)
		lint_find(l, LINT_TRUSTED_WRITE, r->word->at, "leave it out: another program would act on what this one writes",
			  "'%.*s' can be written, and %s", WORD(r->word), known->why);
	else if (list_beneath(l, places_trusted, r, list) > 0)
		lint_find(l, LINT_TRUSTED_WRITE, r->word->at,
			  lint_hint(r, "grant the folders that it needs, or: except PART", "grant the folders that it needs"),
			  "what other programs trust can be written in '%.*s': %s", WORD(r->word), list);
}

static void judge_hooks(struct lint *l, const struct reach *r)
{
	const char *git = strstr(r->place, "/.git");
	const char *in_git = git && (git[5] == '/' || git[5] == '\0') ? git + 5 : NULL;

	if (in_git && (*in_git == '\0' || place_covers("/hooks", in_git) || place_covers("/config", in_git)))
		lint_find(
		    l, LINT_GIT_HOOKS, r->word->at, "grant what lies beside, such as .git/objects",
		    "'%.*s' can be written: git runs a repository's hooks, and what its settings name, outside the sandbox",
		    WORD(r->word));
	else if (strcmp(r->place, ".") == 0 && r->rights & RIGHT_CREATE &&
		 !(lint_excepted(l, r, "./.git/hooks") && lint_excepted(l, r, "./.git/config")))
		lint_find(l, LINT_GIT_HOOKS, r->word->at,
			  lint_hint(r, "add: except .git/hooks/ .git/config optional", "grant the folders that it needs"),
			  "if '%.*s' is a repository its hooks and settings can be written: git runs what they say outside the "
			  "sandbox",
			  WORD(r->word));
}

static void judge_secret(struct lint *l, const struct reach *r)
{
	const struct place_known *known = find_around(places_secret, r);
	char list[160];

	if (place_is_public(r->place))
		return;
	if (known)
		lint_find(l, LINT_SECRET_READ, r->word->at, "leave it out, or hand one file over by a descriptor",
			  "'%.*s' can be read, and %s", WORD(r->word), known->why);
	else if (list_beneath(l, places_secret, r, list) > 0)
		lint_find(l, LINT_SECRET_READ, r->word->at,
			  lint_hint(r, "grant the folders that it needs, or: except PART", "grant the folders that it needs"),
			  "secrets can be read in '%.*s': %s", WORD(r->word), list);
	else if (place_is_key(r->place))
		lint_find(l, LINT_SECRET_READ, r->word->at, "leave it out, or say why the program needs the key",
			  "'%.*s' looks like a key or passwords, and can be read", WORD(r->word));
}

static void judge_sockets(struct lint *l, const struct reach *r)
{
	const struct place_known *known = find_around(places_sockets, r);
	const bool connects = (l->policy->head.families & FAM_UNIX) != 0 && r->grant != REACH_HELD,
		   writes = (r->rights & REACH_WRITES) != 0;
	char list[160];

	if ((!writes && !connects) || is_ambient(r))
		return;
	if (known)
		lint_find(l, LINT_SOCKET_PLACE, r->word->at, "grant the program's own folder in it, not this one",
			  "'%.*s' can be %s, and %s", WORD(r->word), writes ? "written" : "reached by 'connect unix any'",
			  known->why);
	else if (list_beneath(l, places_sockets, r, list) > 0)
		lint_find(l, LINT_SOCKET_PLACE, r->word->at, "grant the folders that it needs", "services listen in '%.*s': %s",
			  WORD(r->word), list);
}

void lint_trust(struct lint *l)
{
	for (uint32_t i = 0; i < l->reach_count; i++) {
		const struct reach *r = &l->reaches[i];
		judge_sockets(l, r);
		if (is_ambient(r))
			continue;
		if (r->rights & REACH_WRITES) {
			judge_trusted(l, r);
			judge_hooks(l, r);
		}
		if (r->rights & REACH_READS)
			judge_secret(l, r);
	}
}
