/* libendow against a broker that is wrong in every way it can be, and with threads, signals and numbers that run out. */
#include <check.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "libendow/endow.h"
#include "wire.h"

Suite *client_suite(void);

static int ours, theirs; /* ours is the broker's end */
static struct endow *e;

/* The broker ------------------------------------------------------------------------------------------------------------ */

static void send_with(const void *bytes, size_t size, int count)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(8 * sizeof(int))];
	} control = {0};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	int fds[8] = {0};

	if (count > 0) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
		memcpy(CMSG_DATA(&control.head), fds, (size_t)count * sizeof(int));
	}
	ck_assert_int_eq(sendmsg(ours, &msg, MSG_NOSIGNAL), (ssize_t)size);
}

static uint32_t receive(union wire_message *m)
{
	struct wire_texts texts;
	struct err err;
	const ssize_t n = recv(ours, m, sizeof *m, 0);

	if (n <= 0)
		return 0;
	ck_assert_int_eq(wire_check_request(m, (size_t)n, m->head.type == WIRE_CLAIM, &texts, &err), 0);
	return m->head.type;
}

static void reply(union wire_message *m, uint32_t type, size_t size, int fds)
{
	m->head.type = type;
	m->head.size = (uint32_t)size;
	send_with(m, size, fds);
}

static void welcome(union wire_message *m)
{
	m->hello.limit_held = 1024;
	m->hello.limit_rate = 1000;
	reply(m, WIRE_WELCOME, sizeof m->hello, 0);
}

struct script {
	void (*act)(union wire_message *m);   /* upon each request but HELLO */
	void (*first)(union wire_message *m); /* upon HELLO; NULL: welcome() */
};

static void *serve(void *arg)
{
	const struct script *script = arg;
	static union wire_message m;

	for (uint32_t type; (type = receive(&m)) != 0;) {
		if (type != WIRE_HELLO)
			script->act(&m);
		else if (script->first)
			script->first(&m);
		else
			welcome(&m);
	}
	return NULL;
}

static pthread_t thread;

static int begin(struct script *script)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	ours = ends[0];
	theirs = ends[1];
	ck_assert_int_eq(pthread_create(&thread, NULL, serve, script), 0);
	return endow_attach(theirs, &e);
}

static void end(void)
{
	endow_close(e);
	e = NULL;
	pthread_join(thread, NULL);
	close(ours);
}

