/*
 * A compiled policy is used only if it is what the compiler would make of the texts that are there now, and nobody else could
 * have written it. In the compiler's place stands one that counts: it compiles here, in this process.
 */
#include <dirent.h>

#include "builtin.h"
#include "cache.h"
#include "compile.h"
#include "compiler.h"
#include "scratch.h"

Suite *cache_suite(void);

static struct places places;
static struct policy_text text;
static struct compiled got;
static struct err err;
static int compiled;        /* how often the compiler was asked */
static const char *instead; /* what it compiles instead of what it was asked to; "": it answers with rubbish */

static int no_filter(uint32_t families, struct image_insn **prog, uint32_t *count, struct err *why)
{
	(void)families;
	(void)why;
	*prog = calloc(1, sizeof **prog);
	(*prog)->code = 6; /* BPF_RET */
	*count = 1;
	return 0;
}

static int fetch(void *arg, const char *name, struct compile_text *out, struct err *why)
{
	struct policy_text fragment;
	int rc = find_fragment(arg, name, &fragment, why);

	if (rc < 0)
		return rc;
	*out = (struct compile_text){.shown = name, .text = fragment.bytes, .len = fragment.len, .owned = fragment.bytes};
	free(fragment.path);
	return 0;
}

int compiler_run(const struct places *where, const struct compiled *default_policy, const struct policy_text *main_text,
		 const char *line, size_t line_len, void **bytes, size_t *size, struct err *why)
{
	static struct places mine;
	static struct diag diag;
	const char *text_of = instead ? instead : main_text->bytes;
	const struct compile_input in = {
	    .line = line,
	    .line_len = line_len,
	    .main = {.shown = main_text->path, .text = text_of, .len = strlen(text_of)},
	    .filter = no_filter,
	};

	compiled++;
	ck_assert_ptr_nonnull(default_policy->image.h); /* what it is to be confined with */
	mine = *where;
	if (instead && !*instead) {
		*size = 400;
		*bytes = calloc(1, *size);
		return 0;
	}
	int rc = compile(&in, fetch, &mine, bytes, size, &diag);
	return rc < 0 ? err_set(why, -rc, "refused") : 0;
}

static void set_up(void)
{
	scratch_make();
	memset(&places, 0, sizeof places);
	memset(&text, 0, sizeof text);
	memset(&got, 0, sizeof got);
	err.text[0] = '\0';
	compiled = 0;
	instead = NULL;
	snprintf(places.config, FIND_PATH, "%s", put_folder("config", 0755));
	snprintf(places.library, FIND_PATH, "%s", put_folder("library", 0755));
	snprintf(places.cache, FIND_PATH, "%s", in_scratch("home/.cache/endow"));
	snprintf(places.system_cache, FIND_PATH, "%s", in_scratch("var"));
	put_folder("config/fragments", 0755);
	put_folder("library/fragments", 0755);
	put_file("library/fragments/f", "read /f\n", 0644);
	put_file("library/p.policy", "use f\nread /p\n", 0644);
}

static void tear_down(void)
{
	policy_text_free(&text);
	compiled_free(&got);
	scratch_remove();
}

static int get_with(const char *name, const char *line)
{
	compiled_free(&got);
	policy_text_free(&text);
	if (name)
		ck_assert_msg(find_policy(&places, name, &text, &err) == 0, "%s", err.text);
	return compiled_get(&places, name ? &text : NULL, line, strlen(line), &got, &err);
}

/* The image is of these two grants, wherever it came from; COUNT times it came from the compiler. */
static void expect_paths(const char *first, const char *second, int count)
{
	int has_first = 0, has_second = 0;

	for (uint32_t i = 0; i < got.image.h->grants.count; i++) {
		const char *path = image_string(&got.image, got.image.grants[i].path.at);
		has_first |= strcmp(path, first) == 0;
		has_second |= strcmp(path, second) == 0;
	}
	ck_assert_msg(has_first && has_second && got.image.h->grants.count == 2, "not the grants %s and %s", first, second);
	ck_assert_msg(compiled == count, "compiled %d times, not %d", compiled, count);
	compiled = 0;
}

