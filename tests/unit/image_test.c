#include <check.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "dump.h"
#include "sources.h"

Suite *image_suite(void);

static const char text[] = "use f\nprogram /bin/a\nread /etc ~/x\nfd 3 read /c as n\nfd 4 keep\nargs read 1..-1\n"
			   "env keep A set B=$HOME/b\ncwd /w\numask 027\nlimit cpu 5\nconnect tcp 1-2\nprivate /tmp\nuser u\n"
			   "group g\ngroups x y\nkeep cap chown\nread write /s except k/e/y d/ optional\nexcept .git/hooks/\n"
			   "isolate ipc\nscratch T U\n%% fragment f\nexec /lib\n";

static char *good, *copy; /* each in a block of its own size, so that ASan sees a step beyond */
static size_t size;
static FILE *nowhere;

static void setup(void)
{
	static struct diag diag;
	struct sources sources;
	void *image = NULL;

	sources_split(&sources, text, sizeof text - 1);
	const struct compile_input in = sources_input(&sources, "main", sources_filter);
	ck_assert_int_eq(compile(&in, sources_fetch, &sources, &image, &size, &diag), 0);
	good = image;
	copy = malloc(size);
	memcpy(copy, good, size);
	nowhere = fopen("/dev/null", "w");
	ck_assert_ptr_nonnull(nowhere);
}

static void teardown(void)
{
	fclose(nowhere);
	free(good);
	free(copy);
}

static int check(const void *bytes, size_t len)
{
	struct image im;
	struct err err = {""};
	int rc = image_check(bytes, len, &im, &err);

	ck_assert(rc == 0 || rc == -EBADMSG);
	if (rc == 0)
		dump_image(nowhere, &im); /* reads every field and every string */
	else
		ck_assert_str_ne(err.text, "");
	return rc;
}

START_TEST(the_good_one_passes)
{
	ck_assert_int_eq(check(good, size), 0);
}
END_TEST

START_TEST(every_flipped_bit_is_seen)
{
	for (size_t i = 0; i < size; i++) {
		for (int bit = 0; bit < 8; bit++) {
			copy[i] = (char)(good[i] ^ 1 << bit);
			ck_assert_int_eq(check(copy, size), -EBADMSG);
		}
		copy[i] = good[i];
	}
}
END_TEST

START_TEST(every_shorter_one_is_refused)
{
	for (size_t len = 0; len < size; len++) {
		char *part = malloc(len > 0 ? len : 1);
		memcpy(part, good, len);
		ck_assert_int_eq(check(part, len), -EBADMSG);
		if (len >= sizeof(struct image_header)) { /* and even if it says so itself */
			((struct image_header *)part)->size = (uint32_t)len;
			image_seal(part);
			check(part, len);
		}
		free(part);
	}
}
END_TEST

START_TEST(a_longer_one_is_refused)
{
	char *more = calloc(1, size + 8);

	memcpy(more, good, size);
	ck_assert_int_eq(check(more, size + 8), -EBADMSG);
	free(more);
}
END_TEST

START_TEST(not_aligned_is_refused)
{
	char *more = malloc(size + 8);

	memcpy(more + 1, good, size);
	ck_assert_int_eq(check(more + 1, size), -EBADMSG);
	free(more);
}
END_TEST

static const uint32_t wild[] = {0, 1, 2, 7, 8, 0x7f, 0x100, 0x10000, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff};

/* Every word of the image, sealed again with every wild value: refused, or still safe to read. */
START_TEST(resealed_with_wild_values)
{
	const size_t from = offsetof(struct image_header, key);

	for (size_t at = from; at + 4 <= size; at += 4) {
		for (size_t i = 0; i < sizeof wild / sizeof *wild; i++) {
			memcpy(copy + at, &wild[i], 4);
			image_seal(copy);
			check(copy, size);
		}
		memcpy(copy + at, good + at, 4);
	}
}
END_TEST

static int sealed(void)
{
	image_seal(copy);
	int rc = check(copy, size);
	memcpy(copy, good, size);
	return rc;
}

#define HEADER ((struct image_header *)copy)
#define PART(type, span) ((type *)(copy + HEADER->span.offset))

