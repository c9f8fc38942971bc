#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "sources.h"

Suite *emit_suite(void);

static struct diag diag;
static void *image;
static size_t size;

static void teardown(void)
{
	free(image);
	image = NULL;
}

static int compile_with(const char *text, compile_filter *filter, compile_fetch *fetch)
{
	struct sources sources;

	teardown();
	sources_split(&sources, text, strlen(text));
	const struct compile_input in = sources_input(&sources, "main", filter);
	return compile(&in, fetch, &sources, &image, &size, &diag);
}

static int compile_text(const char *text)
{
	return compile_with(text, sources_filter, sources_fetch);
}

static void expect_image(const char *text, struct image *im)
{
	struct err err = {""};

	ck_assert_int_eq(compile_text(text), 0);
	ck_assert_uint_eq(diag.count, 0);
	ck_assert_msg(image_check(image, size, im, &err) == 0, "%s", err.text);
}

static const char everything[] =
    "use f\nprogram /bin/a /bin/b\nread /etc ~/x\nfd 3 read /c as n\nfd 4 keep\nargs read 1..-1\n"
    "env keep A set B=$HOME/b\ncwd /w\numask 027\nlimit cpu 5\npromise tty\nconnect tcp 1-2\nlisten tcp 9\n"
    "require tcp\nforgo audit\nservice\nsupervise\nprivate /tmp\nuser u\ngroup g\ngroups x y\n"
    "keep cap chown\nsession new\nsignals keep\nread /s except k/ l optional\nexcept .m\nscratch T U\nisolate net ipc\n%% "
    "fragment f\nexec /lib\n";

START_TEST(every_part_is_laid_out)
{
	struct image im;

	expect_image(everything, &im);
	ck_assert_uint_eq(im.h->sources.count, 3);
	ck_assert_str_eq(image_string(&im, im.sources[0].name), "command line");
	ck_assert_str_eq(image_string(&im, im.sources[1].name), "");
	ck_assert_str_eq(image_string(&im, im.sources[2].name), "f");
	ck_assert_uint_eq(im.h->programs.count, 2);
	ck_assert_str_eq(image_string(&im, im.programs[1].path.at), "/bin/b");
	ck_assert_uint_eq(im.h->grants.count, 4);
	ck_assert_uint_eq(im.grants[1].path.root, ROOT_HOME);
	ck_assert_uint_eq(im.grants[3].where.source, 2);
	ck_assert_uint_eq(im.h->excepts.count, 3);
	ck_assert_uint_eq(im.excepts[0].grant, 2);
	ck_assert_uint_eq(im.excepts[0].is_dir, 1);
	ck_assert_str_eq(image_string(&im, im.excepts[0].part), "k");
	ck_assert_uint_eq(im.excepts[1].is_dir, 0);
	ck_assert_uint_eq(im.excepts[1].flags, GRANT_OPTIONAL);
	ck_assert_uint_eq(im.excepts[2].grant, EXCEPT_DESIGNATED);
	ck_assert_uint_eq(im.excepts[2].flags, 0);
	ck_assert_uint_eq(im.excepts[2].where.line, im.excepts[1].where.line + 1);
	ck_assert_uint_eq(im.h->scratch.count, 2);
	ck_assert_str_eq(image_string(&im, im.scratch[1].at), "U");
	ck_assert_uint_eq(im.h->isolate, ISOLATE_IPC | ISOLATE_NET);
	ck_assert_uint_eq(im.h->fds.count, 2);
	ck_assert_str_eq(image_string(&im, im.fds[0].name), "n");
	ck_assert_uint_eq(im.fds[1].flags, GRANT_KEEP);
	ck_assert_uint_eq(im.h->args.count, 1);
	ck_assert_int_eq(im.args[0].last, -1);
	ck_assert_uint_eq(im.h->env.count, 2);
	ck_assert_uint_eq(im.env[1].value.root, ROOT_HOME);
	ck_assert_uint_eq(im.h->ports.count, 2);
	ck_assert_uint_eq(im.ports[1].listen, 1);
	ck_assert_uint_eq(im.h->private_places.count, 1);
	ck_assert_uint_eq(im.h->groups.count, 2);
	ck_assert_str_eq(image_string(&im, im.groups[1].at), "y");
	ck_assert_str_eq(image_string(&im, im.h->user), "u");
	ck_assert_str_eq(image_string(&im, im.h->group), "g");
	ck_assert_str_eq(image_string(&im, im.h->cwd.at), "/w");
	ck_assert_uint_eq(im.h->umask, 027);
	ck_assert_uint_eq(im.h->keep_caps, 1);
	ck_assert_uint_eq(im.h->limits[LIMIT_CPU], 5);
	ck_assert_uint_eq(im.h->flags,
			  IMAGE_SERVICE | IMAGE_SUPERVISE | IMAGE_SESSION_NEW | IMAGE_SIGNALS_KEEP | IMAGE_CWD | IMAGE_UMASK);
	ck_assert_uint_eq(im.h->require, FEATURE_TCP);
	ck_assert_uint_eq(im.h->forgo, FEATURE_AUDIT);
	ck_assert_uint_eq(im.h->families, FAM_TTY | FAM_TCP_CONNECT | FAM_TCP_LISTEN | FAM_NOTIFY);
	ck_assert_uint_eq(im.filter[0].k, im.h->families); /* the filter is made of just these */
}
END_TEST

