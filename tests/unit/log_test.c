/* The broker's log: a line is JSON whatever is in it, is written whole or counted as lost, and nothing waits for its reader. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/log.h"

static int ends[2];
static struct log out;
static char text[4 * PIPE_BUF];
static struct held held = {.object = NULL, .source = "x.policy", .line = 3};
static struct cap cap = {.handle = 4096, .rights = WIRE_READ | WIRE_PASS, .name = "data"};

static void set_up(void)
{
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	out = (struct log){.fd = ends[1], .sandbox = 77};
	held.object = strdup("/srv/data");
}

static void tear_down(void)
{
	close(ends[0]);
	close(ends[1]);
	free(held.object);
}

static size_t read_all(void)
{
	const ssize_t n = read(ends[0], text, sizeof text - 1);

	text[n < 0 ? 0 : n] = '\0';
	return n < 0 ? 0 : (size_t)n;
}

/* Write LINE; what comes behind the time. */
static const char *written(const struct log_line *line)
{
	log_write(&out, line);
	ck_assert_uint_gt(read_all(), 36);
	ck_assert_int_eq(strncmp(text, "{\"time\":\"20", 11), 0);
	ck_assert_int_eq(text[32], 'Z');
	return text + 34;
}

static struct log_line line_of(const char *path, size_t len)
{
	return (struct log_line){.event = "use",
				 .pid = 5,
				 .client = 2,
				 .cap = &cap,
				 .held = &held,
				 .path = path,
				 .path_len = len,
				 .rights = WIRE_READ};
}

/* What PATH looks like in a line. */
static const char *path_of(const char *path, size_t len)
{
	const struct log_line line = line_of(path, len);
	const char *rest = strstr(written(&line), "\"path\":\"");

	ck_assert_ptr_nonnull(rest);
	char *end = strstr(rest, "\",\"rights\"");
	ck_assert_ptr_nonnull(end);
	*end = '\0';
	return rest + strlen("\"path\":\"");
}

START_TEST(a_line)
{
	const struct log_line line = line_of("a/b", 3);

	ck_assert_str_eq(
	    written(&line),
	    ",\"sandbox\":77,\"pid\":5,\"client\":2,\"event\":\"use\",\"capability\":4096,\"name\":\"data\","
	    "\"object\":\"/srv/data\",\"path\":\"a/b\",\"rights\":[\"read\"],\"line\":\"x.policy:3\",\"code\":0}\n");
}
END_TEST

START_TEST(a_line_about_nothing_held)
{
	const struct log_line line = {.event = "end", .client = 1, .code = -EBADMSG, .why = "why"};

	ck_assert_str_eq(written(&line),
			 ",\"sandbox\":77,\"pid\":0,\"client\":1,\"event\":\"end\",\"code\":-74,\"why\":\"why\"}\n");
}
END_TEST