START_TEST(header_fields)
{
	static const size_t spans[] = {
	    offsetof(struct image_header, sources), offsetof(struct image_header, programs),
	    offsetof(struct image_header, grants),  offsetof(struct image_header, fds),
	    offsetof(struct image_header, args),    offsetof(struct image_header, env),
	    offsetof(struct image_header, ports),   offsetof(struct image_header, private_places),
	    offsetof(struct image_header, excepts), offsetof(struct image_header, scratch),
	    offsetof(struct image_header, groups),  offsetof(struct image_header, filter),
	    offsetof(struct image_header, strings),
	};

	HEADER->magic[7] = 'x';
	ck_assert_int_eq(sealed(), -EBADMSG);
	HEADER->version++;
	ck_assert_int_eq(sealed(), -EBADMSG);
	HEADER->families |= 1u << 31;
	ck_assert_int_eq(sealed(), -EBADMSG);
	HEADER->require |= FEATURE_ALL + 1;
	ck_assert_int_eq(sealed(), -EBADMSG);
	HEADER->forgo |= FEATURE_ALL + 1;
	ck_assert_int_eq(sealed(), -EBADMSG);
	HEADER->forgo |= FEATURE_LANDLOCK;
	ck_assert_int_eq(sealed(), -EBADMSG);
	HEADER->flags |= IMAGE_FLAGS + 1;
	ck_assert_int_eq(sealed(), -EBADMSG);
	HEADER->umask = 01000;
	ck_assert_int_eq(sealed(), -EBADMSG);
	HEADER->isolate |= ISOLATE_ALL + 1;
	ck_assert_int_eq(sealed(), -EBADMSG);
	HEADER->user = HEADER->strings.count;
	ck_assert_int_eq(sealed(), -EBADMSG);
	HEADER->group = UINT32_MAX;
	ck_assert_int_eq(sealed(), -EBADMSG);
	HEADER->cwd.at = HEADER->strings.count;
	ck_assert_int_eq(sealed(), -EBADMSG);
	HEADER->cwd.root = ROOT_COUNT;
	ck_assert_int_eq(sealed(), -EBADMSG);
	HEADER->cwd.at = HEADER->user; /* "u" is no path */
	ck_assert_int_eq(sealed(), -EBADMSG);
	HEADER->flags &= ~(uint32_t)IMAGE_CWD; /* said, but not flagged */
	ck_assert_int_eq(sealed(), -EBADMSG);
	for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
		struct image_span *s = (struct image_span *)(copy + spans[i]);
		s->offset += 4;
		ck_assert_int_eq(sealed(), -EBADMSG);
		s->offset = 0;
		ck_assert_int_eq(sealed(), -EBADMSG);
		s->offset = (uint32_t)size;
		ck_assert_int_eq(sealed(), -EBADMSG);
		s->count = (uint32_t)size;
		ck_assert_int_eq(sealed(), -EBADMSG);
		s->count = UINT32_MAX;
		ck_assert_int_eq(sealed(), -EBADMSG);
		s->count = 0;
		ck_assert_int_eq(sealed(), -EBADMSG);
	}
}
END_TEST

START_TEST(entry_fields)
{
	PART(struct image_source, sources)[2].name = 0;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_source, sources)[2].name = PART(struct image_place, programs)[0].path.at; /* "/bin/a" */
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_place, programs)[0].path.at = HEADER->user;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_place, private_places)[0].where.source = 3;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_grant, grants)[0].rights = 0;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_grant, grants)[0].rights = RIGHT_ALL + 1;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_grant, grants)[0].flags = GRANT_KEEP;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_grant, grants)[0].path.root = ROOT_COUNT;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_grant, grants)[0].path.at = 0; /* empty, and beneath nothing */
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_grant, grants)[0].where.source = UINT32_MAX;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_fd, fds)[0].number = 256;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_fd, fds)[1].number = 3; /* twice */
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_fd, fds)[0].rights = RIGHT_EXEC;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_fd, fds)[0].rights = RIGHT_APPEND | RIGHT_READ;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_fd, fds)[0].rights = 0;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_fd, fds)[1].rights = RIGHT_READ; /* kept ones have none */
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_fd, fds)[0].flags = GRANT_FLAGS + 1;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_fd, fds)[0].name = HEADER->strings.count;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_arg, args)[0].first = 0;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_arg, args)[0].last = 0;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_arg, args)[0].rights = RIGHT_EXEC;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_arg, args)[0].zero = 1;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_env, env)[0].op = ENV_OPS;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_env, env)[0].name = 0;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_env, env)[1].value.at = HEADER->strings.count;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_port, ports)[0].first = 0;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_port, ports)[0].first = 3; /* above the last */
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_port, ports)[0].listen = 2;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_word, groups)[0].at = 0;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_word, scratch)[0].at = 0;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_word, scratch)[1].at = HEADER->strings.count;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_word, scratch)[1].zero = 1;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(char, strings)[PART(struct image_word, scratch)[1].at] = '=';
	ck_assert_int_eq(sealed(), -EBADMSG);
}
END_TEST

