/* The broker's packets: each kind of message as it should be, and then with each of its fields spoilt. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

Suite *wire_suite(void);

static union wire_message m;
static struct wire_texts texts;
static struct err err;

/* Messages that are right -------------------------------------------------------------------------------------------- */

static size_t put(uint32_t type, size_t fixed, const char *a, const char *b)
{
	const size_t a_len = a ? strlen(a) : 0, b_len = b ? strlen(b) : 0;

	ck_assert_uint_le(fixed + a_len + b_len, sizeof m);
	if (a_len > 0)
		memcpy(m.bytes + fixed, a, a_len);
	if (b_len > 0)
		memcpy(m.bytes + fixed + a_len, b, b_len);
	m.head = (struct wire_head){WIRE_VERSION, type, 7, (uint32_t)(fixed + a_len + b_len)};
	return fixed + a_len + b_len;
}

static size_t hello(void)
{
	return put(WIRE_HELLO, sizeof m.hello, NULL, NULL);
}

static size_t list(void)
{
	return put(WIRE_LIST, sizeof m.by_handle, NULL, NULL);
}

static size_t find(void)
{
	m.by_text.text_len = 6;
	return put(WIRE_FIND, sizeof m.by_text, "a-b.C_", NULL);
}

static size_t open_new(void)
{
	m.open.handle = 5;
	m.open.rights = WIRE_READ | WIRE_WRITE | WIRE_CREATE;
	m.open.flags = WIRE_OPEN_EXCLUSIVE | WIRE_OPEN_TRUNCATE | WIRE_OPEN_NOFOLLOW | WIRE_OPEN_NONBLOCK;
	m.open.mode = 0777;
	m.open.text_len = 3;
	return put(WIRE_OPEN, sizeof m.open, "a/b", NULL);
}

static size_t open_folder(void)
{
	m.open.handle = 5;
	m.open.rights = WIRE_READ;
	m.open.flags = WIRE_OPEN_DIRECTORY;
	return put(WIRE_OPEN, sizeof m.open, NULL, NULL);
}

static size_t make_folder(void)
{
	m.change.what = WIRE_MKDIR;
	m.change.mode = 0755;
	m.change.text_len = 3;
	return put(WIRE_CHANGE, sizeof m.change, "new", NULL);
}

static size_t rename_it(void)
{
	m.change.what = WIRE_RENAME;
	m.change.text_len = 3;
	m.change.second_len = 5;
	return put(WIRE_CHANGE, sizeof m.change, "old", "a/new");
}

static size_t socket_of(void)
{
	return put(WIRE_SOCKET, sizeof m.socket, NULL, NULL);
}

static size_t derive(void)
{
	m.derive.rights = WIRE_READ | WIRE_PASS;
	m.derive.flags = WIRE_DERIVE_REVOCABLE;
	m.derive.until_ms = UINT64_MAX;
	m.derive.times = UINT32_MAX;
	m.derive.name_len = 4;
	m.derive.path_len = 2;
	return put(WIRE_DERIVE, sizeof m.derive, "name", "ab");
}

static size_t claim(void)
{
	return put(WIRE_CLAIM, sizeof m.claim, NULL, NULL);
}

static size_t client(void)
{
	m.client.count = 2;
	m.client.handles[0] = 9;
	m.client.handles[1] = 8;
	return put(WIRE_CLIENT, sizeof m.client, NULL, NULL);
}

static size_t request(void)
{
	m.request.rights = WIRE_READ;
	m.request.kind = WIRE_TREE;
	m.request.text_len = 2;
	m.request.reason_len = 3;
	return put(WIRE_REQUEST, sizeof m.request, "/a", "why");
}

static size_t welcome(void)
{
	m.hello.limit_held = 1024;
	m.hello.limit_rate = 1000;
	return put(WIRE_WELCOME, sizeof m.hello, NULL, NULL);
}

static size_t listed(void)
{
	m.listed.count = 2;
	m.listed.more = 1;
	for (uint32_t i = 0; i < 2; i++) {
		m.listed.entries[i] = (struct wire_entry){
		    .handle = 10 + i, .kind = WIRE_LISTEN, .rights = WIRE_RIGHTS, .flags = WIRE_ENTRY_FLAGS};
		memset(m.listed.entries[i].name, 'x', i ? 1 : WIRE_NAME_MAX);
	}
	return put(WIRE_LISTED, sizeof m.listed + 2 * sizeof(struct wire_entry), NULL, NULL);
}