static void get_p(int count)
{
	ck_assert_msg(get_with("p", "") == 0, "%s", err.text);
	expect_paths("/f", "/p", count);
}

/* The one image in the folder DIR. */
static const char *only_image(const char *dir)
{
	static char path[FIND_PATH + 300];
	DIR *d = opendir(dir);
	int count = 0;

	ck_assert_msg(d != NULL, "%s: %s", dir, strerror(errno));
	for (const struct dirent *e; (e = readdir(d));)
		if (e->d_name[0] != '.') {
			snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
			count++;
		}
	closedir(d);
	ck_assert_int_eq(count, 1);
	return path;
}

/* Used -------------------------------------------------------------------------------------------------------------------- */

START_TEST(compiled_once)
{
	struct stat st;

	get_p(1);
	get_p(0);
	get_p(0);
	ck_assert_str_eq(got.name, in_scratch("library/p.policy"));
	ck_assert_int_eq(got.is_file, 1);
	ck_assert_int_eq(stat(only_image(places.cache), &st), 0);
	ck_assert_uint_eq(st.st_mode, S_IFREG | 0600);
	ck_assert_int_eq(stat(in_scratch("home/.cache"), &st), 0);
	ck_assert_uint_eq(st.st_mode, S_IFDIR | 0700);
}
END_TEST

START_TEST(the_default_needs_no_compiler)
{
	ck_assert_int_eq(get_with(NULL, ""), 0);
	ck_assert_int_eq(compiled, 0);
	ck_assert_ptr_null(got.bytes);
	ck_assert_str_eq(got.name, "default");
	ck_assert_int_eq(got.is_file, 0);
	ck_assert_ptr_eq(got.image.h, builtin_image);
}
END_TEST

START_TEST(the_default_with_statements)
{
	put_file("library/fragments/libc", "read /libc\n", 0644);
	for (int round = 0; round < 2; round++) {
		ck_assert_msg(get_with(NULL, "read /line\n") == 0, "%s", err.text);
		ck_assert_str_eq(got.name, "default");
		ck_assert_int_eq(got.is_file, 0);
		expect_paths("/libc", "/line", round == 0);
	}
}
END_TEST

START_TEST(other_statements_are_another_image)
{
	get_p(1);
	put_file("library/q.policy", "read /q\n", 0644);
	for (int round = 0; round < 2; round++) {
		ck_assert_int_eq(get_with("q", "read /line\n"), 0);
		expect_paths("/q", "/line", round == 0);
		ck_assert_int_eq(get_with("q", "read /other\n"), 0);
		expect_paths("/q", "/other", round == 0);
	}
	get_p(0);
}
END_TEST

START_TEST(the_same_name_in_two_folders)
{
	put_folder("one", 0755);
	put_folder("two", 0755);
	put_file("one/x", "read /f\nread /one\n", 0644);
	put_file("two/x", "read /f\nread /two\n", 0644);
	for (int round = 0; round < 2; round++)
		for (int k = 0; k < 2; k++) {
			ck_assert_int_eq(chdir(in_scratch(k ? "two" : "one")), 0);
			compiled_free(&got);
			policy_text_free(&text);
			ck_assert_int_eq(find_file("x", &text, &err), 0);
			ck_assert_msg(compiled_get(&places, &text, "", 0, &got, &err) == 0, "%s", err.text);
			expect_paths("/f", k ? "/two" : "/one", round == 0);
		}
}
END_TEST

/* Changed ------------------------------------------------------------------------------------------------------------------ */