static int count_fds(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* Wrong replies --------------------------------------------------------------------------------------------------------- */

static void no_reply(union wire_message *m)
{
	(void)m;
	shutdown(ours, SHUT_RDWR);
}

static void another_serial(union wire_message *m)
{
	m->head.serial++;
	m->done.zero = 0;
	reply(m, WIRE_DONE, sizeof m->done, 1);
}

static void another_type(union wire_message *m)
{
	m->handle.handle = 5;
	reply(m, WIRE_HANDLE, sizeof m->handle, 0);
}

static void another_version(union wire_message *m)
{
	m->head.version = 2;
	m->done.zero = 0;
	reply(m, WIRE_DONE, sizeof m->done, 1);
}

static void no_descriptor(union wire_message *m)
{
	m->done.zero = 0;
	reply(m, WIRE_DONE, sizeof m->done, 0);
}

static void two_descriptors(union wire_message *m)
{
	m->done.zero = 0;
	reply(m, WIRE_DONE, sizeof m->done, 2);
}

static void many_descriptors(union wire_message *m)
{
	m->done.zero = 0;
	reply(m, WIRE_DONE, sizeof m->done, 8);
}

static void with_refusal(union wire_message *m)
{
	m->refused.code = -EACCES;
	m->refused.text_len = 1;
	m->bytes[sizeof m->refused] = 'x';
	reply(m, WIRE_REFUSED, sizeof m->refused + 1, 1);
}

static void short_one(union wire_message *m)
{
	send_with(m, 7, 0);
}

static void long_one(union wire_message *m)
{
	static char bytes[2 * WIRE_MAX];

	memcpy(bytes, &m->head, sizeof m->head);
	send_with(bytes, sizeof bytes, 1);
}

static void a_request(union wire_message *m)
{
	send_with(m, m->head.size, 0);
}

static struct {
	void (*act)(union wire_message *m);
	int code;
} wrong[] = {{no_reply, EPIPE},        {another_serial, EBADMSG},  {another_type, EBADMSG},     {another_version, EBADMSG},
	     {no_descriptor, EBADMSG}, {two_descriptors, EBADMSG}, {many_descriptors, EBADMSG}, {with_refusal, EBADMSG},
	     {short_one, EBADMSG},     {long_one, EBADMSG},        {a_request, EBADMSG}};

START_TEST(wrong_reply)
{
	struct script script = {.act = wrong[_i].act};
	char words[64] = "";

	ck_assert_int_eq(begin(&script), 0);
	const int before = count_fds();
	ck_assert_int_eq(endow_open(e, 5, NULL, O_RDONLY, 0), -wrong[_i].code);
	ck_assert_int_gt(endow_message(e, words, sizeof words), 20);
	ck_assert_int_eq(strncmp(words, "the connection to the broker has ended: ", 40), 0);
	ck_assert_int_eq(count_fds(), before); /* nothing that came is left open */
	ck_assert_int_eq(endow_list(e, NULL, 0), -EPIPE);
	end();
}
END_TEST

/* For a change no descriptor belongs to the reply. */
static void one_descriptor(union wire_message *m)
{
	m->done.zero = 0;
	reply(m, WIRE_DONE, sizeof m->done, 1);
}

START_TEST(descriptor_where_none_belongs)
{
	struct script script = {.act = one_descriptor};

	ck_assert_int_eq(begin(&script), 0);
	const int before = count_fds();
	ck_assert_int_eq(endow_drop(e, 5), -EBADMSG);
	ck_assert_int_eq(count_fds(), before);
	end();
}
END_TEST

/* Right ones ------------------------------------------------------------------------------------------------------------ */

static void refuse(union wire_message *m)
{
	m->refused.code = -ENOSPC;
	m->refused.text_len = 10;
	memcpy(m->bytes + sizeof m->refused, "no \x1b[1mfor", 10);
	reply(m, WIRE_REFUSED, sizeof m->refused + 10, 0);
}

START_TEST(refused)
{
	struct script script = {.act = refuse};
	char words[64] = "", few[4];

	ck_assert_int_eq(begin(&script), 0);
	ck_assert_int_eq(endow_drop(e, 5), -ENOSPC);
	ck_assert_int_eq(endow_message(e, words, sizeof words), 10);
	ck_assert_str_eq(words, "no ?[1mfor");
	ck_assert_int_eq(endow_message(e, few, sizeof few), 10);
	ck_assert_str_eq(few, "no ");
	ck_assert_int_eq(endow_drop(e, 5), -ENOSPC); /* it goes on */
	ck_assert_str_eq(endow_strerror(-ENOSPC), "No space left on device");
	end();
}
END_TEST

START_TEST(close_on_exec)
{
	struct script script = {.act = one_descriptor};

	ck_assert_int_eq(begin(&script), 0);
	ck_assert_int_eq(fcntl(endow_fileno(e), F_GETFD), FD_CLOEXEC);
	int fd = endow_open(e, 5, NULL, O_RDONLY, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	end();
}
END_TEST

START_TEST(no_number_left)
{
	struct script script = {.act = one_descriptor};
	struct rlimit had, few;

	ck_assert_int_eq(begin(&script), 0);
	int lowest = dup(0);
	close(lowest);
	getrlimit(RLIMIT_NOFILE, &had);
	few = (struct rlimit){.rlim_cur = (rlim_t)lowest, .rlim_max = had.rlim_max};
	setrlimit(RLIMIT_NOFILE, &few);
	int rc = endow_open(e, 5, NULL, O_RDONLY, 0);
	setrlimit(RLIMIT_NOFILE, &had);
	ck_assert_int_eq(rc, -EMFILE);
	rc = endow_open(e, 5, NULL, O_RDONLY, 0);
	ck_assert_int_ge(rc, 0);
	close(rc);
	end();
}
END_TEST

/* What an earlier program on this connection has not read. */
static void stale_first(union wire_message *m)
{
	const uint32_t serial = m->head.serial;

	for (uint32_t i = 1; i < 4; i++) {
		m->head.serial = serial + 1000 * i;
		m->done.zero = 0;
		reply(m, WIRE_DONE, sizeof m->done, (int)i - 1 > 1 ? 1 : (int)i - 1);
	}
	m->head.serial = serial;
	welcome(m);
}

START_TEST(stale_replies)
{
	struct script script = {.act = one_descriptor, .first = stale_first};
	const int before = count_fds();

	ck_assert_int_eq(begin(&script), 0);
	ck_assert_int_eq(count_fds(), before + 2);
	end();
}
END_TEST

START_TEST(no_broker)
{
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(endow_attach(ends[0], &e), -ENOTCONN);
	ck_assert_ptr_null(e);
	ck_assert_int_eq(fcntl(ends[0], F_GETFD), 0); /* untouched */
	ck_assert_int_eq(endow_attach(-1, &e), -ENOTCONN);
	const char *values[] = {"", "-1", "3x", "x", " 3", "99999999999999999999", "4096"};
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		setenv("ENDOW_FD", values[i], 1);
		ck_assert_int_eq(endow_connect_broker(&e), -ENOTCONN);
	}
	unsetenv("ENDOW_FD");
	ck_assert_int_eq(endow_connect_broker(&e), -ENOTCONN);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

/* Refused on this side: the broker's script would abort the test by answering. */
static void never(union wire_message *m)
{
	ck_abort_msg("a request of type %u was sent", m->head.type);
}

START_TEST(refused_here)
{
	struct script script = {.act = never};
	struct endow_terms terms = {.name = "x", .reserved = 1};
	static char text[WIRE_TEXT_MAX + 2];
	endow_handle handles[WIRE_GIVE_MAX + 1] = {1};

	ck_assert_int_eq(begin(&script), 0);
	memset(text, 'x', sizeof text - 1);
	ck_assert_int_eq(endow_open(e, 1, text, O_RDONLY, 0), -ENAMETOOLONG);
	ck_assert_int_eq(endow_open(e, 1, NULL, O_PATH, 0), -EINVAL);
	ck_assert_int_eq(endow_open(e, 1, NULL, O_RDWR | O_APPEND, 0), -EINVAL);
	ck_assert_int_eq(endow_open(e, 1, NULL, O_ACCMODE, 0), -EINVAL);
	ck_assert_int_eq(endow_open(e, 1, NULL, O_RDONLY | O_TRUNC, 0), -EINVAL);
	ck_assert_int_eq(endow_open(e, 1, NULL, O_WRONLY | O_EXCL, 0), -EINVAL);
	ck_assert_int_eq(endow_open(e, 1, "x", O_WRONLY | O_CREAT, 04755), -EINVAL);
	ck_assert_int_eq(endow_find(e, "", handles), -EINVAL);
	ck_assert_int_eq(endow_find(e, text, handles), -EINVAL);
	ck_assert_int_eq(endow_find(e, NULL, handles), -EINVAL);
	ck_assert_int_eq(endow_find(e, "x", NULL), -EINVAL);
	ck_assert_int_eq(endow_derive(e, 1, &terms, handles), -EINVAL);
	ck_assert_int_eq(endow_derive(e, 1, NULL, handles), -EINVAL);
	ck_assert_int_eq(endow_mkdir(e, 1, NULL, 0777), -EINVAL);
	ck_assert_int_eq(endow_rename(e, 1, "x", ""), -EINVAL);
	ck_assert_int_eq(endow_claim(e, -1, handles), -EBADF);
	ck_assert_int_eq(endow_claim(e, 200, handles), -EBADF);
	ck_assert_int_eq(endow_client(e, handles, WIRE_GIVE_MAX + 1), -E2BIG);
	ck_assert_int_eq(endow_client(e, (endow_handle[]){1, 0}, 2), -EINVAL);
	ck_assert_int_eq(endow_request(e, ENDOW_FILE, ENDOW_READ, "x", NULL, handles), -EINVAL);
	ck_assert_int_eq(endow_request(e, ENDOW_LISTEN, ENDOW_READ, "/x", NULL, handles), -EINVAL);
	ck_assert_int_eq(endow_drop(NULL, 1), -EINVAL);
	ck_assert_int_eq(endow_list(e, NULL, 1), -EINVAL);
	end();
}
END_TEST

/* Threads and signals --------------------------------------------------------------------------------------------------- */

/* The handle that comes back is the number in the name. */
static void echo(union wire_message *m)
{
	char digits[WIRE_NAME_MAX + 1] = "";

	memcpy(digits, m->bytes + sizeof m->by_text, m->by_text.text_len);
	m->handle.handle = strtoull(digits, NULL, 10);
	reply(m, WIRE_HANDLE, sizeof m->handle, 0);
}

static void *ask_often(void *arg)
{
	const unsigned long base = (unsigned long)(uintptr_t)arg;
	char name[32];

	for (unsigned long i = 1; i <= 500; i++) {
		endow_handle handle = 0;
		snprintf(name, sizeof name, "%lu", base + i);
		if (endow_find(e, name, &handle) < 0 || handle != base + i)
			return (void *)(uintptr_t)1; /* another's reply */
	}
	return NULL;
}

static void interrupted(int sig)
{
	(void)sig;
}

START_TEST(threads_and_signals)
{
	const struct itimerval often = {{0, 200}, {0, 200}}, stop = {{0, 0}, {0, 0}};
	const struct sigaction act = {.sa_handler = interrupted}; /* no SA_RESTART */
	struct script script = {.act = echo};
	sigset_t alarm;
	pthread_t threads[4];

	/* The broker's thread is not to be interrupted. */
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm, NULL);
	ck_assert_int_eq(begin(&script), 0);
	pthread_sigmask(SIG_UNBLOCK, &alarm, NULL);
	fcntl(theirs, F_SETFL, _i ? O_NONBLOCK : 0);
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (uintptr_t i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_often, (void *)(i * 100000)), 0);
	for (int i = 0; i < 4; i++) {
		void *failed;
		pthread_join(threads[i], &failed);
		ck_assert_ptr_null(failed);
	}
	setitimer(ITIMER_REAL, &stop, NULL);
	end();
}
END_TEST