static size_t handle(void)
{
	m.handle.handle = 1;
	return put(WIRE_HANDLE, sizeof m.handle, NULL, NULL);
}

static size_t done(void)
{
	return put(WIRE_DONE, sizeof m.done, NULL, NULL);
}

static size_t refused(void)
{
	m.refused.code = -EACCES;
	m.refused.text_len = 2;
	return put(WIRE_REFUSED, sizeof m.refused, "no", NULL);
}

static const struct right {
	size_t (*make)(void);
	int is_reply, fds_min, fds_max;
} right[] = {
    {hello, 0, 0, 0},       {list, 0, 0, 0},      {find, 0, 0, 0},      {open_new, 0, 0, 0}, {open_folder, 0, 0, 0},
    {make_folder, 0, 0, 0}, {rename_it, 0, 0, 0}, {socket_of, 0, 0, 0}, {derive, 0, 0, 0},   {claim, 0, 1, 1},
    {client, 0, 0, 0},      {request, 0, 0, 0},   {welcome, 1, 0, 0},   {listed, 1, 0, 0},   {handle, 1, 0, 0},
    {done, 1, 0, 1},        {refused, 1, 0, 0},
};
#define RIGHT ((int)(sizeof right / sizeof *right))

/* What is behind the packet's end is not to be touched: it is checked in a block of its own size. */
static int check_exactly(const struct right *r, size_t size, int fds)
{
	void *block = malloc(size > 0 ? size : 1);
	const union wire_message *exact = block;

	memcpy(block, &m, size);
	err.text[0] = '\0';
	memset(&texts, 0xee, sizeof texts);
	int rc =
	    r->is_reply ? wire_check_reply(exact, size, fds, &texts, &err) : wire_check_request(exact, size, fds, &texts, &err);
	free(block);
	return rc;
}

static void expect_bad(const struct right *r, size_t size, int fds, const char *what)
{
	int rc = check_exactly(r, size, fds);

	ck_assert_msg(rc == -EBADMSG, "message %d with %s: %d", (int)(r - right), what, rc);
	ck_assert_str_ne(err.text, "");
	ck_assert_ptr_null(texts.first);
	ck_assert_uint_eq(texts.first_len, 0);
}

static size_t make(const struct right *r)
{
	memset(&m, 0, sizeof m);
	return r->make();
}

/* ------------------------------------------------------------------------------------------------------------------------ */

START_TEST(as_it_should_be)
{
	const struct right *r = &right[_i];

	for (int fds = r->fds_min; fds <= r->fds_max; fds++) {
		int rc = check_exactly(r, make(r), fds);
		ck_assert_msg(rc == 0, "%s", err.text);
	}
}
END_TEST

START_TEST(spoilt_head)
{
	const struct right *r = &right[_i];
	const size_t size = make(r);

	m.head.version++;
	expect_bad(r, size, r->fds_min, "another version");
	make(r);
	m.head.version = 0;
	expect_bad(r, size, r->fds_min, "version 0");
	const uint32_t types[] = {0, WIRE_REQUEST_END, WIRE_WELCOME - 1, WIRE_REPLY_END, UINT32_MAX, 0x80000000u + m.head.type};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		make(r);
		m.head.type = types[i];
		expect_bad(r, size, r->fds_min, "an unknown type");
	}
	make(r);
	m.head.size++;
	expect_bad(r, size, r->fds_min, "a size too big");
	m.head.size -= 2;
	expect_bad(r, size, r->fds_min, "a size too small");
	expect_bad(r, 0, r->fds_min, "no byte");
	make(r);
	expect_bad(r, size, r->fds_max + 1, "one descriptor more");
	expect_bad(r, size, 1000, "many descriptors");
	if (r->fds_min > 0)
		expect_bad(r, size, r->fds_min - 1, "no descriptor");
}
END_TEST