START_TEST(a_policy_that_changed)
{
	get_p(1);
	put_file("library/p.policy", "use f\nread /new\n", 0644);
	ck_assert_int_eq(get_with("p", ""), 0);
	expect_paths("/f", "/new", 1);
	put_file("library/p.policy", "use f\nread /p\n", 0644);
	get_p(1);
	only_image(places.cache); /* the old ones were replaced */
}
END_TEST

START_TEST(a_fragment_that_changed)
{
	get_p(1);
	put_file("library/fragments/f", "read /g\n", 0644);
	ck_assert_int_eq(get_with("p", ""), 0);
	expect_paths("/g", "/p", 1);
}
END_TEST

START_TEST(a_fragment_that_hides_another)
{
	get_p(1);
	put_file("config/fragments/f", "read /mine\n", 0644);
	ck_assert_int_eq(get_with("p", ""), 0);
	expect_paths("/mine", "/p", 1);
}
END_TEST

START_TEST(a_fragment_that_went)
{
	get_p(1);
	ck_assert_int_eq(unlink(in_scratch("library/fragments/f")), 0);
	ck_assert_int_lt(get_with("p", ""), 0);
	ck_assert_int_eq(compiled, 1);
	ck_assert_ptr_null(got.bytes);
	ck_assert_ptr_null(got.image.h);
}
END_TEST

/* What a fragment that others may write says is not even read. */
START_TEST(a_fragment_that_others_may_write)
{
	get_p(1);
	ck_assert_int_eq(chmod(in_scratch("library/fragments/f"), 0666), 0);
	ck_assert_int_lt(get_with("p", ""), 0);
	ck_assert_ptr_null(got.image.h);
}
END_TEST

/* Spoiled -------------------------------------------------------------------------------------------------------------------
 */

static char *slurp(const char *path, size_t *size)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	ck_assert_int_eq(fstat(fd, &st), 0);
	char *bytes = malloc((size_t)st.st_size + 1);
	ck_assert_int_eq(read(fd, bytes, (size_t)st.st_size), st.st_size);
	close(fd);
	*size = (size_t)st.st_size;
	return bytes;
}

static void spill(const char *path, const char *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_eq(write(fd, bytes, size), (ssize_t)size);
	close(fd);
}

START_TEST(a_flipped_bit)
{
	size_t size;

	get_p(1);
	const char *path = only_image(places.cache);
	char *bytes = slurp(path, &size);
	for (size_t at = (size_t)_i; at < size; at += 8) {
		bytes[at] ^= (char)(1 << at % 7);
		spill(path, bytes, size);
		get_p(1);
		bytes[at] ^= (char)(1 << at % 7);
	}
	get_p(0);
	free(bytes);
}
END_TEST

START_TEST(another_length)
{
	size_t size;

	get_p(1);
	const char *path = only_image(places.cache);
	char *bytes = slurp(path, &size);
	for (size_t cut = 0; cut < size; cut += cut < 300 ? 1 : 37) {
		spill(path, bytes, cut);
		get_p(1);
	}
	bytes = realloc(bytes, size + 8);
	memset(bytes + size, 0, 8);
	spill(path, bytes, size + 8);
	get_p(1);
	free(bytes);
}
END_TEST

/* Whole, well-formed, the digest is right: but of other texts. Only the key tells. */
START_TEST(the_image_of_another_policy)
{
	size_t size;

	get_p(1);
	char *path = strdup(only_image(places.cache));
	put_file("library/q.policy", "read /etc\nread /home\n", 0644);
	snprintf(places.cache, FIND_PATH, "%s", in_scratch("other"));
	ck_assert_int_eq(get_with("q", ""), 0);
	expect_paths("/etc", "/home", 1);
	char *bytes = slurp(only_image(places.cache), &size);
	snprintf(places.cache, FIND_PATH, "%s", in_scratch("home/.cache/endow"));
	spill(path, bytes, size);
	get_p(1);
	get_p(0);
	free(bytes);
	free(path);
}
END_TEST