/* The broker's thread would stay outside. */
START_TEST(enclosing_one_thread_of_two)
{
	struct script script = {.act = never};

	ck_assert_int_eq(begin(&script), 0);
	ck_assert_int_eq(endow_enclose(ENDOW_NO_FILES), -EBUSY);
	ck_assert_int_eq(endow_enclose(0), -EINVAL);
	ck_assert_int_eq(endow_enclose(ENDOW_NO_FILES | 8), -EINVAL);
	int fd = open("/dev/null", O_RDONLY);
	ck_assert_int_ge(fd, 0); /* nothing was given up */
	close(fd);
	end();
}
END_TEST

Suite *client_suite(void)
{
	Suite *s = suite_create("client");
	TCase *tc = tcase_create("client");

	tcase_set_timeout(tc, 20);
	tcase_add_loop_test(tc, wrong_reply, 0, sizeof wrong / sizeof *wrong);
	tcase_add_test(tc, descriptor_where_none_belongs);
	tcase_add_test(tc, refused);
	tcase_add_test(tc, close_on_exec);
	tcase_add_test(tc, no_number_left);
	tcase_add_test(tc, stale_replies);
	tcase_add_test(tc, no_broker);
	tcase_add_test(tc, refused_here);
	tcase_add_test(tc, enclosing_one_thread_of_two);
	tcase_add_loop_test(tc, threads_and_signals, 0, 2);
	suite_add_tcase(s, tc);
	return s;
}