START_TEST(bytes_become_json)
{
	static const struct {
		const char *bytes, *json;
	} rows[] = {
	    {"plain \x7e", "plain ~"},
	    {"\"\\/", "\\\"\\\\/"},
	    {"\x01\n\t\x1f\x7f", "\\u0001\\u000a\\u0009\\u001f\\u007f"},
	    {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
	    {"\xff", "\xef\xbf\xbd"},
	    {"a\x80z", "a\xef\xbf\xbdz"},
	    {"\xc3", "\xef\xbf\xbd"},                                 /* cut short */
	    {"\xc3(", "\xef\xbf\xbd("},                               /* no continuation */
	    {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},                 /* a slash in two bytes */
	    {"\xe0\x80\xaf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* and in three */
	    {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* half of a pair */
	    {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		ck_assert_str_eq(path_of(rows[i].bytes, strlen(rows[i].bytes)), rows[i].json);
}
END_TEST

START_TEST(a_line_always_fits)
{
	char path[WIRE_TEXT_MAX], why[1024], object[2048], source[256];
	const char worst[] = {'\x01', '\xff', '"', 'a'};

	for (size_t i = 0; i < sizeof worst; i++) {
		memset(path, worst[i], sizeof path);
		memset(why, worst[i], sizeof why - 1);
		memset(object, worst[i], sizeof object - 1);
		memset(source, worst[i], sizeof source - 1);
		why[sizeof why - 1] = object[sizeof object - 1] = source[sizeof source - 1] = '\0';
		struct held large = {.object = object, .source = source, .line = UINT32_MAX};
		struct log_line line = line_of(path, sizeof path);
		line.held = &large;
		line.why = why;
		line.parent = UINT64_MAX;
		out.lost = UINT64_MAX - 1;
		log_write(&out, &line);
		const size_t n = read_all();
		ck_assert_uint_gt(n, 1000);
		ck_assert_uint_le(n, PIPE_BUF);
		ck_assert_str_eq(text + n - 3, "\"}\n");
		ck_assert_uint_eq(out.lost, 0);
	}
}
END_TEST

START_TEST(what_is_lost_is_told)
{
	const struct log_line line = line_of("x", 1);
	static const char full[PIPE_BUF];

	while (write(ends[1], full, sizeof full) > 0)
		;
	log_write(&out, &line);
	log_write(&out, &line);
	ck_assert_uint_eq(out.lost, 2);
	while (read(ends[0], text, sizeof text) > 0)
		;
	log_write(&out, &line);
	ck_assert_uint_gt(read_all(), 0);
	ck_assert_int_eq(strncmp(text, "{\"lost\":2}\n{\"time\":", 19), 0);
	ck_assert_uint_eq(out.lost, 0);
	log_write(&out, &line);
	ck_assert_uint_gt(read_all(), 0);
	ck_assert_int_eq(strncmp(text, "{\"time\":", 8), 0);
}
END_TEST

/* The supervisor holds its signals and passes them on: this one is not for the program. */
START_TEST(no_signal_is_left_of_a_reader_who_went)
{
	const struct log_line line = line_of("x", 1);
	sigset_t pipe, pending;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigprocmask(SIG_BLOCK, &pipe, NULL);
	close(ends[0]);
	log_write(&out, &line);
	ck_assert_uint_eq(out.lost, 1);
	ck_assert_int_eq(sigpending(&pending), 0);
	ck_assert_int_eq(sigismember(&pending, SIGPIPE), 0);
	ends[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
}
END_TEST

START_TEST(without_a_log_nothing_is_written)
{
	const struct log_line line = line_of("x", 1);

	out.fd = -1;
	log_write(&out, &line);
	ck_assert_uint_eq(out.lost, 0);
}
END_TEST

/* A datagram's field NAME, whose value is TEXT; both are followed by a line's end. */
static int has_field(const char *bytes, size_t len, const char *name, const char *value)
{
	char field[256];
	const size_t n = strlen(name), v = strlen(value);
	const uint64_t size = v;

	memcpy(field, name, n);
	field[n] = '\n';
	memcpy(field + n + 1, &size, sizeof size); /* little-endian, as this machine is */
	memcpy(field + n + 9, value, v);
	field[n + 9 + v] = '\n';
	return memmem(bytes, len, field, n + 10 + v) != NULL;
}

START_TEST(the_journal_gets_fields)
{
	int pair[2];
	const struct log_line line = line_of("a\nb", 3);

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	out = (struct log){.fd = pair[1], .is_journal = 1, .sandbox = 77};
	log_write(&out, &line);
	const ssize_t n = recv(pair[0], text, sizeof text, 0);
	ck_assert_int_gt(n, 0);
	ck_assert(has_field(text, (size_t)n, "SYSLOG_IDENTIFIER", "endow"));
	ck_assert(has_field(text, (size_t)n, "PRIORITY", "6"));
	ck_assert(has_field(text, (size_t)n, "MESSAGE", "use read /srv/data/a b, process 5"));
	ck_assert(has_field(text, (size_t)n, "ENDOW_PATH", "a\nb"));
	ck_assert(has_field(text, (size_t)n, "ENDOW_OBJECT", "/srv/data"));
	ck_assert(has_field(text, (size_t)n, "ENDOW_LINE", "x.policy:3"));
	ck_assert_int_eq(text[n - 1], '\n');
	close(pair[0]);
	close(pair[1]);
}
END_TEST

START_TEST(the_journal_is_told_of_what_is_lost)
{
	int pair[2];
	const struct log_line line = line_of("a", 1);
	uint64_t sent = 0;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	out = (struct log){.fd = pair[1], .is_journal = 1, .sandbox = 77};
	for (; out.lost == 0; sent++)
		log_write(&out, &line);
	log_write(&out, &line);
	ck_assert_uint_eq(out.lost, 2);
	for (uint64_t i = 0; i + 1 < sent; i++)
		ck_assert_int_gt(recv(pair[0], text, sizeof text, 0), 0);
	log_write(&out, &line);
	ck_assert_uint_eq(out.lost, 0);
	const ssize_t n = recv(pair[0], text, sizeof text, 0);
	ck_assert_int_gt(n, 0);
	ck_assert(has_field(text, (size_t)n, "ENDOW_LOST", "2"));
	ck_assert(has_field(text, (size_t)n, "PRIORITY", "4"));
	ck_assert_int_gt(recv(pair[0], text, sizeof text, 0), 0);
	close(pair[0]);
	close(pair[1]);
}
END_TEST

Suite *log_suite(void);
Suite *log_suite(void)
{
	Suite *s = suite_create("log");
	TCase *c = tcase_create("log");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, a_line);
	tcase_add_test(c, a_line_about_nothing_held);
	tcase_add_test(c, bytes_become_json);
	tcase_add_test(c, a_line_always_fits);
	tcase_add_test(c, what_is_lost_is_told);
	tcase_add_test(c, no_signal_is_left_of_a_reader_who_went);
	tcase_add_test(c, without_a_log_nothing_is_written);
	tcase_add_test(c, the_journal_gets_fields);
	tcase_add_test(c, the_journal_is_told_of_what_is_lost);
	suite_add_tcase(s, c);
	return s;
}
