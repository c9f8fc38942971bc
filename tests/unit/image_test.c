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
			   "isolate ipc\nscratch T U\nconnect tcp a.b:1-2 192.0.2.1:7\nconnect udp c:5\nconnect unix /run/s\n"
			   "listen tcp [::1]:9\nask read write ~/q\nask append /p\ngrant read /h as h by handle\n"
			   "grant connect tcp 192.0.2.1:443 as g\ngrant connect unix /run/t as t\nreport denials\n"
			   "%% fragment f\nexec /lib\n";

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
	    offsetof(struct image_header, held),    offsetof(struct image_header, peers),
	    offsetof(struct image_header, asks),    offsetof(struct image_header, groups),
	    offsetof(struct image_header, filter),  offsetof(struct image_header, strings),
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

/* One field changed: the image is refused, and whole again. */
#define REFUSED_WITH(lvalue, value)                   \
	do {                                          \
		lvalue = value;                       \
		ck_assert_int_eq(sealed(), -EBADMSG); \
	} while (0)
#define HELD(n) PART(struct image_held, held)[n]
#define PEER(n) PART(struct image_peer, peers)[n]
#define ASK(n) PART(struct image_ask, asks)[n]

START_TEST(capabilities)
{
	REFUSED_WITH(HELD(0).kind, HELD_KINDS);
	REFUSED_WITH(HELD(0).kind, HELD_CONNECT_TCP); /* with a path and a right of files */
	REFUSED_WITH(HELD(0).rights, 0);
	REFUSED_WITH(HELD(0).rights, RIGHT_PASS);
	REFUSED_WITH(HELD(0).rights, RIGHT_READ | RIGHT_EXEC);
	REFUSED_WITH(HELD(0).path.at, 0);
	REFUSED_WITH(HELD(0).address, HELD(1).address);
	REFUSED_WITH(HELD(0).port, 1);
	REFUSED_WITH(HELD(0).name, 0);
	REFUSED_WITH(HELD(0).name, HELD(0).path.at); /* "/h" */
	REFUSED_WITH(HELD(0).flags, HELD_FLAGS + 1);
	REFUSED_WITH(HELD(0).zero, 1);
	REFUSED_WITH(HELD(0).where.source, HEADER->sources.count);
	REFUSED_WITH(HELD(1).flags, HELD_BY_HANDLE); /* which is of files */
	REFUSED_WITH(HELD(2).flags, HELD_BY_HANDLE);
	REFUSED_WITH(HELD(1).port, 0);
	REFUSED_WITH(HELD(1).port, UINT16_MAX + 1);
	REFUSED_WITH(HELD(1).address, 0);
	REFUSED_WITH(HELD(1).address, HEADER->strings.count);
	REFUSED_WITH(HELD(1).path, HELD(0).path);
	REFUSED_WITH(HELD(2).port, 7);
	HELD(0).flags = HELD_REVOCABLE;
	ck_assert_int_eq(sealed(), 0);
	HELD(0).rights |= RIGHT_PASS;
	ck_assert_int_eq(sealed(), 0);
}
END_TEST

START_TEST(peers)
{
	for (uint32_t i = 0; i < 5; i++) {
		REFUSED_WITH(PEER(i).kind, PEER_KINDS);
		REFUSED_WITH(PEER(i).kind, i == 3 ? PEER_CONNECT_TCP : PEER_CONNECT_UNIX);
		REFUSED_WITH(PEER(i).flags, PEER(i).flags ^ PEER_NAME);
		REFUSED_WITH(PEER(i).flags, PEER(i).flags | (PEER_FLAGS + 1));
		REFUSED_WITH(PEER(i).host, i == 3 ? PEER(0).host : 0);
		REFUSED_WITH(PEER(i).host, HEADER->strings.count);
		REFUSED_WITH(PEER(i).host, UINT32_MAX);
		REFUSED_WITH(PEER(i).first, i == 3 ? 1 : 0);
		REFUSED_WITH(PEER(i).first, PEER(i).last + 1);
		REFUSED_WITH(PEER(i).last, i == 3 ? 1 : 0);
		REFUSED_WITH(PEER(i).path.root, i == 3 ? ROOT_COUNT : ROOT_HOME);
		REFUSED_WITH(PEER(i).path.at, i == 3 ? 0 : PEER(3).path.at);
		REFUSED_WITH(PEER(i).where.source, HEADER->sources.count);
	}
	REFUSED_WITH(PEER(3).path.at, PEER(0).host); /* "a.b" is no path */
	REFUSED_WITH(PEER(0).host, PEER(3).path.at); /* and "/run/s" no name */
	PEER(0).kind = PEER_CONNECT_UDP;
	ck_assert_int_eq(sealed(), 0);
	PEER(0).last = UINT16_MAX;
	ck_assert_int_eq(sealed(), 0);
}
END_TEST

/* The string is as long as "192.0.2.1": what is shorter is written with the end of the one before left out. */
static int host(int is_name, const char *said)
{
	PEER(1).flags = is_name ? PEER_NAME : 0;
	ck_assert_uint_le(strlen(said), strlen("192.0.2.1"));
	strcpy(PART(char, strings) + PEER(1).host, said);
	return sealed();
}