/* The other side's messages are not taken for ours. */
START_TEST(other_direction)
{
	struct right other = right[_i];

	other.is_reply = !other.is_reply;
	const size_t size = make(&other);
	ck_assert_int_eq(check_exactly(&other, size, other.fds_min), -EBADMSG);
}
END_TEST

START_TEST(cut_or_longer)
{
	const struct right *r = &right[_i];
	const size_t size = make(r);

	for (size_t n = 0; n < size; n++) {
		expect_bad(r, n, r->fds_min, "fewer bytes than it says");
		m.head.size = (uint32_t)n;
		expect_bad(r, n, r->fds_min, "fewer bytes than its type has");
		m.head.size = (uint32_t)size;
	}
	for (size_t n = size + 1; n <= sizeof m; n += n < size + 200 ? 1 : 331) {
		m.head.size = (uint32_t)n;
		expect_bad(r, n, r->fds_min, "more bytes");
	}
}
END_TEST

#define AT(member) offsetof(union wire_message, member), sizeof m.member
static const struct spoilt {
	size_t (*make)(void);
	size_t at, width;
	uint64_t value;
} spoilt[] = {
    {hello, AT(hello.limit_held), 1},
    {hello, AT(hello.limit_rate), 1},
    {find, AT(by_text.text_len), 5},
    {find, AT(by_text.text_len), 7},
    {find, AT(by_text.text_len), 0},
    {find, AT(by_text.text_len), UINT32_MAX},
    {find, AT(by_text.zero), 1},
    {find, sizeof m.by_text, 1, 0},
    {find, sizeof m.by_text, 1, ' '},
    {find, sizeof m.by_text + 5, 1, '/'},
    {open_new, AT(open.rights), 0},
    {open_new, AT(open.rights), WIRE_CREATE},
    {open_new, AT(open.rights), WIRE_READ | WIRE_APPEND | WIRE_CREATE},
    {open_new, AT(open.rights), WIRE_WRITE | WIRE_APPEND | WIRE_CREATE},
    {open_new, AT(open.rights), WIRE_READ | WIRE_WRITE | WIRE_CREATE | WIRE_PASS},
    {open_new, AT(open.rights), WIRE_READ | WIRE_WRITE | WIRE_CREATE | 1u << 31},
    {open_new, AT(open.rights), WIRE_READ | WIRE_CREATE}, /* TRUNCATE */
    {open_new, AT(open.rights), WIRE_READ | WIRE_WRITE},  /* EXCLUSIVE, a mode */
    {open_new, AT(open.flags), WIRE_OPEN_FLAGS + 1},
    {open_new, AT(open.flags), WIRE_OPEN_DIRECTORY},
    {open_new, AT(open.mode), 01777},
    {open_new, AT(open.mode), UINT32_MAX},
    {open_new, AT(open.text_len), 0},
    {open_new, AT(open.text_len), 4},
    {open_new, AT(open.text_len), (uint32_t)-40},
    {open_new, AT(open.text_len), UINT32_MAX},
    {open_new, sizeof m.open + 1, 1, 0},
    {open_folder, AT(open.rights), WIRE_READ | WIRE_WRITE},
    {open_folder, AT(open.rights), WIRE_READ | WIRE_CREATE},
    {open_folder, AT(open.rights), WIRE_WRITE},
    {open_folder, AT(open.rights), WIRE_APPEND},
    {open_folder, AT(open.flags), WIRE_OPEN_DIRECTORY | WIRE_OPEN_TRUNCATE},
    {open_folder, AT(open.flags), WIRE_OPEN_EXCLUSIVE},
    {open_folder, AT(open.mode), 0644},
    {make_folder, AT(change.what), 0},
    {make_folder, AT(change.what), WIRE_CHANGES},
    {make_folder, AT(change.what), WIRE_UNLINK}, /* with a mode */
    {make_folder, AT(change.what), WIRE_RENAME}, /* with one path */
    {make_folder, AT(change.mode), 02755},
    {make_folder, AT(change.text_len), 0},
    {make_folder, AT(change.text_len), UINT32_MAX},
    {make_folder, AT(change.second_len), 1},
    {make_folder, sizeof m.change, 1, 0},
    {rename_it, AT(change.mode), 1},
    {rename_it, AT(change.what), WIRE_RMDIR},
    {rename_it, AT(change.text_len), 0},
    {rename_it, AT(change.text_len), 4},
    {rename_it, AT(change.second_len), 0},
    {rename_it, AT(change.second_len), (uint32_t)-3},
    {rename_it, sizeof m.change + 3, 1, 0},
    {socket_of, AT(socket.flags), 1},
    {socket_of, AT(socket.zero), 1},
    {derive, AT(derive.rights), 1u << 9},
    {derive, AT(derive.rights), 1u << 4},
    {derive, AT(derive.flags), 2},
    {derive, AT(derive.name_len), 0},
    {derive, AT(derive.name_len), 3},
    {derive, AT(derive.name_len), WIRE_NAME_MAX + 1},
    {derive, AT(derive.path_len), 3},
    {derive, AT(derive.path_len), UINT32_MAX},
    {derive, AT(derive.zero), 1},
    {derive, sizeof m.derive, 1, '/'},
    {derive, sizeof m.derive + 4, 1, 0},
    {claim, AT(claim.zero[0]), 1},
    {claim, AT(claim.zero[1]), 1},
    {client, AT(client.count), 1},
    {client, AT(client.count), 3},
    {client, AT(client.count), WIRE_GIVE_MAX + 1},
    {client, AT(client.count), UINT32_MAX},
    {client, AT(client.zero), 1},
    {client, AT(client.handles[0]), 0},
    {client, AT(client.handles[2]), 1},
    {client, AT(client.handles[WIRE_GIVE_MAX - 1]), 1},
    {request, AT(request.rights), 0},
    {request, AT(request.rights), 1u << 4},
    {request, AT(request.kind), WIRE_CONNECT},
    {request, AT(request.kind), WIRE_KINDS},
    {request, AT(request.text_len), 0},
    {request, AT(request.text_len), 3},
    {request, AT(request.reason_len), 0},
    {request, AT(request.reason_len), UINT32_MAX - 1},
    {request, sizeof m.request + 4, 1, 0},
    {listed, AT(listed.count), 0},
    {listed, AT(listed.count), 1},
    {listed, AT(listed.count), 3},
    {listed, AT(listed.count), WIRE_LIST_MAX + 1},
    {listed, AT(listed.count), UINT32_MAX},
    {listed, AT(listed.more), 2},
    {listed, AT(listed.entries[0].handle), 0},
    {listed, AT(listed.entries[0].handle), 11},
    {listed, AT(listed.entries[0].handle), 12},
    {listed, AT(listed.entries[1].kind), WIRE_KINDS},
    {listed, AT(listed.entries[1].rights), 1u << 4},
    {listed, AT(listed.entries[1].flags), WIRE_ENTRY_FLAGS + 1},
    {listed, AT(listed.entries[0].times_left), 1}, /* and SPENT */
    {listed, AT(listed.entries[0].name[0]), 0},
    {listed, AT(listed.entries[0].name[0]), ' '},
    {listed, AT(listed.entries[0].name[WIRE_NAME_MAX]), 'x'}, /* a name too long */
    {listed, AT(listed.entries[0].name[WIRE_NAME_MAX + 3]), 'x'},
    {listed, AT(listed.entries[1].name[2]), 'x'},
    {handle, AT(handle.handle), 0},
    {done, AT(done.zero), 1},
    {refused, AT(refused.code), 0},
    {refused, AT(refused.code), 1},
    {refused, AT(refused.code), (uint32_t)-4096},
    {refused, AT(refused.code), 0x80000000u},
    {refused, AT(refused.text_len), 0},
    {refused, AT(refused.text_len), 1},
    {refused, AT(refused.text_len), UINT32_MAX},
    {refused, sizeof m.refused, 1, 0},
};