START_TEST(nothing_grants_nothing)
{
	struct image im;

	expect_image("", &im);
	ck_assert_uint_eq(im.h->grants.count + im.h->fds.count + im.h->args.count + im.h->env.count + im.h->ports.count, 0);
	ck_assert_uint_eq(im.h->excepts.count + im.h->scratch.count + im.h->private_places.count, 0);
	ck_assert_uint_eq(im.h->families | im.h->flags | im.h->require | im.h->forgo | im.h->isolate, 0);
	ck_assert_uint_eq(im.h->keep_caps, 0);
	for (int i = 0; i < LIMIT_COUNT; i++)
		ck_assert_uint_eq(im.h->limits[i], LIMIT_UNSET);
}
END_TEST

START_TEST(the_same_text_gives_the_same_bytes)
{
	ck_assert_int_eq(compile_text(everything), 0);
	void *first = image;
	const size_t first_size = size;
	image = NULL;
	ck_assert_int_eq(compile_text(everything), 0);
	ck_assert_uint_eq(size, first_size);
	ck_assert_mem_eq(image, first, size);
	free(first);
}
END_TEST

static void key_of(const char *text, uint8_t key[HASH_SIZE])
{
	ck_assert_int_eq(compile_text(text), 0);
	memcpy(key, ((struct image_header *)image)->key, HASH_SIZE);
}

/* Policies that mean the same or that differ by where a text stands: each is another key. */
START_TEST(the_key_holds_all_that_went_in)
{
	static const char *const texts[] = {
	    "",
	    "\n",
	    "#\n",
	    "read /a\n",
	    "%% line\nread /a\n",
	    "use f\n%% fragment f\n",
	    "use f\n%% fragment f\nread /a\n",
	    "use g\n%% fragment g\nread /a\n",
	    "use f g\n%% fragment f\nread /a\n%% fragment g\n",
	    "use f g\n%% fragment g\nread /a\n%% fragment f\n",
	    "use g f\n%% fragment f\nread /a\n%% fragment g\n",
	};
	const size_t n = sizeof texts / sizeof *texts;
	uint8_t keys[sizeof texts / sizeof *texts][HASH_SIZE];

	for (size_t i = 0; i < n; i++) {
		key_of(texts[i], keys[i]);
		for (size_t j = 0; j < i; j++)
			ck_assert_mem_ne(keys[i], keys[j], HASH_SIZE);
	}
}
END_TEST