/* An image that claims to be made of fewer texts than the policy takes can't have the key. */
START_TEST(an_image_with_a_grant_more)
{
	size_t size;

	get_p(1);
	const char *path = only_image(places.cache);
	char *bytes = slurp(path, &size);
	struct image_header *h = (struct image_header *)(void *)bytes;
	struct image_grant *g = (struct image_grant *)(void *)(bytes + h->grants.offset);
	g[0].rights |= RIGHT_WRITE;
	image_seal(bytes);
	spill(path, bytes, size);
	/* Sealed again it is valid: that is why nobody else may write it, nor the program (guard.c). */
	ck_assert_int_eq(get_with("p", ""), 0);
	ck_assert_int_eq(compiled, 0);
	ck_assert(got.image.grants[0].rights & RIGHT_WRITE);
	ck_assert_int_eq(chmod(path, 0620), 0);
	ck_assert_int_eq(get_with("p", ""), 0);
	ck_assert_int_eq(compiled, 1);
	ck_assert(!(got.image.grants[0].rights & RIGHT_WRITE));
	free(bytes);
}
END_TEST

static const mode_t writable[] = {0620, 0602, 0666, 0660};

START_TEST(one_that_others_may_write)
{
	get_p(1);
	ck_assert_int_eq(chmod(only_image(places.cache), writable[_i]), 0);
	get_p(1);
	get_p(0); /* replaced by one that they may not */
}
END_TEST

static const mode_t writable_folder[] = {0770, 0777, 0720, 0702};

START_TEST(in_a_folder_that_others_may_write)
{
	get_p(1);
	ck_assert_int_eq(chmod(places.cache, writable_folder[_i]), 0);
	get_p(1);
	get_p(1);
	ck_assert_int_eq(chmod(places.cache, 0700), 0);
	get_p(0);
}
END_TEST

START_TEST(something_else_in_its_place)
{
	get_p(1);
	const char *path = only_image(places.cache);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	alarm(10);
	get_p(1);
	get_p(0); /* the FIFO was replaced */
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	get_p(1);
	get_p(1);
	only_image(places.cache); /* and nothing half made is left beside it */
	alarm(0);
}
END_TEST

START_TEST(a_foreign_image)
{
	get_p(1);
	ck_assert_int_eq(chown(only_image(places.cache), NOBODY, NOBODY), 0);
	get_p(1);
	get_p(0);
	ck_assert_int_eq(chown(places.cache, NOBODY, NOBODY), 0);
	get_p(1);
}
END_TEST

/* Places ---------------------------------------------------------------------------------------------------------------------
 */

START_TEST(no_place_to_keep_it)
{
	places.cache[0] = '\0';
	get_p(1);
	get_p(1);
	snprintf(places.cache, FIND_PATH, "%s/x/y", put_file("file", "", 0644));
	get_p(1);
	get_p(1);
}
END_TEST

START_TEST(the_systems_cache)
{
	get_p(1);
	put_folder("var", 0755);
	char *mine = strdup(only_image(places.cache)), *systems = strdup(in_scratch("var%s", strrchr(mine, '/')));
	ck_assert_int_eq(rename(mine, systems), 0);
	ck_assert_int_eq(chmod(systems, 0644), 0);
	get_p(0);
	/* A spoiled one of one's own does not stand before it. */
	spill(mine, "x", 1);
	get_p(0);
	ck_assert_int_eq(chmod(systems, 0666), 0);
	get_p(1);
	free(mine);
	free(systems);
}
END_TEST