START_TEST(spoilt_field)
{
	const struct spoilt *s = &spoilt[_i];
	const struct right *r = right;

	while (r->make != s->make)
		r++;
	const size_t size = make(r);
	ck_assert_int_eq(check_exactly(r, size, r->fds_min), 0);
	memcpy(m.bytes + s->at, &s->value, s->width);
	expect_bad(r, size, r->fds_min, "a spoilt field");
}
END_TEST

START_TEST(texts_are_found)
{
	memset(&m, 0, sizeof m);
	size_t size = rename_it();
	ck_assert_int_eq(wire_check_request(&m, size, 0, &texts, &err), 0);
	ck_assert_uint_eq(texts.first_len, 3);
	ck_assert_mem_eq(texts.first, "old", 3);
	ck_assert_uint_eq(texts.second_len, 5);
	ck_assert_mem_eq(texts.second, "a/new", 5);
}
END_TEST

/* A text may be as long as it may, and not a byte longer. */
START_TEST(long_texts)
{
	memset(&m, 0, sizeof m);
	memset(m.bytes, 'x', sizeof m);
	memset(&m.open, 0, sizeof m.open);
	m.open.rights = WIRE_READ;
	m.open.text_len = WIRE_TEXT_MAX;
	put(WIRE_OPEN, sizeof m.open, NULL, NULL);
	m.head.size = sizeof m.open + WIRE_TEXT_MAX;
	ck_assert_int_eq(wire_check_request(&m, m.head.size, 0, &texts, &err), 0);
	ck_assert_uint_eq(texts.first_len, WIRE_TEXT_MAX);
	m.open.text_len++;
	m.head.size++;
	ck_assert_int_eq(wire_check_request(&m, m.head.size, 0, &texts, &err), -EBADMSG);
}
END_TEST