/* The launcher looks for a cached image by the key that it makes of the same texts. */
START_TEST(the_key_is_the_one_the_launcher_makes)
{
	uint8_t key[HASH_SIZE], want[HASH_SIZE];
	struct hash hash;

	key_of("use f\n%% line\nuse g\n%% fragment f\nread /f\n%% fragment g\nread /g\n", key);
	image_key_begin(&hash, "use g\n", 6, "use f\n", 6);
	image_key_fragment(&hash, "g", "read /g\n", 8);
	image_key_fragment(&hash, "f", "read /f\n", 8);
	hash_end(&hash, want);
	ck_assert_mem_eq(key, want, HASH_SIZE);
}
END_TEST

START_TEST(an_image_too_large_is_refused)
{
	char *text = malloc(1 << 20);
	size_t len;

	len = (size_t)sprintf(text, "let A = /%0*d\n", 4000, 0);
	for (int i = 0; i < 3000; i++)
		len += (size_t)sprintf(text + len, "read $A\n");
	ck_assert_int_eq(compile_text(text), -E2BIG);
	ck_assert_ptr_null(image);
	ck_assert_ptr_nonnull(strstr(diag.messages[0].text, "too large"));
	/* Each part fits, but not all together. */
	len = (size_t)sprintf(text, "let A = /%0*d\n", 2000, 0);
	for (int i = 0; i < 4000; i++)
		len += (size_t)sprintf(text + len, "read $A / / / / / / / / / / / / / / / / / / / / / / / / / / / /\n");
	ck_assert_int_eq(compile_text(text), -E2BIG);
	ck_assert_ptr_nonnull(strstr(diag.messages[0].text, "too large"));
	free(text);
}
END_TEST

static int no_filter(uint32_t families, struct image_insn **prog, uint32_t *count, struct err *err)
{
	(void)families, (void)prog, (void)count;
	return err_set(err, ENOSYS, "no filter today");
}

static int broken_pipe(void *arg, const char *name, struct compile_text *out, struct err *err)
{
	(void)arg, (void)name, (void)out;
	return err_set(err, EPIPE, "nobody answers");
}

START_TEST(failures_are_handed_on)
{
	ck_assert_int_eq(compile_with("read /a", no_filter, sources_fetch), -ENOSYS);
	ck_assert_ptr_nonnull(strstr(diag.messages[0].text, "no filter today"));
	ck_assert_ptr_null(image);
	ck_assert_int_eq(compile_with("use f\nread /a", sources_filter, broken_pipe), -EPIPE);
	ck_assert_ptr_nonnull(strstr(diag.messages[0].text, "nobody answers"));
	ck_assert_ptr_null(image);
}
END_TEST

/* What an earlier run left in the messages must not end this one early, with nothing read and nothing wrong. */
START_TEST(runs_do_not_touch_each_other)
{
	struct image im;
	char text[256] = "";

	for (int i = 0; i < 30; i++)
		strcat(text, "reed /a\n");
	ck_assert_int_eq(compile_text(text), -EINVAL);
	ck_assert(diag.more);
	expect_image("read /a\n", &im);
	ck_assert_uint_eq(im.h->grants.count, 1);
}
END_TEST

START_TEST(what_is_refused_leaves_no_image)
{
	ck_assert_int_eq(compile_text("read /a\nreed /b"), -EINVAL);
	ck_assert_ptr_null(image);
	ck_assert_int_eq(compile_text("use missing"), -EINVAL);
	ck_assert_ptr_null(image);
	ck_assert_int_eq(compile_text("read $X"), -EINVAL);
	ck_assert_ptr_null(image);
}
END_TEST

Suite *emit_suite(void)
{
	Suite *s = suite_create("emit");
	TCase *tc = tcase_create("image");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, every_part_is_laid_out);
	tcase_add_test(tc, nothing_grants_nothing);
	tcase_add_test(tc, the_same_text_gives_the_same_bytes);
	tcase_add_test(tc, the_key_holds_all_that_went_in);
	tcase_add_test(tc, the_key_is_the_one_the_launcher_makes);
	tcase_add_test(tc, an_image_too_large_is_refused);
	tcase_add_test(tc, failures_are_handed_on);
	tcase_add_test(tc, runs_do_not_touch_each_other);
	tcase_add_test(tc, what_is_refused_leaves_no_image);
	suite_add_tcase(s, tc);
	return s;
}