START_TEST(ahead)
{
	char kept[FIND_PATH] = "";
	struct stat st;

	ck_assert_int_eq(find_policy(&places, "p", &text, &err), 0);
	ck_assert_msg(compiled_ahead(&places, &text, kept, &err) == 0, "%s", err.text);
	const char *dir = geteuid() == 0 ? places.system_cache : places.cache;
	ck_assert_str_eq(kept, only_image(dir));
	ck_assert_int_eq(stat(kept, &st), 0);
	ck_assert_uint_eq(st.st_mode, (mode_t)(S_IFREG | (geteuid() == 0 ? 0644 : 0600)));
	ck_assert_int_eq(stat(dir, &st), 0);
	ck_assert_uint_eq(st.st_mode, (mode_t)(S_IFDIR | (geteuid() == 0 ? 0755 : 0700)));
	ck_assert_int_eq(compiled, 1);
	ck_assert_int_eq(compiled_ahead(&places, &text, kept, &err), 0); /* whatever the cache holds */
	ck_assert_int_eq(compiled, 2);
	compiled = 0;
	get_p(0);
	places.cache[0] = places.system_cache[0] = '\0';
	ck_assert_int_lt(compiled_ahead(&places, &text, kept, &err), 0);
	ck_assert_str_ne(err.text, "");
}
END_TEST

/* The compiler ---------------------------------------------------------------------------------------------------------------
 */

static void expect_nothing_kept(void)
{
	ck_assert_ptr_null(got.bytes);
	ck_assert_ptr_null(got.image.h);
	ck_assert_int_lt(access(places.cache, F_OK), 0);
}

START_TEST(a_policy_that_is_refused)
{
	put_file("library/p.policy", "reed /p\n", 0644);
	ck_assert_int_eq(get_with("p", ""), -EINVAL);
	expect_nothing_kept();
}
END_TEST

START_TEST(an_answer_about_other_texts)
{
	instead = "read /\n";
	ck_assert_int_eq(get_with("p", ""), -ESTALE);
	ck_assert_str_ne(err.text, "");
	expect_nothing_kept();
}
END_TEST

START_TEST(an_answer_that_is_no_image)
{
	instead = "";
	ck_assert_int_eq(get_with("p", ""), -EBADMSG);
	ck_assert_str_ne(err.text, "");
	expect_nothing_kept();
}
END_TEST

#define LOOP(tc, test, rows) tcase_add_loop_test(tc, test, 0, sizeof rows / sizeof *rows)

static TCase *add(Suite *s, const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 30);
	suite_add_tcase(s, tc);
	return tc;
}

Suite *cache_suite(void)
{
	Suite *s = suite_create("cache");
	TCase *used = add(s, "used"), *changed = add(s, "changed"), *spoiled = add(s, "spoiled"), *where = add(s, "places"),
	      *answers = add(s, "compiler");

	tcase_add_test(used, compiled_once);
	tcase_add_test(used, the_default_needs_no_compiler);
	tcase_add_test(used, the_default_with_statements);
	tcase_add_test(used, other_statements_are_another_image);
	tcase_add_test(used, the_same_name_in_two_folders);
	tcase_add_test(changed, a_policy_that_changed);
	tcase_add_test(changed, a_fragment_that_changed);
	tcase_add_test(changed, a_fragment_that_hides_another);
	tcase_add_test(changed, a_fragment_that_went);
	tcase_add_test(changed, a_fragment_that_others_may_write);
	tcase_add_loop_test(spoiled, a_flipped_bit, 0, 8);
	tcase_add_test(spoiled, another_length);
	tcase_add_test(spoiled, the_image_of_another_policy);
	tcase_add_test(spoiled, an_image_with_a_grant_more);
	LOOP(spoiled, one_that_others_may_write, writable);
	LOOP(spoiled, in_a_folder_that_others_may_write, writable_folder);
	tcase_add_test(spoiled, something_else_in_its_place);
	tcase_add_test(where, no_place_to_keep_it);
	tcase_add_test(where, the_systems_cache);
	tcase_add_test(where, ahead);
	tcase_add_test(answers, a_policy_that_is_refused);
	tcase_add_test(answers, an_answer_about_other_texts);
	tcase_add_test(answers, an_answer_that_is_no_image);
	if (geteuid() == 0)
		tcase_add_test(spoiled, a_foreign_image);
	return s;
}