START_TEST(whole_packet_at_most)
{
	memset(&m, 0, sizeof m);
	const size_t size = hello();
	m.head.size = WIRE_MAX + 1;
	ck_assert_int_eq(wire_check_request(&m, WIRE_MAX + 1, 0, &texts, &err), -EBADMSG);
	m.head.size = (uint32_t)size;
	ck_assert_int_eq(wire_check_request(&m, size, 0, &texts, &err), 0);
}
END_TEST

START_TEST(names)
{
	const char *good[] = {"a", "Z", "0", "a.b-c_d", "...", "-x"};
	const char *bad[] = {"", " ", "a b", "a/b", "a\n", "\xc3\xa4", "a:", "@"};
	char longest[WIRE_NAME_MAX + 1];

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ck_assert_msg(wire_is_name(good[i], strlen(good[i])), "%s", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!wire_is_name(bad[i], strlen(bad[i])), "%s", bad[i]);
	memset(longest, 'n', sizeof longest);
	ck_assert(wire_is_name(longest, WIRE_NAME_MAX));
	ck_assert(!wire_is_name(longest, WIRE_NAME_MAX + 1));
	ck_assert(!wire_is_name("a\0b", 3));
}
END_TEST

START_TEST(parts)
{
	const char *good[] = {"a", "a/b", "...", "a/..b/.c", ".git", "a b\n", "\xff"};
	const char *bad[] = {"", "/", "/a", "a/", "a//b", ".", "..", "a/.", "a/..", "../a", "./a", "a/../b", "a/./b"};
	static char longest[WIRE_TEXT_MAX + 1];

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ck_assert_msg(wire_is_part(good[i], strlen(good[i])), "%s", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!wire_is_part(bad[i], strlen(bad[i])), "%s", bad[i]);
	memset(longest, 'p', sizeof longest);
	ck_assert(wire_is_part(longest, WIRE_TEXT_MAX));
	ck_assert(!wire_is_part(longest, WIRE_TEXT_MAX + 1));
	ck_assert(!wire_is_part("a\0b", 3));
}
END_TEST

Suite *wire_suite(void)
{
	Suite *s = suite_create("wire");
	TCase *tc = tcase_create("wire");

	tcase_add_loop_test(tc, as_it_should_be, 0, RIGHT);
	tcase_add_loop_test(tc, spoilt_head, 0, RIGHT);
	tcase_add_loop_test(tc, other_direction, 0, RIGHT);
	tcase_add_loop_test(tc, cut_or_longer, 0, RIGHT);
	tcase_add_loop_test(tc, spoilt_field, 0, sizeof spoilt / sizeof *spoilt);
	tcase_add_test(tc, texts_are_found);
	tcase_add_test(tc, long_texts);
	tcase_add_test(tc, whole_packet_at_most);
	tcase_add_test(tc, names);
	tcase_add_test(tc, parts);
	suite_add_tcase(s, tc);
	return s;
}