START_TEST(hosts_are_well_formed)
{
	static const char *const names[] = {"a",   "a.b", "a-b.c", "_x.srv", "xn--a-1",  "3com", "1.a",
					    "0.x", "a0x", "0xa.b", "10.in",  "a.1b.c-d", "x0",   "a_b"};
	static const char *const bad_names[] = {"",  ".",     "a.",  ".a",   "a..b", "-a",    "a-",      "a.-b", "a-.b",
						"A", "a b",   "a/b", "a:1",  "*",    "*.a",   "[a]",     "a%b",  "\xc3\xa4",
						"1", "127.1", "1.2", "0x7f", "a.0x", "a.0x1", "1.2.3.4", "a.1"};
	static const char *const numbers[] = {"1.2.3.4", "0.0.0.0", "::", "::1", "fe80::1", "A::b", "::1.2.3.4"};
	static const char *const bad_numbers[] = {"",      "1",   "127.1",  "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256",
						  "[::1]", ":::", "::1%lo", "a.b",   "0x1.2.3.4", " 1.2.3.4"};

	ck_assert_str_eq(PART(char, strings) + PEER(1).host, "192.0.2.1");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ck_assert_msg(host(1, names[i]) == 0, "%s", names[i]);
	for (size_t i = 0; i < sizeof bad_names / sizeof *bad_names; i++)
		ck_assert_msg(host(1, bad_names[i]) == -EBADMSG, "%s", bad_names[i]);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		ck_assert_msg(host(0, numbers[i]) == 0, "%s", numbers[i]);
	for (size_t i = 0; i < sizeof bad_numbers / sizeof *bad_numbers; i++)
		ck_assert_msg(host(0, bad_numbers[i]) == -EBADMSG, "%s", bad_numbers[i]);
}
END_TEST

START_TEST(a_name_has_its_length)
{
	char name[300];

	memset(name, 'a', sizeof name);
	name[63] = name[127] = name[191] = '.';
	name[253] = '\0';
	ck_assert(image_is_host(name));
	name[253] = 'a';
	name[254] = '\0';
	ck_assert(!image_is_host(name));
	name[253] = '\0';
	name[127] = 'a'; /* a label of 127 */
	ck_assert(!image_is_host(name));
	name[63] = '\0';
	ck_assert(image_is_host(name));
	name[63] = 'a';
	name[64] = '\0';
	ck_assert(!image_is_host(name));
}
END_TEST

START_TEST(what_may_be_asked_for)
{
	REFUSED_WITH(ASK(0).path.root, ROOT_COUNT);
	REFUSED_WITH(ASK(0).path.root, ROOT_COUNT + 1);
	REFUSED_WITH(ASK(1).path.at, 0);
	REFUSED_WITH(ASK(1).path.at, HEADER->strings.count);
	REFUSED_WITH(ASK(0).rights, 0);
	REFUSED_WITH(ASK(0).rights, RIGHT_READ | RIGHT_EXEC);
	REFUSED_WITH(ASK(0).rights, RIGHT_READ | RIGHT_IOCTL);
	REFUSED_WITH(ASK(0).rights, RIGHT_READ | RIGHT_PASS);
	REFUSED_WITH(ASK(1).zero, 1);
	REFUSED_WITH(ASK(1).where.source, UINT32_MAX);
	ASK(0).rights = RIGHT_READ | RIGHT_WRITE | RIGHT_APPEND | RIGHT_CREATE;
	ck_assert_int_eq(sealed(), 0);
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
	ck_assert_int_eq(counted(&HEADER->held, sizeof(struct image_held), HELDS_MAX), 0);
	ck_assert_int_eq(counted(&HEADER->held, sizeof(struct image_held), HELDS_MAX + 1), -EBADMSG);
	ck_assert_int_eq(counted(&HEADER->peers, sizeof(struct image_peer), PEERS_MAX), 0);
	ck_assert_int_eq(counted(&HEADER->peers, sizeof(struct image_peer), PEERS_MAX + 1), -EBADMSG);
	ck_assert_int_eq(counted(&HEADER->asks, sizeof(struct image_ask), ASKS_MAX), 0);
	ck_assert_int_eq(counted(&HEADER->asks, sizeof(struct image_ask), ASKS_MAX + 1), -EBADMSG);
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
	tcase_add_test(tc, capabilities);
	tcase_add_test(tc, peers);
	tcase_add_test(tc, hosts_are_well_formed);
	tcase_add_test(tc, a_name_has_its_length);
	tcase_add_test(tc, what_may_be_asked_for);
	tcase_add_test(tc, excepted_parts);
	tcase_add_test(tc, parts_do_not_climb);
	tcase_add_test(tc, not_too_many);
	tcase_add_test(tc, a_kept_descriptor_has_no_path);
	tcase_add_test(tc, strings_end_and_paths_do_not_climb);
	suite_add_tcase(s, tc);
	return s;
}