START_TEST(excepted_parts)
{
	PART(struct image_except, excepts)[0].grant = HEADER->grants.count;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_except, excepts)[2].grant = EXCEPT_DESIGNATED - 1;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_except, excepts)[0].grant = EXCEPT_DESIGNATED;
	ck_assert_int_eq(sealed(), 0);
	PART(struct image_except, excepts)[0].flags = GRANT_FOLLOW;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_except, excepts)[0].flags = GRANT_FLAGS + 1;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_except, excepts)[1].is_dir = 2;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_except, excepts)[1].where.source = HEADER->sources.count;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_except, excepts)[1].part = HEADER->strings.count;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_except, excepts)[1].part = 0;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_except, excepts)[1].part = PART(struct image_grant, grants)[0].path.at; /* "/etc" */
	ck_assert_int_eq(sealed(), -EBADMSG);
}
END_TEST

START_TEST(parts_do_not_climb)
{
	static const char *const fine[] = {"k/e/y", "a/...", "a/..b", "..a..", ".../x", "a/.b."};
	static const char *const bad[] = {"/k/ey", "k/ey/", "k//ey", "../ey", "ke/..",
					  "k/../", "./key", "k/./y", "key/.", "/////"};
	char *const part = PART(char, strings) + PART(struct image_except, excepts)[0].part;

	ck_assert_str_eq(part, fine[0]);
	for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
		memcpy(part, fine[i], 5);
		ck_assert_msg(sealed() == 0, "%s", fine[i]);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		memcpy(part, bad[i], 5);
		ck_assert_msg(sealed() == -EBADMSG, "%s", bad[i]);
	}
}
END_TEST

/* As many as there may be, and one more: laid behind all the rest. */
static int counted(struct image_span *s, size_t each, uint32_t count)
{
	const size_t more = (count * each + 7) & ~(size_t)7;
	char *bytes = calloc(1, size + more);
	struct image_header *h = (struct image_header *)bytes;

	ck_assert_ptr_nonnull(bytes);
	memcpy(bytes, good, size);
	for (uint32_t i = 0; i < count; i++)
		memcpy(bytes + size + i * each, good + s->offset, each);
	s = (struct image_span *)(bytes + ((char *)s - copy));
	*s = (struct image_span){.offset = (uint32_t)size, .count = count};
	h->size = (uint32_t)(size + more);
	image_seal(bytes);
	int rc = check(bytes, size + more);
	free(bytes);
	return rc;
}

START_TEST(not_too_many)
{
	ck_assert_int_eq(counted(&HEADER->excepts, sizeof(struct image_except), EXCEPTS_MAX), 0);
	ck_assert_int_eq(counted(&HEADER->excepts, sizeof(struct image_except), EXCEPTS_MAX + 1), -EBADMSG);
	ck_assert_int_eq(counted(&HEADER->scratch, sizeof(struct image_word), SCRATCH_MAX), 0);
	ck_assert_int_eq(counted(&HEADER->scratch, sizeof(struct image_word), SCRATCH_MAX + 1), -EBADMSG);
}
END_TEST

START_TEST(a_kept_descriptor_has_no_path)
{
	PART(struct image_fd, fds)[1].path.at = UINT32_MAX;
	ck_assert_int_eq(sealed(), -EBADMSG);
	PART(struct image_fd, fds)[1].path.root = ROOT_COUNT;
	ck_assert_int_eq(sealed(), -EBADMSG);
}
END_TEST

START_TEST(strings_end_and_paths_do_not_climb)
{
	char *strings = PART(char, strings);
	const uint32_t lib = PART(struct image_grant, grants)[3].path.at; /* "/lib" */

	strings[HEADER->strings.count - 1] = 'x';
	ck_assert_int_eq(sealed(), -EBADMSG);
	strings[0] = 'x';
	ck_assert_int_eq(sealed(), -EBADMSG);
	memcpy(strings + lib, "/../", 4);
	ck_assert_int_eq(sealed(), -EBADMSG);
	memcpy(strings + lib, "/a..", 4);
	ck_assert_int_eq(sealed(), 0);
	memcpy(strings + lib, "//..", 4);
	ck_assert_int_eq(sealed(), -EBADMSG);
}
END_TEST

Suite *image_suite(void)
{
	Suite *s = suite_create("image");
	TCase *tc = tcase_create("check");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, the_good_one_passes);
	tcase_add_test(tc, every_flipped_bit_is_seen);
	tcase_add_test(tc, every_shorter_one_is_refused);
	tcase_add_test(tc, a_longer_one_is_refused);
	tcase_add_test(tc, not_aligned_is_refused);
	tcase_add_test(tc, resealed_with_wild_values);
	tcase_add_test(tc, header_fields);
	tcase_add_test(tc, entry_fields);
	tcase_add_test(tc, excepted_parts);
	tcase_add_test(tc, parts_do_not_climb);
	tcase_add_test(tc, not_too_many);
	tcase_add_test(tc, a_kept_descriptor_has_no_path);
	tcase_add_test(tc, strings_end_and_paths_do_not_climb);
	suite_add_tcase(s, tc);
	return s;
}
